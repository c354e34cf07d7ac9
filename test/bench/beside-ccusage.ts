// Reports beside those of ccusage (a native program named by TOLLGATE_CCUSAGE), on the same trees: who tells the truth of
// each book, and how long both take once the ledger is synced. Rule: no network, a home of its own, the same zone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTS } from '../../src/reports/reports.ts';
import { billedNanoUsd } from '../support/billed.ts';
import type { Sandbox } from '../support/sandbox.ts';
import {
  type BookedRequest,
  GROUPINGS,
  type Grouping,
  type GroupTotals,
  totalsBy,
} from '../support/usage-book.ts';
import { TREES } from '../support/usage-trees.ts';
import type { Built } from './hook-latency.ts';
import { interleave, type Ratio, ratioOf, runOnce, type Variant } from './measure.ts';
import { writeTranscripts } from './transcripts.ts';

/** One tree, divided one way. */
export interface Comparison {
  readonly tree: string;
  readonly grouping: Grouping;
  readonly timeZone: string;
  /** Whether every group is what the book says, to the nano-dollar. */
  readonly oursIsTrue: boolean;
  /** The same, to the micro-dollar: it counts in floating point. `null` where none was named. */
  readonly theirsIsTrue: boolean | null;
  /** Why theirs is not; empty where it is. */
  readonly reason: string;
}

export interface CcusageFigures {
  readonly comparisons: readonly Comparison[];
  /** Our report ÷ theirs on the dense tree; empty where none was named. */
  readonly speed: readonly { readonly grouping: Grouping; readonly ratio: Ratio }[];
  readonly treeBytes: number;
}

const ZONES = ['UTC', 'America/New_York'];
const MICRO_USD = 1_000;
const COMMANDS: Readonly<Record<Grouping, readonly string[]>> = {
  day: ['daily'],
  // It begins weeks on Sunday, unless it is told otherwise.
  week: ['weekly', '--start-of-week', 'monday'],
  month: ['monthly'],
  session: ['session'],
  block: ['blocks'],
};

