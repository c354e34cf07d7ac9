// `npm run bench`: every figure of "never in the way", as ratios of runs side by side, on the console and in RESULTS.md.
// `--short` takes a minute and is for CI; `--only hooks|sync|resident|reports|ccusage` measures one part.
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '../support/sandbox.ts';
import { comparisonPage, measureBesideCcusage } from './beside-ccusage.ts';
import { type Built, measureHooks } from './hook-latency.ts';
import { measureReports } from './report-speed.ts';
import { measureResident } from './resident-latency.ts';
import { measureSync, type SyncFigures } from './sync-speed.ts';

/** One line of the results. */
interface Line {
  readonly what: string;
  readonly asked: string;
  readonly reached: string;
  readonly isMet: boolean;
}

const root = process.env.TOLLGATE_CHECKOUT ?? process.cwd();
const built: Built = {
  hooks: join(root, 'dist', 'hooks'),
  cli: join(root, 'dist', 'cli', 'main.js'),
};
const words = process.argv.slice(2);
const isShort = words.includes('--short');
const only = words.includes('--only') ? words[words.indexOf('--only') + 1] : null;

const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
const atMost = (what: string, limit: number, ratio: number, note = ''): Line => ({
  what,
  asked: `≤ ${times(limit)}`,
  reached: `${times(ratio)}${note}`,
  isMet: ratio <= limit,
});

/** Asked of a first sync beside ccusage. */
const MAX_SYNC_RATIO: Readonly<Record<string, number>> = { 'small files': 2 };

const sandbox = await createSandbox();
const lines: Line[] = [];
const add = (...found: Line[]) => {
  for (const line of found) {
    lines.push(line);
    console.log(
      `${line.isMet ? 'ok  ' : 'MISS'} ${line.what}: ${line.reached} (asked ${line.asked})`,
    );
  }
};

try {
  if (only === null || only === 'hooks') {
    const figures = await measureHooks(sandbox, built, isShort);
    const { hook, gate, longTranscript, largeLedger, burst } = figures;
    const ms = ` (${hook.medianMs.toFixed(1)} ms beside ${hook.baseMs.toFixed(1)} ms)`;
    add(
      atMost('PreToolUse, 20 KB new, p50 beside bare Node', 1.25, hook.paired, ms),
      atMost('the same, p95', 1.5, hook.p95),
      {
        what: 'the same without a lease, where the gate decides, for comparison',
        asked: 'none',
        reached: `${times(gate.paired)}, p95 ${times(gate.p95)}`,
        isMet: true,
      },
      atMost(
        `a transcript of ${isShort ? '100 MB' : '1 GB'} beside 1 MB`,
        1.05,
        longTranscript.paired,
      ),
      atMost(
        `a ledger of ${isShort ? '50 000' : '1 000 000'} entries beside 1 000`,
        1.05,
        largeLedger.paired,
      ),
      {
        what: `${burst.hookCount} hooks, 64 at once: lost or counted twice, failed`,
        asked: '0, 0',
        reached: `${burst.driftCount}, ${burst.failedCount}`,
        isMet: burst.driftCount === 0 && burst.failedCount === 0,
      },
      {
        what: 'their throughput beside bare Node',
        asked: '≥ 0.60 ×',
        reached: times(burst.throughputRatio),
        isMet: burst.throughputRatio >= 0.6,
      },
    );
  }
  if (only === null || only === 'resident') {
    const { decisionMs, client } = await measureResident(sandbox, built, isShort);
    add({
      what: 'resident gate, a decision with 20 KB new, p50 (p95)',
      asked: '≤ 5 ms',
      reached: `${decisionMs.p50.toFixed(2)} ms (${decisionMs.p95.toFixed(2)} ms)`,
      isMet: decisionMs.p50 <= 5,
    });
    if (client !== null) {
      const ms = ` (${client.residentMs.toFixed(0)} ms beside ${client.noneMs.toFixed(0)} ms)`;
      add(
        atMost(
          'real client, response to next request, resident beside no hook',
          1.1,
          client.residentMs / client.noneMs,
          ms,
        ),
        {
          what: 'the same with a server that answers with nothing, for comparison',
          asked: 'none',
          reached: times(client.silentMs / client.noneMs),
          isMet: true,
        },
        {
          what: 'the same with command hooks, for comparison',
          asked: 'none',
          reached: times(client.commandMs / client.noneMs),
          isMet: true,
        },
      );
    }
  }
  if (only === null || only === 'sync') {
    for (const sync of await measureSync(sandbox, built, isShort)) add(...syncLines(sync));
  }
  const ccusage = process.env.TOLLGATE_CCUSAGE;
  if (only === 'ccusage' || (only === null && ccusage)) {
    const beside = await measureBesideCcusage(sandbox, built, isShort);
    const { comparisons } = beside;
    const trueCount = comparisons.filter(({ oursIsTrue }) => oursIsTrue).length;
    const theirs = comparisons.filter(({ theirsIsTrue }) => theirsIsTrue).length;
    add({
      what: `reports that tell the truth, of ${comparisons.length} (trees × groupings × zones)`,
      asked: 'all',
      reached: `${trueCount}${ccusage ? `; ccusage: ${theirs}` : ''}`,
      isMet: trueCount === comparisons.length,
    });
    for (const { tree, grouping, timeZone, reason } of comparisons) {
      if (reason) console.log(`note ccusage, ${tree} by ${grouping} in ${timeZone}: ${reason}`);
    }
    for (const { grouping, ratio } of beside.speed) {
      const ms = ` (${ratio.medianMs.toFixed(0)} ms beside ${ratio.baseMs.toFixed(0)} ms)`;
      add(atMost(`report by ${grouping} beside ccusage`, 1, ratio.paired, ms));
    }
    if (!isShort && ccusage) {
      writeFileSync(join(root, 'test', 'bench', 'BESIDE-CCUSAGE.md'), comparisonPage(beside));
    }
  }
  if (only === null || only === 'reports') {
    for (const { shape, words, firstMs, againMs } of await measureReports(
      sandbox,
      built,
      isShort,
    )) {
      add({
        what: `report ${words}, beyond bare Node (${isShort ? '50 000' : '1 000 000'} entries, ${shape})`,
        asked: '≤ 150 ms',
        reached: `${againMs.toFixed(0)} ms, the first time ${firstMs.toFixed(0)} ms`,
        isMet: firstMs <= 150 && againMs <= 150,
      });
    }
  }
} finally {
  await sandbox.cleanup();
}
if (!isShort && only === null)
  writeFileSync(join(root, 'test', 'bench', 'RESULTS.md'), page(lines));

