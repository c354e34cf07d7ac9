// What Anthropic's models cost: micro-dollars per million tokens, which is pico-dollars per token.
// Rule: plain literals as published, oldest first within a family; nothing is computed on load.
// All 24 models the client prices and the three old ones that it does not.
import type { RateRow, Rates } from '../rate-card.ts';

const MEASURED =
  'client 2.1.330 catalog, every class measured 2026-11-21; platform.claude.com pricing and model pages agree';
const HOST_ONLY =
  'client 2.1.330 catalog, every class measured 2026-11-21; on no provider page found by that day';
const DOCS_ONLY =
  'platform.claude.com pricing page (stored copy, early 2026); no price in the client';

const HAIKU_3: Rates = {
  input: 250_000,
  output: 1_250_000,
  cacheRead: 30_000,
  cacheWrite5m: 300_000,
  cacheWrite1h: 500_000,
};
const HAIKU_3_5: Rates = {
  input: 800_000,
  output: 4_000_000,
  cacheRead: 80_000,
  cacheWrite5m: 1_000_000,
  cacheWrite1h: 1_600_000,
};
const HAIKU_4_5: Rates = {
  input: 1_000_000,
  output: 5_000_000,
  cacheRead: 100_000,
  cacheWrite5m: 1_250_000,
  cacheWrite1h: 2_000_000,
};
const HAIKU_5_5: Rates = {
  input: 100_000,
  output: 500_000,
  cacheRead: 10_000,
  cacheWrite5m: 125_000,
  cacheWrite1h: 200_000,
};
const HAIKU_5_5_LONG: Rates = {
  input: 500_000,
  output: 2_500_000,
  cacheRead: 50_000,
  cacheWrite5m: 625_000,
  cacheWrite1h: 1_000_000,
};
/** Sonnet 3 to 4.6. */
const SONNET_3_15: Rates = {
  input: 3_000_000,
  output: 15_000_000,
  cacheRead: 300_000,
  cacheWrite5m: 3_750_000,
  cacheWrite1h: 6_000_000,
};
/** Sonnet 5, and Sonnet 5.5 until its cache reads became cheaper. */
const SONNET_2_10: Rates = {
  input: 2_000_000,
  output: 10_000_000,
  cacheRead: 200_000,
  cacheWrite5m: 2_500_000,
  cacheWrite1h: 4_000_000,
};
const SONNET_5_5: Rates = {
  input: 2_000_000,
  output: 10_000_000,
  cacheRead: 100_000,
  cacheWrite5m: 2_500_000,
  cacheWrite1h: 4_000_000,
};
/** Opus 3, 4.0 and 4.1. */
const OPUS_15_75: Rates = {
  input: 15_000_000,
  output: 75_000_000,
  cacheRead: 1_500_000,
  cacheWrite5m: 18_750_000,
  cacheWrite1h: 30_000_000,
};
/** Opus 4.5 to 5. */
const OPUS_5_25: Rates = {
  input: 5_000_000,
  output: 25_000_000,
  cacheRead: 500_000,
  cacheWrite5m: 6_250_000,
  cacheWrite1h: 10_000_000,
};
const OPUS_5_5: Rates = {
  input: 4_000_000,
  output: 20_000_000,
  cacheRead: 200_000,
  cacheWrite5m: 5_000_000,
  cacheWrite1h: 8_000_000,
};
/** Opus 4.6 and 4.7 in fast mode: six times the standard price. */
const OPUS_FAST_30_150: Rates = {
  input: 30_000_000,
  output: 150_000_000,
  cacheRead: 3_000_000,
  cacheWrite5m: 37_500_000,
  cacheWrite1h: 60_000_000,
};
/** Opus 4.8 and 5 in fast mode. */
const OPUS_FAST_10_50: Rates = {
  input: 10_000_000,
  output: 50_000_000,
  cacheRead: 1_000_000,
  cacheWrite5m: 12_500_000,
  cacheWrite1h: 20_000_000,
};
const OPUS_5_5_FAST: Rates = {
  input: 8_000_000,
  output: 40_000_000,
  cacheRead: 400_000,
  cacheWrite5m: 10_000_000,
  cacheWrite1h: 16_000_000,
};
/** Fable and Mythos 5. */
const FABLE_5: Rates = {
  input: 10_000_000,
  output: 50_000_000,
  cacheRead: 1_000_000,
  cacheWrite5m: 12_500_000,
  cacheWrite1h: 20_000_000,
};
/** Fable and Mythos 5.1: cache reads at a fortieth of input, not a tenth. */
const FABLE_5_1: Rates = {
  input: 10_000_000,
  output: 50_000_000,
  cacheRead: 250_000,
  cacheWrite5m: 12_500_000,
  cacheWrite1h: 20_000_000,
};
/** Fable and Mythos 5.2. */
const FABLE_5_2: Rates = {
  input: 8_000_000,
  output: 40_000_000,
  cacheRead: 200_000,
  cacheWrite5m: 10_000_000,
  cacheWrite1h: 16_000_000,
};
const FABLE_5_2_FAST: Rates = {
  input: 16_000_000,
  output: 80_000_000,
  cacheRead: 400_000,
  cacheWrite5m: 20_000_000,
  cacheWrite1h: 32_000_000,
};

