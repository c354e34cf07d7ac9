// What `npm run bench` measures: each topic takes its figures and says what was asked of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../support/sandbox.ts';
import { spendTogether } from '../support/team-spenders.ts';
import { measureDeadChannel } from './alert-latency.ts';
import { comparisonPage, measureBesideCcusage } from './beside-ccusage.ts';
import {
  type MemorySample,
  measureDashboard,
  measureLeftOpen,
  type PageFigure,
} from './dashboard-speed.ts';
import { type End, simulateForecasts } from './forecast-simulation.ts';
import { measureGuard } from './guard-speed.ts';
import { type Built, measureHooks } from './hook-latency.ts';
import { measureLockWait } from './lock-wait.ts';
import { measureReports, type ReportFigure } from './report-speed.ts';
import { measureResident } from './resident-latency.ts';
import { atLeast, atMost, compared, type Row, range, type Section } from './results-page.ts';
import { measureSync, type SyncFigures } from './sync-speed.ts';
import { measureTeamHooks } from './team-hooks.ts';

/** What a topic is measured with. */
export interface Bench {
  readonly sandbox: Sandbox;
  readonly built: Built;
  /** A minute instead of many; the figures are for CI and are not kept. */
  readonly isShort: boolean;
  readonly folder: string;
}

export type Topic = (bench: Bench) => Promise<Section>;

/** Asked of a first sync beside ccusage. */
const MAX_SYNC_RATIO: Readonly<Record<string, number>> = { 'small files': 2 };
const MAX_REPORT_MS = 150;

export const TOPICS: Readonly<Record<string, Topic>> = {
  hooks,
  'team-hooks': teamHooks,
  lock,
  guard,
  resident,
  sync,
  reports,
  dashboard,
  'dashboard-hours': dashboardHours,
  ccusage,
  forecast,
  'team-ceiling': teamCeiling,
};

async function hooks({ sandbox, built, isShort }: Bench): Promise<Section> {
  const figures = await measureHooks(sandbox, built, isShort);
  const dead = await measureDeadChannel(sandbox, built, isShort ? 10 : 60);
  const { hook, gate, longTranscript, largeLedger, burst } = figures;
  const ms = ` (${hook.medianMs.toFixed(1)} ms beside ${hook.baseMs.toFixed(1)} ms)`;
  const major = process.versions.node.split('.')[0];
  const [long, large] = isShort ? ['100 MB', '50 000'] : ['1 GB', '1 000 000'];
  return {
    title: major === '20' ? 'Hooks' : `Hooks on Node ${major}`,
    rows: [
      atMost('PreToolUse, 20 KB new, p50 beside bare Node', 1.25, hook.paired, ms),
      atMost('the same, p95', 1.5, hook.p95),
      compared('the same without a lease, where the gate decides, p50', gate.paired),
      compared('… p95', gate.p95),
      atMost('an alert channel that is dead beside none, p50', 1.05, dead.paired),
      atMost(`a transcript of ${long} beside 1 MB`, 1.05, longTranscript.paired),
      atMost(`a ledger of ${large} entries beside 1 000`, 1.05, largeLedger.paired),
      {
        what: `${burst.hookCount} hooks, 64 at once: lost or counted twice, failed`,
        asked: '0, 0',
        reached: `${burst.driftCount}, ${burst.failedCount}`,
        isMet: burst.driftCount === 0 && burst.failedCount === 0,
      },
      atLeast('their throughput beside bare Node', 0.6, burst.throughputRatio),
    ],
  };
}

const DATABASE = {
  there: 'whose database is there',
  refused: 'whose database refuses connections',
  silent: 'whose database takes connections and never answers',
} as const;

async function teamHooks({ sandbox, built, isShort }: Bench): Promise<Section> {
  const figures = await measureTeamHooks(sandbox, built, isShort);
  return {
    title: 'Hooks of a team',
    rows: figures.map(({ event, state, ratio, byClock }) => {
      const ms = ` (${ratio.medianMs.toFixed(1)} ms beside ${ratio.baseMs.toFixed(1)} ms; by the clock ${byClock.paired.toFixed(2)} ×)`;
      const what = `${event} in a team ${DATABASE[state]}, p50 of processor time beside no team`;
      return atMost(what, 1.05, ratio.paired, ms);
    }),
  };
}

