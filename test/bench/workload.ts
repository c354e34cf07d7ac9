// Seeded sessions for the forecast's simulation: what an agent's requests would cost, in sixteen
// shapes. A shape says how outputs and tool results are distributed; nothing in the forecast knows
// which shape it meets.

/** A seeded source of numbers: `next()` is uniform on [0, 1), `normal()` standard normal. */
export interface Rng {
  next(): number;
  normal(): number;
}

/** Mulberry32: small, fast, the same on every machine. */
export function rngOf(seed: number): Rng {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return { next, normal };
}

export const uniform = (rng: Rng, low: number, high: number) => low + (high - low) * rng.next();
export const logUniform = (rng: Rng, low: number, high: number) =>
  low * Math.exp(rng.next() * Math.log(high / low));

/** Prices in pico-dollars per token, as in the forecast's contract. */
export interface Rates {
  readonly inputPico: number;
  readonly outputPico: number;
  readonly cacheReadPico: number;
  readonly cacheWrite5mPico: number;
  readonly cacheWrite1hPico: number;
}

const rates = (input: number, output: number, read: number): Rates => ({
  inputPico: input * 1e6,
  outputPico: output * 1e6,
  cacheReadPico: read * 1e6,
  cacheWrite5mPico: input * 1.25e6,
  cacheWrite1hPico: input * 2e6,
});

/** Dollars per million tokens, read in `facts/pricing.md` §1 (2026-11-21). */
export const MODELS: Readonly<Record<string, Rates>> = {
  'opus-5-5': rates(4, 20, 0.2),
  'opus-4-6': rates(5, 25, 0.5),
  'sonnet-5-5': rates(2, 10, 0.1),
  'sonnet-4-5': rates(3, 15, 0.3),
  'haiku-4-5': rates(1, 5, 0.1),
  'fable-5-1': rates(10, 50, 0.25),
};

/** One request: what the gate knows before it, and what it turns out to cost. */
export interface Step {
  readonly rates: Rates;
  readonly thread: number;
  readonly cachedTokens: number;
  readonly cacheExpired: boolean;
  /** What the gate takes the new tokens for (bytes ÷ 3.5). */
  readonly newTokensEstimate: number;
  readonly newTokens: number;
  readonly outputTokens: number;
  readonly costNanoUsd: number;
}

/**
 * A session: a ceiling and the requests it would make if nobody stopped it (well beyond the
 * ceiling).
 */
export interface Workload {
  readonly ceilingNanoUsd: number;
  readonly steps: readonly Step[];
  /**
   * Draws a reply of the main thread from the law behind this session (true only for shapes that do
   * not change).
   */
  readonly drawOutput: () => number;
}

/** Where a session stands when a shape is asked for the next amount. */
export interface Progress {
  readonly index: number;
  /** Spent so far ÷ ceiling. */
  readonly spentRatio: number;
}

/** Draws amounts whose long-run mean is about 1; the session scales them to its own size. */
export type Draw = (rng: Rng, at: Progress) => number;

/**
 * How one kind of session behaves. Left out: tool results as `defaultTools`, no idle pauses, one
 * thread.
 */
export interface Shape {
  readonly name: string;
  readonly outputs: (rng: Rng) => Draw;
  readonly tools?: (rng: Rng) => Draw;
  readonly idleRatio?: number;
  readonly threadCount?: number;
  /** The share of an average request's cost that is output; default between 0.35 and 0.8. */
  readonly outputShare?: readonly [number, number];
  /** The number of requests that fit the ceiling; default 10 to 500. */
  readonly requests?: readonly [number, number];
  /** The average request in dollars; default 0.005 to 0.15. */
  readonly meanUsd?: readonly [number, number];
  /** The ceiling in dollars; default 1 to 5. */
  readonly ceilingUsd?: readonly [number, number];
}

/** Log-normal with mean 1. */
export const logNormal =
  (sigma: number): Draw =>
  (rng) =>
    Math.exp(sigma * rng.normal() - (sigma * sigma) / 2);

/** Pareto with mean 1 (alpha above 1). */
export const pareto =
  (alpha: number): Draw =>
  (rng) =>
    ((alpha - 1) / alpha) * (1 - rng.next()) ** (-1 / alpha);

/**
 * Tool results: mostly small, now and then a whole file; one in five requests brings next to
 * nothing.
 */
const defaultTools = (): Draw => {
  const big = logNormal(1.3);
  return (rng, at) => (rng.next() < 0.2 ? 0.02 : 1.24 * big(rng, at));
};

const MAX_TOOL_TOKENS = 25_000; // the client cuts a tool result there
const COMPACT_AT_TOKENS = 170_000;
const FIRST_CONTEXT_TOKENS = [4_000, 30_000] as const;

