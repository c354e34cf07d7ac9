// What the next request will cost, and how much of the ceiling to keep free for it. PURE: numbers
// in, numbers out. The known part (context, new tokens) is exact; the reply is a distribution read
// from histories. The hold is not a quantile of one request: it is the halting point at which the
// session as a whole is best off (see `stoppingThreshold`).
import {
  type AmountDistribution,
  type AmountPrior,
  amountDistribution,
  sumOfDistributions,
} from './amount-distribution.ts';
import { AIMS, type Aim, meanOf, stoppingThreshold } from './stopping-threshold.ts';
import {
  EMPTY_HISTOGRAM,
  histogramCount,
  histogramMean,
  type TokenHistogram,
  tokenBucket,
} from './token-histogram.ts';

/**
 * How careful to be, least first. `none` holds nothing: the halt then comes after the ceiling was
 * crossed.
 */
export const FORECAST_LEVELS = ['none', 'expected', 'cautious', 'strict'] as const;

/** A safety level. */
export type ForecastLevel = (typeof FORECAST_LEVELS)[number];

/** Prices in pico-dollars per token (dollars per million tokens × 10⁶). */
export interface ForecastRates {
  readonly inputPico: number;
  readonly outputPico: number;
  readonly cacheReadPico: number;
  readonly cacheWrite5mPico: number;
  readonly cacheWrite1hPico: number;
}

/**
 * What is known before a request is made. Amounts that make no sense (negative, not a number) count
 * as 0.
 */
export interface ForecastInput {
  readonly level: ForecastLevel;
  /** Of the model that will be asked. */
  readonly rates: ForecastRates;
  /**
   * This thread's context: input, cache read, cache write and output of its last request. 0: no
   * request yet.
   */
  readonly cachedTokens: number;
  /** The cache's lifetime has passed: the context will be written again. */
  readonly cacheExpired: boolean;
  /** The lifetime this thread writes its cache with. */
  readonly cacheWriteLifetime: '5m' | '1h';
  /**
   * Tokens of the prompt or the tool results about to be sent; null: not known yet (PreToolUse).
   */
  readonly newTokens: number | null;
  /** New tokens per request so far in this session. Left out: nothing seen. */
  readonly newTokensHistogram?: TokenHistogram;
  /**
   * Output tokens per request: this session's (its subagents included), this model's, this
   * machine's.
   */
  readonly sessionOutput: TokenHistogram;
  readonly modelOutput: TokenHistogram;
  readonly machineOutput: TokenHistogram;
  /**
   * The ceiling (not the headroom) the hold is for. Left out: the hold keeps the risk per landing
   * at a fixed figure.
   */
  readonly ceilingNanoUsd?: number;
}

/** All amounts are whole nano-dollars. */
export interface Forecast {
  /** The mean of what the request may cost. */
  readonly expectedNanoUsd: number;
  /**
   * What to compare with the headroom, and to reserve while the request is in flight. Reservations
   * of parallel threads are added in full: shrinking their sum was simulated and goes over (see the
   * bench).
   */
  readonly holdNanoUsd: number;
  /** The part that is certain: context and new tokens. */
  readonly knownNanoUsd: number;
  /** The chance, 0..1, that the request costs at most the hold. */
  readonly confidence: number;
  /** How many of this session's replies the forecast rests on. */
  readonly sampleCount: number;
}

// Before the first reply: agents' replies are mostly short tool calls (a few hundred tokens) with
// files now and then. The spread, sigma 1.3, is an assumption on the wide side, since a small
// sample hides its own tail. A reply is cut at 64,000 tokens.
const OUTPUT_PRIOR: AmountPrior = {
  bucket: tokenBucket(300),
  spread: 7.5,
  largestBucket: tokenBucket(64_000),
};
// Tool results not yet seen; the client cuts one at some 25,000 tokens, several may come together.
const NEW_TOKENS_PRIOR: AmountPrior = {
  bucket: tokenBucket(500),
  spread: 9,
  largestBucket: tokenBucket(128_000),
};
// Other sessions say where replies lie, not much about this session: they weigh as this many
// replies at most.
const MODEL_EVIDENCE_COUNT = 8;
const MACHINE_EVIDENCE_COUNT = 4;

