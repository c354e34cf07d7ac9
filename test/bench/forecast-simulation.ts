// How the forecast's levels do on sessions of every shape, beside a plain quantile and the client's
// own stop-after.
// Run by `npm run bench -- forecast`.
import { type ForecastLevel, forecast } from '../../src/domain/forecast.ts';
import {
  EMPTY_HISTOGRAM,
  type TokenHistogram,
  tokenBucket,
} from '../../src/domain/token-histogram.ts';
import { fourThreads, regularSession } from './regular-sessions.ts';
import { warnedEnd } from './warned-sessions.ts';
import { type Shape, type Step, type Workload, workload } from './workload.ts';
import { type Pooling, spendTogether } from './workload-parallel.ts';
import { SHAPES } from './workload-shapes.ts';

type Counts = Map<number, number>;

/** What a session has shown so far, as the ledger would keep it. */
interface Seen {
  readonly outputs: Counts;
  readonly news: Counts;
  readonly raw: number[];
}

interface Others {
  readonly model: TokenHistogram;
  readonly machine: TokenHistogram;
}

/** A policy names the amount it wants free before a step, in nano-dollars. */
type Policy = (seen: Seen, step: Step, ceilingNanoUsd: number, others: Others) => number;

const COLD: Others = { model: EMPTY_HISTOGRAM, machine: EMPTY_HISTOGRAM };

const level =
  (name: ForecastLevel): Policy =>
  (seen, step, ceilingNanoUsd, others) =>
    forecast({
      level: name,
      rates: step.rates,
      cachedTokens: step.cachedTokens,
      cacheExpired: step.cacheExpired,
      cacheWriteLifetime: '5m',
      newTokens: step.newTokensEstimate,
      newTokensHistogram: { buckets: seen.news },
      sessionOutput: { buckets: seen.outputs },
      modelOutput: others.model,
      machineOutput: others.machine,
      ceilingNanoUsd,
    }).holdNanoUsd;