async function dashboard({ isShort }: Bench): Promise<Section> {
  const { pages, compared, updateMs, listenersMs, growth } = await measureDashboard(isShort);
  const sizes = [...new Set(pages.map(({ entryCount }) => entryCount))];
  const inMs = (what: string, ms: number, note = ''): Row => ({
    ...{ what, asked: '≤ 1 s', reached: `${ms.toFixed(0)} ms${note}`, isMet: ms <= 1_000 },
  });
  const slowest = (
    size: number,
    read: (figure: PageFigure) => number,
  ): readonly [number, string] => {
    const own = pages.filter(({ entryCount }) => entryCount === size);
    const most = own.reduce((worst, each) => (read(each) > read(worst) ? each : worst));
    return [read(most), ` (${most.path})`];
  };
  const { serverMb, pageMb, updateCount } = growth;
  const mb = ([early, late]: readonly [number, number]) =>
    `${early.toFixed(1)} → ${late.toFixed(1)} MB`;
  return {
    title: 'Dashboard',
    rows: [
      ...sizes.flatMap((size) => [
        inMs(
          `${size} entries: first content of the slowest page, opened first`,
          ...slowest(size, ({ firstMs }) => firstMs),
        ),
        inMs(`${size} entries: … opened again`, ...slowest(size, ({ againMs }) => againMs)),
      ]),
      {
        what: `${sizes.at(-1)} entries: figures of report --json that its page does not say`,
        asked: '0',
        reached: `${compared.missing.length} of ${compared.count}`,
        isMet: compared.missing.length === 0,
      },
      inMs(
        `${updateMs.length} entries, each until it stands on the page, ${sizes.at(-1)} entries before it: slowest`,
        Math.max(...updateMs),
        ` (${range(updateMs)} ms)`,
      ),
      inMs('an entry until the last of 100 listeners is told', listenersMs),
      {
        what: `${updateCount} updates: memory of the server, after a quarter and at the end`,
        asked: '≤ 1.2 ×',
        reached: serverMb === null ? 'not told here' : mb(serverMb),
        isMet: serverMb === null || serverMb[1] <= serverMb[0] * 1.2,
      },
      {
        what: 'the same: heap of the page',
        asked: '≤ 1.5 ×',
        reached: mb(pageMb),
        isMet: pageMb[1] <= pageMb[0] * 1.5,
      },
    ],
  };
}

/** As long as `TOLLGATE_BENCH_MINUTES` says. */
async function dashboardHours({ isShort }: Bench): Promise<Section> {
  const minutes = isShort ? 1 : Number(process.env.TOLLGATE_BENCH_MINUTES ?? 60);
  const { updateCount, samples } = await measureLeftOpen(minutes);
  for (const [at, { serverMb, pageMb }] of samples.entries()) {
    console.log(
      `minute ${at + 1}: server ${serverMb?.toFixed(1)} MB, page ${pageMb.toFixed(2)} MB`,
    );
  }
  // What is loaded and compiled on first use is there by then.
  const settled = samples.slice(Math.floor(samples.length / 4));
  const growth = (what: string, read: (sample: MemorySample) => number | null): Row => {
    const known = settled.flatMap((sample) => read(sample) ?? []);
    const [early, late] = [known[0] ?? 0, known.at(-1) ?? 0];
    const reached = `${early.toFixed(1)} → ${late.toFixed(1)} MB (${range(known)} MB)`;
    return { what, asked: '≤ 1.2 ×', reached, isMet: late <= early * 1.2 };
  };
  return {
    title: 'Dashboard left open',
    rows: [
      growth(
        `${minutes} minutes, ${updateCount} updates: memory of the server, after a quarter and at the end`,
        ({ serverMb }) => serverMb,
      ),
      growth('the same: heap of the page', ({ pageMb }) => pageMb),
    ],
  };
}

async function lock({ sandbox, built, isShort }: Bench): Promise<Section> {
  const figures = await measureLockWait(sandbox, built, isShort);
  const { stuckMs, stuckWithoutLedger, slowestMs, bareMs, atOnce, withoutLedger, failed } = figures;
  return {
    title: 'Waiting for the lock',
    rows: [
      {
        what: `${stuckMs.length} hooks while a process that is stuck holds the lock: slowest; decided without the ledger`,
        asked: '≤ 2.1 s; all',
        reached: `${range(stuckMs)} ms; ${stuckWithoutLedger}`,
        isMet: Math.max(...stuckMs) <= 2_100 && stuckWithoutLedger === stuckMs.length,
      },
      {
        what: `${atOnce} hooks, 100 at once: slowest of each round; decided without the ledger, failed`,
        asked: '≤ 8 s; 0, 0',
        reached: `${range(slowestMs)} ms; ${withoutLedger}, ${failed}`,
        isMet: Math.max(...slowestMs) <= 8_000 && withoutLedger + failed === 0,
      },
      compared('as many processes of bare Node at once: slowest', `${range(bareMs)} ms`),
    ],
  };
}