/** What most rows have in common. */
const PLAIN = {
  from: null,
  to: null,
  fast: null,
  longPrompt: null,
  hostPriced: true,
  source: MEASURED,
} as const;

export const rows: readonly RateRow[] = [
  {
    ...PLAIN,
    model: 'claude-3-haiku',
    family: 'haiku',
    rates: HAIKU_3,
    hostPriced: false,
    source: DOCS_ONLY,
  },
  { ...PLAIN, model: 'claude-3-5-haiku', family: 'haiku', rates: HAIKU_3_5 },
  { ...PLAIN, model: 'claude-haiku-4-5', family: 'haiku', rates: HAIKU_4_5 },
  {
    ...PLAIN,
    model: 'claude-haiku-5-5',
    family: 'haiku',
    from: '2026-10-07',
    rates: HAIKU_5_5,
    longPrompt: { aboveTokens: 100_000, rates: HAIKU_5_5_LONG },
  },
  {
    ...PLAIN,
    model: 'claude-3-sonnet',
    family: 'sonnet',
    rates: SONNET_3_15,
    hostPriced: false,
    source: 'launch price 3/15; cache rates unverified; no price in the client',
  },
  { ...PLAIN, model: 'claude-3-5-sonnet', family: 'sonnet', rates: SONNET_3_15 },
  { ...PLAIN, model: 'claude-3-7-sonnet', family: 'sonnet', rates: SONNET_3_15 },
  { ...PLAIN, model: 'claude-sonnet-4-0', family: 'sonnet', rates: SONNET_3_15 },
  { ...PLAIN, model: 'claude-sonnet-4-5', family: 'sonnet', rates: SONNET_3_15 },
  { ...PLAIN, model: 'claude-sonnet-4-6', family: 'sonnet', rates: SONNET_3_15 },
  // Announced as introductory to 2026-08-31; the rise to 3/15 was cancelled, so there is one row.
  { ...PLAIN, model: 'claude-sonnet-5', family: 'sonnet', from: '2026-06-30', rates: SONNET_2_10 },
  {
    ...PLAIN,
    model: 'claude-sonnet-5-5',
    family: 'sonnet',
    to: '2026-10-07',
    rates: SONNET_2_10,
    source:
      'cache read 0.20 until 2026-10-06: release notes of claudit 1.9.2 and PromptFuel 1.0.23',
  },
  {
    ...PLAIN,
    model: 'claude-sonnet-5-5',
    family: 'sonnet',
    from: '2026-10-07',
    rates: SONNET_5_5,
  },
  {
    ...PLAIN,
    model: 'claude-3-opus',
    family: 'opus',
    rates: OPUS_15_75,
    hostPriced: false,
    source: DOCS_ONLY,
  },
  { ...PLAIN, model: 'claude-opus-4-0', family: 'opus', rates: OPUS_15_75 },
  { ...PLAIN, model: 'claude-opus-4-1', family: 'opus', rates: OPUS_15_75 },
  { ...PLAIN, model: 'claude-opus-4-5', family: 'opus', rates: OPUS_5_25 },
  // Retired fast modes stay listed: the client still charges them when the server says `fast`.
  {
    ...PLAIN,
    model: 'claude-opus-4-6',
    family: 'opus',
    rates: OPUS_5_25,
    fast: OPUS_FAST_30_150,
  },
  {
    ...PLAIN,
    model: 'claude-opus-4-7',
    family: 'opus',
    rates: OPUS_5_25,
    fast: OPUS_FAST_30_150,
  },
  { ...PLAIN, model: 'claude-opus-4-8', family: 'opus', rates: OPUS_5_25, fast: OPUS_FAST_10_50 },
  {
    ...PLAIN,
    model: 'claude-opus-5',
    family: 'opus',
    from: '2026-07-24',
    rates: OPUS_5_25,
    fast: OPUS_FAST_10_50,
  },
  {
    ...PLAIN,
    model: 'claude-opus-5-5',
    family: 'opus',
    from: '2026-09-22',
    rates: OPUS_5_5,
    fast: OPUS_5_5_FAST,
  },
  { ...PLAIN, model: 'claude-fable-5', family: 'fable', from: '2026-06-09', rates: FABLE_5 },
  { ...PLAIN, model: 'claude-fable-5-1', family: 'fable', from: '2026-09-01', rates: FABLE_5_1 },
  {
    ...PLAIN,
    model: 'claude-fable-5-2',
    family: 'fable',
    rates: FABLE_5_2,
    fast: FABLE_5_2_FAST,
    source: HOST_ONLY,
  },
  { ...PLAIN, model: 'claude-mythos-5', family: 'mythos', rates: FABLE_5 },
  { ...PLAIN, model: 'claude-mythos-5-1', family: 'mythos', rates: FABLE_5_1 },
  {
    ...PLAIN,
    model: 'claude-mythos-5-2',
    family: 'mythos',
    rates: FABLE_5_2,
    fast: FABLE_5_2_FAST,
    source: HOST_ONLY,
  },
];