interface Size {
  readonly ceilingUsd: number;
  readonly meanUsd: number;
  readonly outputMean: number;
  readonly toolMean: number;
  readonly context: number;
  readonly rates: Rates;
}

/**
 * A session's size: ceiling $1 to $5, mean request $0.005 to $0.15, amounts that a model could
 * produce.
 */
function drawSize(shape: Shape, rng: Rng): Size {
  const [fewest, most] = shape.requests ?? [10, 500];
  const [low, high] = shape.outputShare ?? [0.35, 0.8];
  const names = Object.keys(MODELS);
  for (;;) {
    const ceilingUsd = uniform(rng, ...(shape.ceilingUsd ?? ([1, 5] as const)));
    const meanUsd = logUniform(rng, ...(shape.meanUsd ?? ([0.005, 0.15] as const)));
    const count = ceilingUsd / meanUsd;
    const model = MODELS[names[Math.floor(rng.next() * names.length)] ?? 'opus-5-5'] as Rates;
    const share = uniform(rng, low, high);
    const toolShare = (1 - share) * uniform(rng, 0.3, 0.7);
    const outputMean = (share * meanUsd * 1e12) / model.outputPico;
    const toolMean = (toolShare * meanUsd * 1e12) / model.cacheWrite5mPico;
    const context = ((1 - share - toolShare) * meanUsd * 1e12) / model.cacheReadPico;
    const possible = outputMean >= 60 && outputMean <= 8_000 && toolMean <= 12_000;
    if (count < fewest || count > most || !possible) continue;
    return { ceilingUsd, meanUsd, outputMean, toolMean, context, rates: model };
  }
}

interface Thread {
  context: number;
  rates: Rates;
  outputs: Draw;
  scale: number;
}

/** The session of a shape with this seed. Requests go on to 1.3 times the ceiling plus one. */
export function workload(shape: Shape, seed: number): Workload {
  const rng = rngOf(seed);
  for (let i = 0; i < 8; i++) rng.next();
  const size = drawSize(shape, rng);
  const cap = rng.next() < 0.8 ? 32_000 : 64_000;
  const tools = (shape.tools ?? defaultTools)(rng);
  const bytesBias = Math.exp(0.12 * rng.normal()); // this session's bytes per token against 3.5
  const names = Object.keys(MODELS);
  const threads: Thread[] = Array.from({ length: shape.threadCount ?? 1 }, (_, index) => ({
    context: Math.min(size.context * 0.6, 100_000) || uniform(rng, ...FIRST_CONTEXT_TOKENS),
    rates:
      index === 0
        ? size.rates
        : (MODELS[names[Math.floor(rng.next() * names.length)] ?? 'opus-5-5'] as Rates),
    outputs: shape.outputs(rng),
    scale: index === 0 ? 1 : uniform(rng, 0.5, 1.5),
  }));
  const ceilingNanoUsd = Math.round(size.ceilingUsd * 1e9);
  const steps: Step[] = [];
  let spent = 0;
  for (let index = 0; spent <= 1.3 * ceilingNanoUsd && index < 4_000; index++) {
    const at = { index, spentRatio: spent / ceilingNanoUsd };
    const id = threads.length === 1 || index < 5 ? 0 : Math.floor(rng.next() * threads.length);
    const thread = threads[id] as Thread;
    const first = index === 0;
    const newTokens = first
      ? Math.round(thread.context)
      : Math.round(Math.min(MAX_TOOL_TOKENS, size.toolMean * tools(rng, at)));
    const cachedTokens = first ? 0 : Math.round(thread.context);
    const cacheExpired = !first && rng.next() < (shape.idleRatio ?? 0.01);
    const drawn = size.outputMean * thread.scale * thread.outputs(rng, at);
    const outputTokens = Math.max(1, Math.round(Math.min(cap, drawn)));
    const write = thread.rates.cacheWrite5mPico;
    const costPico =
      cachedTokens * (cacheExpired ? write : thread.rates.cacheReadPico) +
      newTokens * write +
      outputTokens * thread.rates.outputPico;
    const noise = bytesBias * Math.exp(0.15 * rng.normal());
    const step: Step = {
      rates: thread.rates,
      thread: id,
      cachedTokens,
      cacheExpired,
      newTokensEstimate: first ? newTokens : Math.round(newTokens * noise),
      newTokens,
      outputTokens,
      costNanoUsd: Math.round(costPico / 1000),
    };
    steps.push(step);
    spent += step.costNanoUsd;
    thread.context = cachedTokens + newTokens + outputTokens;
    if (thread.context > COMPACT_AT_TOKENS) thread.context = 25_000;
  }
  const distribution = shape.outputs(rng);
  const drawOutput = () =>
    Math.max(1, Math.min(cap, size.outputMean * distribution(rng, { index: 0, spentRatio: 0 })));
  return { ceilingNanoUsd, steps, drawOutput };
}