export async function measureBesideCcusage(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<CcusageFigures> {
  const ccusage = process.env.TOLLGATE_CCUSAGE ?? null;
  const comparisons: Comparison[] = [];
  let treeBytes = 0;
  const dense = (folder: string): readonly BookedRequest[] => {
    const book: BookedRequest[] = [];
    const shape = { fileCount: isShort ? 10 : 77 };
    treeBytes = writeTranscripts(folder, shape, (request) => book.push(request)).byteCount;
    return book;
  };
  const speed: CcusageFigures['speed'][number][] = [];
  for (const [tree, write] of Object.entries({ ...TREES, dense })) {
    const folder = join(sandbox.root, `tree-${tree.replace(/\W+/g, '-')}`);
    mkdirSync(folder, { recursive: true });
    const book = write(folder);
    const env = sandbox.env({ CLAUDE_CONFIG_DIR: folder, TOLLGATE_HOME: `${folder}-ledger` });
    const ours = (grouping: Grouping, timeZone: string): Variant => ({
      name: `ours ${grouping}`,
      file: process.execPath,
      args: [built.cli, 'report', '--by', grouping, '--timezone', timeZone, '--json'],
      env,
    });
    const theirs = (grouping: Grouping, timeZone: string): Variant => ({
      name: `ccusage ${grouping}`,
      file: ccusage ?? '',
      args: ['claude', ...COMMANDS[grouping], '--json', '--offline', '--timezone', timeZone],
      env,
    });
    const sync = { name: 'sync', file: process.execPath, args: [built.cli, 'sync'], env };
    const synced = await runOnce(sync);
    if (synced.exitCode !== 0) throw new Error(`tollgate sync ended with ${synced.exitCode}`);
    for (const timeZone of ZONES) {
      for (const grouping of GROUPINGS) {
        const truth = totalsBy(grouping, book, timeZone);
        const said = oursSaid(await jsonOf(ours(grouping, timeZone)), grouping);
        const other = ccusage && theirsSaid(await jsonOf(theirs(grouping, timeZone)), grouping);
        comparisons.push({
          ...{ tree, grouping, timeZone },
          oursIsTrue: isSame(said, truth, 0),
          theirsIsTrue: other ? isSame(other, truth, MICRO_USD) : null,
          reason: other ? reasonOf(other, truth, book, timeZone) : '',
        });
      }
    }
    if (!ccusage || tree !== 'dense') continue;
    for (const grouping of GROUPINGS) {
      const variants = [ours(grouping, 'UTC'), theirs(grouping, 'UTC')];
      const timings = await interleave(variants, isShort ? 3 : 11);
      const ratio = ratioOf(timings, `ours ${grouping}`, `ccusage ${grouping}`);
      speed.push({ grouping, ratio });
    }
  }
  return { comparisons, speed, treeBytes };
}

async function jsonOf(variant: Variant): Promise<unknown> {
  const { stdout, exitCode } = await runOnce(variant);
  if (exitCode !== 0) throw new Error(`${variant.name} ended with ${exitCode}: ${stdout}`);
  return JSON.parse(stdout);
}

function oursSaid(json: unknown, grouping: Grouping): GroupTotals {
  const { rows } = json as { rows: { key: Record<string, string>; costNanoUsd: number }[] };
  return Object.fromEntries(rows.map((row) => [row.key[grouping] ?? '', row.costNanoUsd]));
}

/** Its JSON, as version 20.0.24 writes it. */
function theirsSaid(json: unknown, grouping: Grouping): GroupTotals {
  type Row = Readonly<Record<string, unknown>>;
  const listed = { day: 'daily', week: 'weekly', month: 'monthly', session: 'sessions' } as const;
  const named = { day: 'date', week: 'week', month: 'month', session: 'sessionId' } as const;
  if (grouping === 'block') {
    const { blocks } = json as { blocks: Row[] };
    const own = blocks.filter(({ isGap }) => isGap !== true);
    const nameOf = ({ startTime }: Row) => String(startTime).replace(':00.000Z', 'Z');
    return sumsOf(own, nameOf, 'costUSD');
  }
  const rows = (json as Record<string, Row[]>)[listed[grouping]] ?? [];
  return sumsOf(rows, (row) => String(row[named[grouping]]), 'totalCost');
}

function sumsOf<T extends Readonly<Record<string, unknown>>>(
  rows: readonly T[],
  nameOf: (row: T) => string,
  cost: string,
): GroupTotals {
  const sums: Record<string, number> = {};
  for (const row of rows) {
    const name = nameOf(row);
    sums[name] = (sums[name] ?? 0) + Math.round(Number(row[cost]) * 1e9);
  }
  return sums;
}

function isSame(said: GroupTotals, truth: GroupTotals, off: number): boolean {
  const names = Object.keys(truth);
  return (
    names.length === Object.keys(said).length &&
    names.every((name) => Math.abs((said[name] ?? Number.NaN) - (truth[name] ?? 0)) <= off)
  );
}

const sumOf = (totals: GroupTotals): number =>
  Object.values(totals).reduce((sum, each) => sum + each, 0);

/** What a difference comes from, as far as the figures themselves say. */
function reasonOf(
  said: GroupTotals,
  truth: GroupTotals,
  book: readonly BookedRequest[],
  timeZone: string,
): string {
  if (isSame(said, truth, MICRO_USD)) return '';
  if (isSame(said, totalsBy('block', book, timeZone, true), MICRO_USD)) {
    return 'a request at the very end of a block counts to it there';
  }
  const missing = sumOf(truth) - sumOf(said);
  if (Math.abs(missing) <= MICRO_USD) {
    const strange = Object.keys(said).filter((name) => truth[name] === undefined);
    return strange.length > 0
      ? `part of the money stands under ${strange.join(', ')}`
      : 'the same money in other groups';
  }
  const found = suspects(book).find(({ nanoUsd }) => Math.abs(missing - nanoUsd) <= MICRO_USD);
  const usd = `${missing < 0 ? '+' : '−'}$${(Math.abs(missing) / 1e9).toFixed(6)}`;
  return `${usd}: ${found?.why ?? 'not explained'}`;
}

/** What may be missing: all that some models cost, or all searches. */
function suspects(book: readonly BookedRequest[]): { why: string; nanoUsd: number }[] {
  const models = [...new Set(book.map(({ model }) => model))];
  const some = Array.from({ length: 2 ** models.length - 1 }, (_, index) =>
    models.filter((_, bit) => ((index + 1) >> bit) & 1),
  );
  const withoutSearch = book.map(({ model, usage: { server_tool_use: _, ...usage } }) => ({
    ...{ model, usage },
  }));
  return [
    ...some.map((names) => ({
      why: `${names.join(' and ')} cost nothing there`,
      nanoUsd: billedNanoUsd(book.filter(({ model }) => names.includes(model))),
    })),
    {
      why: 'searches on the provider’s servers are not counted there',
      nanoUsd: billedNanoUsd(book) - billedNanoUsd(withoutSearch),
    },
  ];
}

/** The page of results; figures of one machine on one day, ratios carry over. */
export function comparisonPage({ comparisons, speed, treeBytes }: CcusageFigures): string {
  const word = (isTrue: boolean | null) => (isTrue === true ? 'true' : '**not true**');
  const rows = new Map<string, Set<Grouping>>();
  for (const { tree, grouping, oursIsTrue, theirsIsTrue, reason } of comparisons) {
    // Groupings that came out alike, in whichever zone, share a row.
    const row = [tree, word(oursIsTrue), word(theirsIsTrue), reason].join(' | ');
    rows.set(row, (rows.get(row) ?? new Set()).add(grouping));
  }
  const lines = [...rows].map(([row, groupings]) => `| ${[...groupings].join(', ')} | ${row} |`);
  const times = speed.map(
    ({ grouping, ratio: { paired, p95, medianMs, baseMs } }) =>
      `| ${grouping} | ${medianMs.toFixed(0)} ms | ${baseMs.toFixed(0)} ms | ${paired.toFixed(2)} × | ${p95.toFixed(2)} × |`,
  );
  return `# Beside ccusage

Made by \`npm run bench -- ccusage\` with ccusage 20.0.24 (native, offline). Every tree is made up together with a book of its
requests, which knows nothing of either program; a report is true when every group of it is what the book says, in
${ZONES.join(' and ')}: Tollgate's to the nano-dollar, ccusage's to the micro-dollar, because it counts in floating point.
Weeks begin on Monday, for which ccusage has to be told.

| by | tree | Tollgate | ccusage | why not |
| --- | --- | --- | --- | --- |
${lines.join('\n')}

The dense tree (${(treeBytes / 1e6).toFixed(0)} MB), on a synced ledger; runs are interleaved, ratios are medians of each round's ratio:

| by | Tollgate | ccusage | ratio | of 95th percentiles |
| --- | --- | --- | --- | --- |
${times.join('\n')}

Both divide by day, week, month, session and block. ccusage also divides by project; Tollgate by ${REPORTS.length} things in all, two at
once: ${REPORTS.map(({ name }) => name).join(', ')}, and free labels.

On a tree of less than some three megabytes ccusage, which is a native program, is the quicker: there Node's own start
is nearly half of what a report takes.
`;
}
