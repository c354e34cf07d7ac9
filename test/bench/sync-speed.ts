// What `tollgate sync` costs on three trees of transcripts, beside ccusage where one is named by TOLLGATE_CCUSAGE. Rule: the
// same tree, the same run, and a total that is compared with the generator's own book.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../support/sandbox.ts';
import type { Built } from './hook-latency.ts';
import { median, type Run, ratioOf, runOnce, type Variant } from './measure.ts';
import { type TreeShape, writeTranscripts } from './transcripts.ts';

/** The figures of one tree. */
export interface SyncFigures {
  readonly tree: string;
  readonly treeBytes: number;
  readonly fileCount: number;
  readonly requestCount: number;
  readonly firstMs: number;
  /** First sync ÷ ccusage; `null` where none was named. */
  readonly toCcusage: number | null;
  /** Second sync ÷ the first. */
  readonly secondToFirst: number;
  /** Second sync ÷ ccusage. */
  readonly secondToCcusage: number | null;
  readonly peakMegabytes: number;
  /** Ledger less the book, in nano-dollars. */
  readonly driftNanoUsd: number;
}

/** Every tenth file or message of them in a short bench. */
const TREES: Readonly<Record<string, TreeShape>> = {
  'long lines': { fileCount: 77 },
  'small files': { fileCount: 567, messagesPerFile: 68, textBytes: 640, linesPerMessage: 1 },
  'one file': { fileCount: 1, messagesPerFile: 23_100 },
};

const shortened = ({ fileCount, messagesPerFile = 300, ...rest }: TreeShape): TreeShape =>
  fileCount > 1
    ? { ...rest, messagesPerFile, fileCount: Math.ceil(fileCount / 10) }
    : { ...rest, fileCount, messagesPerFile: Math.ceil(messagesPerFile / 10) };

export async function measureSync(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<readonly SyncFigures[]> {
  const figures: SyncFigures[] = [];
  for (const [tree, shape] of Object.entries(TREES)) {
    figures.push(
      await measureTree(tree, isShort ? shortened(shape) : shape, sandbox, built, isShort),
    );
  }
  return figures;
}

async function measureTree(
  tree: string,
  shape: TreeShape,
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<SyncFigures> {
  const config = join(sandbox.root, `sync-${tree.replace(' ', '-')}`);
  mkdirSync(config, { recursive: true });
  const truth = writeTranscripts(config, shape);
  const home = `${config}-ledger`;
  const env = sandbox.env({ CLAUDE_CONFIG_DIR: config, TOLLGATE_HOME: home, TOLLGATE_GH: 'off' });
  const sync = (name: string, prepare: () => void): Variant => ({
    name,
    file: process.execPath,
    args: [built.cli, 'sync', '--quiet'],
    env,
    prepare,
  });
  const variants = [
    sync('first', () => rmSync(home, { recursive: true, force: true })),
    sync('second', () => {}),
  ];
  const ccusage = process.env.TOLLGATE_CCUSAGE;
  if (ccusage) {
    const args = ['claude', 'daily', '--offline', '--json'];
    variants.unshift({ name: 'ccusage', file: ccusage, args, env });
  }
  // In this order in every round: a second sync follows a first.
  const timings = await inOrder(variants, isShort ? 3 : 9);
  const { stdout } = await runOnce({
    name: 'total',
    file: process.execPath,
    args: [built.cli, 'sync', '--json'],
    env,
  });
  const { ledger } = JSON.parse(stdout) as { ledger: { costNanoUsd: number } };
  const figures = {
    tree,
    treeBytes: truth.byteCount,
    fileCount: truth.fileCount,
    requestCount: truth.requestCount,
    firstMs: median((timings.get('first') ?? []).map(({ ms }) => ms)),
    toCcusage: ccusage ? ratioOf(timings, 'first', 'ccusage').paired : null,
    secondToFirst: ratioOf(timings, 'second', 'first').paired,
    secondToCcusage: ccusage ? ratioOf(timings, 'second', 'ccusage').paired : null,
    peakMegabytes: await peakMegabytes(env, built, home),
    driftNanoUsd: ledger.costNanoUsd - truth.costNanoUsd,
  };
  rmSync(config, { recursive: true, force: true });
  return figures;
}
async function inOrder(variants: readonly Variant[], rounds: number) {
  const timings = new Map(variants.map(({ name }) => [name, [] as Run[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const variant of variants) {
      const run = await runOnce(variant);
      if (round >= 0) timings.get(variant.name)?.push(run);
    }
  }
  return timings;
}

/** The process says itself how large it has been. */
async function peakMegabytes(
  env: Record<string, string>,
  built: Built,
  home: string,
): Promise<number> {
  rmSync(home, { recursive: true, force: true });
  const script = `process.on('exit',()=>process.stdout.write(String(process.resourceUsage().maxRSS)))`;
  const { stdout } = await runOnce({
    name: 'peak',
    file: process.execPath,
    args: [
      '--import',
      `data:text/javascript,${encodeURIComponent(script)}`,
      built.cli,
      'sync',
      '--quiet',
    ],
    env,
  });
  return Number(stdout) / 1024;
}
