// What `tollgate report` takes beyond Node's own start on a ledger of a million entries, in several shapes. Rule: bare
// Node runs in every round; the first run of each report is told by itself, since a user waits for that one too.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTS } from '../../src/reports/reports.ts';
import { type Shape, writeLargeLedger } from '../support/large-ledger.ts';
import type { Sandbox } from '../support/sandbox.ts';
import type { Built } from './hook-latency.ts';
import { median, runOnce } from './measure.ts';

/** One way to ask, on a ledger of one shape. */
export interface ReportFigure {
  readonly shape: string;
  readonly words: string;
  /** Milliseconds beyond bare Node: the first run, and the median of those after it. */
  readonly firstMs: number;
  readonly againMs: number;
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  ['2 500 sessions, 50 000 turns', {}],
  ['200 sessions, 100 000 turns', { perSession: 5_000, perTurn: 10, spanDays: 365 }],
  ['20 000 sessions, 100 000 turns', { perSession: 50, perTurn: 10, spanDays: 365 }],
];

const OTHERS = [
  '--by label:team',
  '--by day,model',
  '--by branch,model',
  '--by hour --where tool=Bash',
  '--by session --where branch=feat/ABC-1*',
  '--by day --since 2026-11-01',
  '--by tool --since 2026-10-01 --until 2026-10-31',
  '--by month --breakdown',
  '--by turn --top 10',
  '--by day --json',
  '--by session --json',
  '--by session --format csv',
  '--by turn --format csv',
  '--by branch --format markdown',
  '--format focus --since 2026-11-01',
];

export async function measureReports(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<ReportFigure[]> {
  const figures: ReportFigure[] = [];
  const asked = [...REPORTS.map(({ name }) => `--by ${name}`), ...OTHERS];
  const empty = join(sandbox.root, 'empty.cjs');
  writeFileSync(empty, '');
  for (const [shape, how] of isShort ? SHAPES.slice(0, 1) : SHAPES) {
    const home = join(sandbox.root, 'tollgate-reports');
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { mode: 0o700 });
    writeLargeLedger(join(home, 'ledger.db'), isShort ? 50_000 : 1_000_000, how);
    const env = sandbox.env({ TOLLGATE_HOME: home });
    const run = async (args: readonly string[]): Promise<number> => {
      const { ms, exitCode } = await runOnce({
        name: args.join(' '),
        file: process.execPath,
        args,
        env,
      });
      if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}`);
      return ms;
    };
    const bare: number[] = [];
    const times = asked.map((): number[] => []);
    for (let round = 0; round < (isShort ? 3 : 7); round += 1) {
      for (const [index, words] of asked.entries()) {
        // Beside every report: the machine's pace changes within a round.
        bare.push(await run([empty]));
        times[index]?.push(await run([built.cli, 'report', ...words.split(' ')]));
      }
    }
    const base = median(bare);
    for (const [index, words] of asked.entries()) {
      const [first = Number.NaN, ...again] = times[index] ?? [];
      figures.push({ shape, words, firstMs: first - base, againMs: median(again) - base });
    }
  }
  return figures;
}