/** The known part and a quantile of the session's outputs; 1,700 tokens before the fifth. */
const quantile =
  (share: number): Policy =>
  (seen, step) => {
    const sorted = [...seen.raw].sort((a, b) => a - b);
    const tokens = sorted.length < 5 ? 1_700 : (sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    const context = step.cacheExpired ? step.rates.cacheWrite5mPico : step.rates.cacheReadPico;
    const pico =
      step.cachedTokens * context +
      step.newTokensEstimate * step.rates.cacheWrite5mPico +
      tokens * step.rates.outputPico;
    return pico / 1000;
  };

const POLICIES: readonly (readonly [string, Policy])[] = [
  ['stop after', () => 0],
  ['quantile 95', quantile(0.95)],
  ['quantile 99', quantile(0.99)],
  ['expected', level('expected')],
  ['cautious', level('cautious')],
  ['strict', level('strict')],
];

interface Result {
  readonly name: string;
  readonly utilisations: number[];
  worstUsd: number;
}

/** How many sessions ended; utilisations are shares of the ceiling. */
export interface End {
  readonly count: number;
  readonly overCount: number;
  readonly least: number;
  readonly median: number;
}
/** By level, or by the name of a policy. */
export type Ends = Readonly<Record<string, End>>;

export interface SimulationFigures {
  readonly mixed: Ends;
  readonly large: Ends;
  /** Sessions and threads whose requests are much alike, by who they are. */
  readonly alike: Readonly<Record<string, Ends>>;
  /** By level: the share of halts without a warning before them. */
  readonly warned: Readonly<Record<string, number>>;
}

const endOf = (utilisations: readonly number[]): End => ({
  count: utilisations.length,
  overCount: utilisations.filter((each) => each > 1).length,
  least: Math.min(...utilisations),
  median: middle(utilisations),
});

const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`;

// No policy asks for this share of the ceiling unless the request's own known part is large; before
// that it is not asked.
const NEVER_ASKED_RATIO = 0.6;
const LARGE_KNOWN_RATIO = 0.1;

function play(work: Workload, results: readonly Result[], others: Others): void {
  const ceiling = work.ceilingNanoUsd;
  const seen: Seen = { outputs: new Map(), news: new Map(), raw: [] };
  const live = new Set(POLICIES.map((_, index) => index));
  let spent = 0;
  for (const step of work.steps) {
    const headroom = ceiling - spent;
    const isFar =
      headroom > NEVER_ASKED_RATIO * ceiling && known(step) < LARGE_KNOWN_RATIO * ceiling;
    for (const index of isFar ? [] : [...live]) {
      const result = results[index];
      const policy = POLICIES[index]?.[1];
      if (!result || !policy || policy(seen, step, ceiling, others) <= headroom) continue;
      live.delete(index);
      result.utilisations.push(spent / ceiling);
      result.worstUsd = Math.max(result.worstUsd, -headroom / 1e9);
    }
    if (live.size === 0) return;
    spent += step.costNanoUsd;
    count(seen.outputs, step.outputTokens);
    if (seen.raw.length > 0) count(seen.news, step.newTokens);
    seen.raw.push(step.outputTokens);
  }
}

const known = (step: Step) =>
  (step.cachedTokens * (step.cacheExpired ? step.rates.cacheWrite5mPico : 0) +
    step.newTokensEstimate * step.rates.cacheWrite5mPico) /
  1000;

function count(counts: Counts, tokens: number): void {
  const bucket = tokenBucket(tokens);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}

const middle = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
};

const cell = (result: Result) => {
  const { utilisations } = result;
  const over = (100 * utilisations.filter((u) => u > 1).length) / utilisations.length;
  const worst = result.worstUsd > 0 ? result.worstUsd.toFixed(2) : '0';
  return `${over.toFixed(1)} % | ${worst} | ${middle(utilisations).toFixed(3)}`;
};

const print = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);

/** Prints one table, a row per shape, three columns per policy; returns how all sessions together ended. */
function table(
  title: string,
  shapes: readonly Shape[],
  size: number,
  seed: number,
  warm: boolean,
): Ends {
  console.log(`\n### ${title}\n`);
  const heads = POLICIES.map(([name]) => `${name}: over | worst $ | median`);
  print(['shape', ...heads]);
  print(['---', ...POLICIES.flatMap(() => ['---:', '---:', '---:'])]);
  const others = warm ? { model: mixture(seed + 1), machine: mixture(seed + 2) } : COLD;
  const all: Result[] = POLICIES.map(([name]) => ({ name, utilisations: [], worstUsd: 0 }));
  for (const shape of shapes) {
    const results = POLICIES.map(([name]) => ({ name, utilisations: [], worstUsd: 0 }) as Result);
    for (let i = 0; i < size; i++) play(workload(shape, seed + i * 7919), results, others);
    print([shape.name, ...results.map(cell)]);
    results.forEach((result, index) => {
      const sum = all[index];
      if (!sum) return;
      sum.worstUsd = Math.max(sum.worstUsd, result.worstUsd);
      for (const one of result.utilisations) sum.utilisations.push(one);
    });
  }
  print(['**all**', ...all.map(cell)]);
  return Object.fromEntries(all.map(({ name, utilisations }) => [name, endOf(utilisations)]));
}

/**
 * The outputs of forty sessions of any shape and size: a history that fits no session in
 * particular.
 */
function mixture(seed: number): TokenHistogram {
  const counts: Counts = new Map();
  for (let i = 0; i < 40; i++) {
    const shape = SHAPES[i % SHAPES.length];
    if (shape) for (const step of workload(shape, seed + i).steps) count(counts, step.outputTokens);
  }
  return { buckets: counts };
}

interface Fleet {
  readonly title: string;
  readonly threadCount: number;
  readonly usd: number;
  readonly meanUsd: number;
  readonly isOneSession: boolean;
}

const FLEETS: readonly Fleet[] = [
  { title: '8 sessions, $2', threadCount: 8, usd: 2, meanUsd: 0.03, isOneSession: false },
  { title: '8 sessions, $2', threadCount: 8, usd: 2, meanUsd: 0.01, isOneSession: false },
  {
    title: 'main + 3 subagents, $0.10',
    threadCount: 4,
    usd: 0.1,
    meanUsd: 0.004,
    isOneSession: true,
  },
  { title: 'main + 3 subagents, $2', threadCount: 4, usd: 2, meanUsd: 0.03, isOneSession: true },
  { title: 'main + 3 subagents, $5', threadCount: 4, usd: 5, meanUsd: 0.03, isOneSession: true },
];

const WAYS: readonly (readonly [ForecastLevel, Pooling])[] = [
  ['cautious', 'sum'],
  ['strict', 'sum'],
  ['cautious', 'root'],
];