async function guard({ isShort }: Bench): Promise<Section> {
  const { commandCount, refused, p50Ms, p99Ms, largeMs } = measureGuard(isShort);
  const inMs = (what: string, limit: number, ms: number, note = ''): Row => ({
    ...{ what, asked: `≤ ${limit} ms`, reached: `${ms.toFixed(2)} ms${note}`, isMet: ms <= limit },
  });
  return {
    title: 'Shell guard',
    rows: [
      {
        what: `${commandCount} commands of every day: refused`,
        asked: '≤ 1 of 300',
        reached: `${refused.length}${refused.length > 0 ? `: ${refused.join('; ')}` : ''}`,
        isMet: refused.length <= commandCount / 300,
      },
      inMs('each of them, p99', 5, p99Ms, ` (p50 ${p50Ms.toFixed(2)} ms)`),
      ...Object.entries(largeMs).map(([name, ms]) =>
        inMs(`10 000 words, ${name}, processor time`, 50, ms),
      ),
    ],
  };
}

async function resident({ sandbox, built, isShort }: Bench): Promise<Section> {
  const { decisionMs, client } = await measureResident(sandbox, built, isShort);
  const rows: Row[] = [
    {
      what: 'a decision with 20 KB new, p50 (p95)',
      asked: '≤ 5 ms',
      reached: `${decisionMs.p50.toFixed(2)} ms (${decisionMs.p95.toFixed(2)} ms)`,
      isMet: decisionMs.p50 <= 5,
    },
  ];
  if (client !== null) {
    const { noneMs, residentMs, silentMs, commandMs } = client;
    const ms = ` (${residentMs.toFixed(0)} ms beside ${noneMs.toFixed(0)} ms)`;
    rows.push(
      atMost('real client, response to next request, beside no hook', 1.1, residentMs / noneMs, ms),
      compared('the same with a server that answers with nothing', silentMs / noneMs),
      compared('the same with command hooks', commandMs / noneMs),
    );
  }
  return { title: 'Resident gate', rows };
}

async function sync({ sandbox, built, isShort }: Bench): Promise<Section> {
  const trees = await measureSync(sandbox, built, isShort);
  return { title: 'Sync', rows: trees.flatMap(syncRows) };
}

function syncRows(tree: SyncFigures): Row[] {
  const megabytes = (tree.treeBytes / 1e6).toFixed(0);
  const of = `${tree.tree} (${megabytes} MB, ${tree.fileCount} files, ${tree.requestCount} requests)`;
  const ms = ` (${tree.firstMs.toFixed(0)} ms)`;
  const beside = (what: string, limit: number, ratio: number | null, note = ''): Row[] =>
    ratio === null ? [] : [atMost(`${what} beside ccusage`, limit, ratio, note)];
  return [
    ...beside(`${of}: first sync`, MAX_SYNC_RATIO[tree.tree] ?? 1, tree.toCcusage, ms),
    ...beside(`${tree.tree}: second sync`, 0.3, tree.secondToCcusage),
    atMost(`${tree.tree}: second sync beside the first`, 0.1, tree.secondToFirst, ms),
    {
      what: `${tree.tree}: peak memory; ledger less the truth`,
      asked: '≤ 200 MB; $0',
      reached: `${tree.peakMegabytes.toFixed(0)} MB; ${tree.driftNanoUsd} nano-dollars`,
      isMet: tree.peakMegabytes <= 200 && tree.driftNanoUsd === 0,
    },
  ];
}

