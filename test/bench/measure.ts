// Timing of whole processes, interleaved and paired. Rule: ratios of runs side by side are the figures; milliseconds of
// a shared machine are not. Nothing here knows what is measured.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One command to time. `prepare` runs before each of its runs and is not timed. */
export interface Variant {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: () => string;
  readonly prepare?: () => void;
  /** Where it leaves what it took of the processor; absent: it is timed by the clock. */
  readonly processorFile?: string;
}

/** One finished run. */
export interface Run {
  readonly ms: number;
  /** By the clock, whatever `ms` is of. */
  readonly elapsedMs: number;
  readonly exitCode: number | null;
  readonly stdout: string;
}

/** Written as Node ends, after everything that the program does then. */
const LEAVE_PROCESSOR_TIME = `const end = process.reallyExit;
process.reallyExit = (code) => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeFileSync(process.env.BENCH_PROCESSOR_FILE, String((user + system) / 1000));
  end.call(process, code);
};
`;

/** The same Node program, measured by what it takes of the processor: others who work beside it change that by little. */
export function onProcessor(variant: Variant, folder: string): Variant {
  const preload = join(folder, 'leave-processor-time.cjs');
  writeFileSync(preload, LEAVE_PROCESSOR_TIME);
  const processorFile = join(folder, 'processor-ms');
  return {
    ...variant,
    processorFile,
    args: ['--require', preload, ...variant.args],
    env: { ...variant.env, BENCH_PROCESSOR_FILE: processorFile },
  };
}

export function runOnce(variant: Variant): Promise<Run> {
  const { file, args, env, stdin, prepare, processorFile } = variant;
  prepare?.();
  const input = stdin?.() ?? '';
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(file, [...args], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      stdout += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const elapsedMs = performance.now() - startedAt;
      const ms = processorFile === undefined ? elapsedMs : Number(readFileSync(processorFile));
      resolve({ ms, elapsedMs, exitCode, stdout });
    });
  });
}

/** The times of each variant, one from every round. */
export type Timings = ReadonlyMap<string, readonly Run[]>;

/** Runs all variants in every round, each round in another order; the first round is not counted. */
export async function interleave(variants: readonly Variant[], rounds: number): Promise<Timings> {
  const timings = new Map<string, Run[]>(variants.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (let step = 0; step < variants.length; step += 1) {
      const variant = variants[(step + Math.max(round, 0)) % variants.length];
      if (!variant) continue;
      const run = await runOnce(variant);
      if (round >= 0) timings.get(variant.name)?.push(run);
    }
  }
  return timings;
}

/** A figure between 0 and 1 of the way through the sorted values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What two variants are to each other. */
export interface Ratio {
  /** Median of the ratios of each round. */
  readonly paired: number;
  /** Ratio of the 95th percentiles. */
  readonly p95: number;
  readonly medianMs: number;
  readonly baseMs: number;
}

export function ratioOf(timings: Timings, name: string, base: string): Ratio {
  const times = (timings.get(name) ?? []).map(({ ms }) => ms);
  const bases = (timings.get(base) ?? []).map(({ ms }) => ms);
  return {
    paired: median(times.map((ms, index) => ms / (bases[index] ?? Number.NaN))),
    p95: quantile(times, 0.95) / quantile(bases, 0.95),
    medianMs: median(times),
    baseMs: median(bases),
  };
}