function syncLines(sync: SyncFigures): Line[] {
  const megabytes = (sync.treeBytes / 1e6).toFixed(0);
  const tree = `${sync.tree} (${megabytes} MB, ${sync.fileCount} files, ${sync.requestCount} requests)`;
  const ms = ` (${sync.firstMs.toFixed(0)} ms)`;
  const beside = (what: string, limit: number, ratio: number | null, note = ''): Line[] =>
    ratio === null ? [] : [atMost(`${what} beside ccusage`, limit, ratio, note)];
  return [
    ...beside(`sync of ${tree}`, MAX_SYNC_RATIO[sync.tree] ?? 1, sync.toCcusage, ms),
    ...beside(`a second sync of ${sync.tree}`, 0.3, sync.secondToCcusage),
    atMost(`a second sync of ${sync.tree} beside the first`, 0.1, sync.secondToFirst, ms),
    {
      what: `peak memory of a sync of ${sync.tree}`,
      asked: '≤ 200 MB',
      reached: `${sync.peakMegabytes.toFixed(0)} MB`,
      isMet: sync.peakMegabytes <= 200,
    },
    {
      what: `ledger less the truth of ${sync.tree}`,
      asked: '0 nano-dollars',
      reached: `${sync.driftNanoUsd} nano-dollars`,
      isMet: sync.driftNanoUsd === 0,
    },
  ];
}

function page(found: readonly Line[]): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = `${cpus().length} × ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.versions.node}`;
  return `# Bench results

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Runs are interleaved; a ratio is the median of the ratios of
each round. Milliseconds are of this machine on that day, ratios carry over.

Machine: ${machine}.

| what | asked | reached | |
| --- | --- | --- | --- |
${found.map(({ what, asked, reached, isMet }) => `| ${what} | ${asked} | ${reached} | ${isMet ? 'met' : 'not met'} |`).join('\n')}
`;
}