/**
 * Forecasts the next request. Deterministic. Warm 0.1 ms (new tokens unknown: 0.2 ms); the first
 * call of a process a few ms.
 */
export function forecast(input: ForecastInput): Forecast {
  const { rates, level } = input;
  const { writePico, readNano, knownNano } = knownOf(input);
  const seenNew = input.newTokensHistogram ?? EMPTY_HISTOGRAM;

  const output = scaled(outputDistribution(input), amount(rates.outputPico) / 1000);
  const rest =
    input.newTokens === null
      ? sumOfDistributions(
          output,
          scaled(amountDistribution(seenNew, [], NEW_TOKENS_PRIOR), amount(writePico) / 1000),
        )
      : output;
  const expectedNano = knownNano + meanOf(rest);

  // What an average request of this session knows beforehand; this one may know more, and that is
  // added in full.
  const usualNano =
    readNano + (input.newTokens === null ? 0 : nano(histogramMean(seenNew), writePico));
  const holdFor = (aim: Aim) => {
    const halt = stoppingThreshold(rest, usualNano, aim, input.ceilingNanoUsd);
    return Math.max(expectedNano, knownNano + Math.max(0, halt - usualNano));
  };
  const holdNano = {
    none: () => 0,
    expected: () => expectedNano,
    cautious: () => holdFor(AIMS.cautious),
    strict: () => Math.max(holdFor(AIMS.cautious), holdFor(AIMS.strict)),
  }[level]();
  const holdNanoUsd = Math.ceil(holdNano);
  return {
    expectedNanoUsd: Math.ceil(expectedNano),
    holdNanoUsd,
    knownNanoUsd: Math.ceil(knownNano),
    confidence: massUpTo(rest, holdNanoUsd - knownNano),
    sampleCount: histogramCount(input.sessionOutput),
  };
}

/** What is certain of a request; the rates it is sent and cached at. */
function knownOf(input: KnownInput) {
  const { rates } = input;
  const writePico =
    input.cacheWriteLifetime === '1h' ? rates.cacheWrite1hPico : rates.cacheWrite5mPico;
  const readNano = nano(input.cachedTokens, rates.cacheReadPico);
  const contextNano = input.cacheExpired ? nano(input.cachedTokens, writePico) : readNano;
  return { writePico, readNano, knownNano: contextNano + nano(input.newTokens ?? 0, writePico) };
}

/** The part of the input that needs no history. */
export type KnownInput = Pick<
  ForecastInput,
  'rates' | 'cachedTokens' | 'cacheExpired' | 'cacheWriteLifetime' | 'newTokens'
>;

/** No model of today replies with more than 128,000 tokens; the middles of buckets and their blur add a quarter. */
const LARGEST_MEAN_TOKENS = 160_000;

/**
 * More than any forecast holds of a ceiling, at any level, in whole nano-dollars: who has more left need not
 * forecast. Costs a thousandth of it.
 */
export function holdUpperBound(
  input: KnownInput & { readonly newTokens: number },
  ceilingNanoUsd: number,
): number {
  const { knownNano } = knownOf(input);
  const replyNano = nano(LARGEST_MEAN_TOKENS, input.rates.outputPico);
  return Math.ceil(knownNano + Math.max(replyNano, AIMS.strict.largest * ceilingNanoUsd));
}

function outputDistribution(input: ForecastInput): AmountDistribution {
  const others = [
    { history: input.modelOutput, most: MODEL_EVIDENCE_COUNT },
    { history: input.machineOutput, most: MACHINE_EVIDENCE_COUNT },
  ];
  return amountDistribution(input.sessionOutput, others, OUTPUT_PRIOR);
}

const nano = (tokens: number, pico: number): number => (amount(tokens) * amount(pico)) / 1000;

const amount = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);

const scaled = (distribution: AmountDistribution, factor: number): AmountDistribution => ({
  amounts: distribution.amounts.map((value) => value * factor),
  probabilities: distribution.probabilities,
});

const massUpTo = ({ amounts, probabilities }: AmountDistribution, limit: number): number => {
  const above = amounts.reduce(
    (sum, value, index) => (value > limit ? sum + (probabilities[index] ?? 0) : sum),
    0,
  );
  return Math.max(0, Math.min(1, 1 - above));
};
