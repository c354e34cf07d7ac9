// What the served messages cost, worked out by hand and apart from the product: the judge in tests.
// Rates are those the client 2.1.330 itself charges; the tests here hold claude-opus-4-7 against its totals.
import type { ApiUsage, ServedRequest } from './messages-api-stub.ts';

/** Pico-dollars per token: dollars per million tokens × 10⁶. */
interface Rates {
  readonly input: number;
  readonly output: number;
  /** Absent: a tenth of the input. */
  readonly cacheRead?: number;
}

const ratesByModel: Readonly<Record<string, Rates>> = {
  'claude-opus-4-7': { input: 5_000_000, output: 25_000_000 },
  'claude-sonnet-4-6': { input: 3_000_000, output: 15_000_000 },
  'claude-haiku-4-5': { input: 1_000_000, output: 5_000_000 },
  'claude-opus-5-5': { input: 4_000_000, output: 20_000_000, cacheRead: 200_000 },
  'claude-sonnet-5-5': { input: 2_000_000, output: 10_000_000, cacheRead: 100_000 },
  // The client knows no such model, and charges what its default one costs: Opus 5.5.
  'claude-opus-6': { input: 4_000_000, output: 20_000_000, cacheRead: 200_000 },
};

const webSearchPicoUsd = 10_000_000_000;

/** Nano-dollars that the given messages cost in all. Throws for a model without rates here. */
export function billedNanoUsd(served: readonly Pick<ServedRequest, 'model' | 'usage'>[]): number {
  return served.reduce((sum, { model, usage }) => sum + costNanoUsd(model, usage), 0);
}

/** The same in dollars, as the client prints it: compare with `toBeCloseTo(…, 9)`. */
export function billedUsd(served: readonly Pick<ServedRequest, 'model' | 'usage'>[]): number {
  return billedNanoUsd(served) / 1e9;
}

function costNanoUsd(model: string, usage: ApiUsage): number {
  const rates = ratesByModel[model];
  if (!rates) throw new Error(`billed.ts has no rates for ${model}: add them`);
  const hour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const fiveMinutes = usage.cache_creation_input_tokens - hour;
  const picoUsd =
    usage.input_tokens * rates.input +
    usage.output_tokens * rates.output +
    usage.cache_read_input_tokens * (rates.cacheRead ?? rates.input / 10) +
    (fiveMinutes * rates.input * 5) / 4 +
    hour * rates.input * 2 +
    (usage.server_tool_use?.web_search_requests ?? 0) * webSearchPicoUsd;
  return Math.round(picoUsd / 1_000);
}