/** Ways to ask that cost alike. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['one grouping', /^--by [\w:]+$/],
  ['two groupings, --breakdown', /,|--breakdown/],
  ['--where, --since, --top', /--(where|since|top)/],
  ['long lists: --json, csv, markdown, focus', /--(json|format)/],
];

async function reports({ sandbox, built, isShort }: Bench): Promise<Section> {
  const figures = await measureReports(sandbox, built, isShort);
  const shapes = [...new Set(figures.map(({ shape }) => shape))];
  const rows = shapes.flatMap((shape) =>
    KINDS.map(([kind, pattern]) => {
      const isFirst = ({ words }: ReportFigure) =>
        [...KINDS].reverse().find(([, each]) => each.test(words))?.[1] === pattern;
      return reportRow(
        `${shape}: ${kind}`,
        figures.filter((each) => each.shape === shape && isFirst(each)),
      );
    }),
  );
  return {
    title: `Reports of ${isShort ? '50 000' : '1 000 000'} entries, beyond bare Node`,
    rows,
  };
}

function reportRow(what: string, figures: readonly ReportFigure[]): Row {
  const [again, first] = [figures.map((each) => each.againMs), figures.map((each) => each.firstMs)];
  const slow = figures.filter(({ againMs, firstMs }) => Math.max(againMs, firstMs) > MAX_REPORT_MS);
  const over = slow.map(({ words }) => `\`${words}\``).join(', ');
  return {
    what: `${what} (${figures.length} reports)`,
    asked: `≤ ${MAX_REPORT_MS} ms`,
    reached: `${range(again)} ms, the first time ${range(first)} ms${over ? `; over it: ${over}` : ''}`,
    isMet: slow.length === 0,
  };
}

/** Needs `TOLLGATE_CCUSAGE` for its half of the figures; the details go to BESIDE-CCUSAGE.md. */
async function ccusage({ sandbox, built, isShort, folder }: Bench): Promise<Section> {
  const beside = await measureBesideCcusage(sandbox, built, isShort);
  const { comparisons, speed } = beside;
  const hasTheirs = Boolean(process.env.TOLLGATE_CCUSAGE);
  const ours = comparisons.filter(({ oursIsTrue }) => oursIsTrue).length;
  const theirs = comparisons.filter(({ theirsIsTrue }) => theirsIsTrue).length;
  for (const { tree, grouping, timeZone, reason } of comparisons) {
    if (reason) console.log(`note ccusage, ${tree} by ${grouping} in ${timeZone}: ${reason}`);
  }
  if (!isShort && hasTheirs) {
    writeFileSync(join(folder, 'BESIDE-CCUSAGE.md'), comparisonPage(beside));
  }
  return {
    title: 'Beside ccusage',
    rows: [
      {
        what: `reports that tell the truth, of ${comparisons.length} (trees × groupings × zones)`,
        asked: 'all',
        reached: `${ours}${hasTheirs ? `; ccusage: ${theirs}` : ''}`,
        isMet: ours === comparisons.length,
      },
      ...speed.map(({ grouping, ratio }) =>
        atMost(
          `report by ${grouping}`,
          1,
          ratio.paired,
          ` (${ratio.medianMs.toFixed(0)} ms beside ${ratio.baseMs.toFixed(0)} ms)`,
        ),
      ),
    ],
  };
}

async function forecast({ isShort }: Bench): Promise<Section> {
  const { mixed, large, alike, warned } = simulateForecasts(isShort ? 20 : 300, 1_000_003);
  const rows: Row[] = [
    ...endRows('mixed sessions, default', mixed.cautious, 0.05, 0.93),
    ...endRows('mixed sessions, `strict`', mixed.strict, 0.01, 0.8),
    ...endRows('large requests, `strict`', large.strict, 0.01, 0.8),
  ];
  for (const [who, ends] of Object.entries(alike)) {
    rows.push(...endRows(who, ends.cautious, 0, who === 'regular session' ? 0.92 : 0.6));
  }
  for (const [level, share] of Object.entries(warned)) {
    rows.push(shareRow(`halts without a warning, \`${level}\``, 0, share));
  }
  return { title: 'Forecast', rows };
}

const shareRow = (what: string, most: number, share: number): Row => ({
  what,
  asked: `≤ ${100 * most} %`,
  reached: `${(100 * share).toFixed(2)} %`,
  isMet: share <= most,
});

function endRows(who: string, end: End | undefined, mostOver: number, leastMedian: number): Row[] {
  if (end === undefined) return [];
  const { count, overCount, median } = end;
  return [
    shareRow(`${who}: over the ceiling`, mostOver, overCount / count),
    {
      what: '… utilisation in the median',
      asked: `≥ ${leastMedian}`,
      reached: median.toFixed(3),
      isMet: median >= leastMedian,
    },
  ];
}

const DOLLAR = 1_000_000_000;

/** Machines by the dozen under one ceiling: how much goes over it, and how much nobody can use. */
async function teamCeiling({ isShort }: Bench): Promise<Section> {
  const [machineCount, runCount] = isShort ? [40, 1] : [200, 5];
  const ceiling = (machineCount * DOLLAR) / 2;
  const runs = [];
  for (let run = 0; run < runCount; run += 1)
    runs.push(await spendTogether(machineCount, ceiling, 24));
  const over = Math.max(...runs.map(({ countedNanoUsd }) => countedNanoUsd - ceiling));
  const left = Math.max(...runs.map(({ countedNanoUsd }) => ceiling - countedNanoUsd));
  const usd = (amount: number) => `$${(Math.max(0, amount) / DOLLAR).toFixed(2)}`;
  return {
    title: 'One ceiling of a team',
    rows: [
      {
        what: `${machineCount} machines over 24 connections, turns of $0 to $0.50, ${usd(ceiling)} a day, ${runCount} times: most over it`,
        asked: '$0.00',
        reached: usd(over),
        isMet: over <= 0,
      },
      shareRow('most left when nobody can go on', 0.01, left / ceiling),
      compared('turns each time', range(runs.map(({ turnCount }) => turnCount))),
      compared(
        'questions to PostgreSQL each time',
        range(runs.map(({ questionCount }) => questionCount)),
      ),
    ],
  };
}