/** Prints a row per fleet and way of adding up. */
function together({ title, threadCount, usd, meanUsd, isOneSession }: Fleet, size: number) {
  const shapes = SHAPES.filter((shape) => !shape.requests && !shape.outputShare).map((shape) => ({
    ...shape,
    ceilingUsd: [usd, usd] as const,
    meanUsd: [meanUsd / 2, meanUsd * 2] as const,
  }));
  for (const [level, pooling] of WAYS) {
    const result: Result = { name: title, utilisations: [], worstUsd: 0 };
    for (let seed = 0; seed < size; seed++) {
      const threads = Array.from({ length: threadCount }, (_, thread) =>
        workload(shapes[(seed + thread) % shapes.length] as Shape, 31_337 + seed * 101 + thread),
      );
      const ceilingNanoUsd = usd * 1e9;
      const spent = spendTogether({ threads, ceilingNanoUsd, level, pooling, isOneSession, seed });
      result.utilisations.push(spent / ceilingNanoUsd);
      result.worstUsd = Math.max(result.worstUsd, spent / 1e9 - usd);
    }
    print([title, `$${meanUsd}`, level, pooling, cell(result)]);
  }
}

/** Prints all tables; `size` sessions per shape. Returns what was asked for. */
export function simulateForecasts(size: number, seed: number): SimulationFigures {
  const sized = (low: number, high: number) =>
    SHAPES.filter((shape) => !shape.requests).map((shape) => ({
      ...shape,
      meanUsd: [low, high] as const,
    }));
  const mixed = table(
    'Ceilings $1 to $5, mean request $0.005 to $0.15, no earlier sessions',
    SHAPES,
    size,
    seed,
    false,
  );
  table('The same with the histories of other sessions', SHAPES, size, seed, true);
  table('Middling requests, $0.02 to $0.06', sized(0.02, 0.06), size, seed, false);
  const large = table('Large requests, $0.06 to $0.12', sized(0.06, 0.12), size, seed, false);
  console.log('\n### Several at once\n');
  print(['who', 'mean request', 'level', 'pooled by', 'over', 'worst $', 'median']);
  print(['---', '---:', '---', '---', '---:', '---:', '---:']);
  for (const fleet of FLEETS) together(fleet, size);
  return { mixed, large, alike: alike(10 * size, seed), warned: warned(size, seed) };
}

const LEVELS = ['cautious', 'strict'] as const;

/** Prints how sessions end whose requests are much alike, and four threads with room for sixteen requests. */
function alike(size: number, seed: number): Readonly<Record<string, Ends>> {
  console.log('\n### Requests of $0.05 to $0.40 that are much alike\n');
  print(['who', 'level', 'over', 'worst utilisation', 'median']);
  print(['---', '---', '---:', '---:', '---:']);
  const kinds = [
    [
      'regular session',
      (at: number, level: ForecastLevel) => regularSession(at, level).utilisation,
    ],
    ['four threads, regular', fourThreads],
    ['four threads, ± a half', (at: number, level: ForecastLevel) => fourThreads(at, level, 0.5)],
    ['four threads, ± 90 %', (at: number, level: ForecastLevel) => fourThreads(at, level, 0.9)],
  ] as const;
  const rows = kinds.map(([who, play]) => {
    const ends = LEVELS.map((name) => {
      const end = endOf(Array.from({ length: size }, (_, i) => play(seed + i * 7919, name)));
      print([who, name, `${end.overCount}`, end.least.toFixed(3), end.median.toFixed(3)]);
      return [name, end] as const;
    });
    return [who, Object.fromEntries(ends)] as const;
  });
  return Object.fromEntries(rows);
}

/** Prints how often a halt came without a warning before it, and how early warnings come. */
function warned(size: number, seed: number): Readonly<Record<string, number>> {
  console.log('\n### Warned before halted\n');
  print(['mean request', 'level', 'halts', 'without a warning', 'median spent when warned']);
  print(['---', '---', '---:', '---:', '---:']);
  const rows = LEVELS.map((name) => {
    let [haltCount, unwarnedCount] = [0, 0];
    const warnedRatios: number[] = [];
    for (const shape of SHAPES) {
      for (let i = 0; i < size; i++) {
        const { warnedRatio } = warnedEnd(workload(shape, seed + i * 7919), name);
        haltCount++;
        if (warnedRatio === null) unwarnedCount++;
        else warnedRatios.push(warnedRatio);
      }
    }
    const share = unwarnedCount / haltCount;
    print([
      '$0.005 to $0.15',
      ...[name, `${haltCount}`, percent(share), middle(warnedRatios).toFixed(2)],
    ]);
    return [name, share] as const;
  });
  return Object.fromEntries(rows);
}
