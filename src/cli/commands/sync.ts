// `tollgate sync`: reads every transcript of this machine into the ledger, before Claude Code deletes it.
// Rule: it may be broken off and started again at any time, beside any number of live sessions.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Unreadable } from '../../agents/agent.ts';
import { FOLDERS_VARIABLE } from '../../agents/claude-code/environment.ts';
import { findGh } from '../../attribution/pull-request-list.ts';
import { stateHome } from '../../config/paths.ts';
import { formatUsd, toUsdNumber } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import { type Repriced, repriceRequests } from '../../ingest/reprice.ts';
import { settle } from '../../ingest/settle.ts';
import { noteSync } from '../../ingest/sync/background.ts';
import { planSync, type SyncPlan } from '../../ingest/sync/plan.ts';
import type { Synced } from '../../ingest/sync/record-chunks.ts';
import { sync } from '../../ingest/sync/sync.ts';
import type { ScannerThreads } from '../../ingest/sync/threads.ts';
import { unusableFiles } from '../../ingest/torn-end.ts';
import { findBuiltFile } from '../../runtime/built-file.ts';
import type { Store } from '../../stores/store.ts';
import { agent, hasLedgerIn, openLedger } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { textOf, textsOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { progressBar } from '../progress-bar.ts';
import type { FoundPullRequests } from '../pull-requests.ts';
import { recordingDeps, type SyncSource } from '../sync-projects.ts';
import { syncFolders, unreadableLine } from '../sync-sources.ts';

/** Below this much to read, starting a thread takes longer than it saves. */
const WORTH_A_THREAD_BYTES = 12 * 1024 * 1024;
/** More are counted, and not named. */
const MAX_LISTED = 100;

export function describe(command: Command): void {
  command
    .option('--from <folder...>', 'read these folders instead of Claude Code’s own')
    .option(
      '--developer <address>',
      'who did the work in them; default: git’s own, none for --from',
    )
    .option('--quiet', 'print nothing; for runs in the background')
    .option('--json', 'print JSON (schema tollgate/sync@1)')
    .addHelpText(
      'after',
      `\nExamples:\n  tollgate sync\n  tollgate sync --from /mnt/old-laptop/.claude --developer dana@acme.example --json\n\n${FOLDERS_VARIABLE} may name several folders, with commas between them. Links are followed.\nWhat cannot be read is told on stderr, and everything else is read: the command then ends with 1, else with 0.\nWhat is in the ledger stays after Claude Code has deleted its transcripts.\nWhere gh is installed, branches are asked for their pull requests, at most once an hour (TOLLGATE_GH=off: never).`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const startedAt = performance.now();
  const folders = syncFolders(textsOf(options.from), context);
  const developer = developerOf(options);
  const ledger = lateLedger(stateHome(context.env), context.env);
  const { plan, threads } = await getReady(folders, ledger);
  try {
    const quiet = options.quiet === true;
    if (!quiet) tellEmpty(plan.emptyFolders, context);
    const synced =
      plan.jobs.length > 0
        ? await readAll(plan, threads, ledger, { folders, developer }, context, quiet)
        : null;
    const unreadable = [...plan.unreadable, ...(synced?.unreadable ?? [])];
    const store = ledger.open();
    const found = await linkPullRequests(store, context, quiet);
    const repriced = repriceAll(store, context);
    sealAll(store);
    const unusable = unusableFiles(store.readCheckpoints());
    const elapsedMs = Math.round(performance.now() - startedAt);
    if (options.json) {
      const totals = store.readLedgerTotals();
      printJson(
        toJson(plan, synced, unreadable, found, repriced, totals, unusable, elapsedMs),
        context,
      );
    } else if (!quiet) {
      context.print(toText(plan, synced, found, repriced, store.readLedgerTotals(), unusable));
    }
    if (options.from === undefined) noteSync(stateHome(context.env));
    if (!quiet) {
      const line = unreadableLine(unreadable);
      if (line !== null) context.emit(line);
    }
    return unreadable.length === 0 ? FINE : FINDINGS;
  } finally {
    // Both take their time, and neither waits for the other.
    const ended = threads?.close();
    ledger.close();
    await ended;
  }
}

/** One call writes some thousands of entries, so that nobody waits for the lock. */
function sealAll(store: Store): void {
  let before = -1;
  while (before !== store.readSealMark().throughSeq) {
    before = store.readSealMark().throughSeq;
    store.seal();
  }
}

/** Names the folders in which there is nothing to read. */
function tellEmpty(folders: readonly string[], { emit }: CliContext): void {
  for (const folder of folders) {
    const isThere = existsSync(folder);
    emit(
      `tollgate: there are no transcripts below ${folder}${isThere ? '' : ', which is not there'}; ` +
        `${FOLDERS_VARIABLE} names another folder`,
    );
  }
}

/** Throws `TollgateError` for an empty one. */
function developerOf(options: Readonly<Record<string, unknown>>): string | null {
  const developer = textOf(options.developer)?.trim();
  if (developer === undefined) return null;
  if (developer !== '') return developer;
  throw new TollgateError({
    code: 'DEVELOPER_EMPTY',
    message: '--developer names nobody',
    hint: 'write the address that reports should show: --developer dana@acme.example',
  });
}

/** Records what the plan names, and keeps the sums of reports up to date. Throws `TollgateError`. */
async function readAll(
  plan: SyncPlan,
  threads: ScannerThreads | null,
  ledger: LateLedger,
  source: SyncSource,
  context: CliContext,
  quiet: boolean,
): Promise<Synced> {
  const bar = progressBar(plan.pendingBytes, 'Reading transcripts', quiet ? null : context);
  const synced = await sync(plan, {
    agent,
    open: () => {
      const store = ledger.open();
      return { store, depsFor: recordingDeps(context, store, source) };
    },
    clock: Date.now,
    scanners: threads?.scanners ?? [],
    onProgress: bar.show,
  });
  const store = ledger.open();
  while (store.immediately(store.refreshSums) > 0);
  bar.end();
  return synced;
}

/** Prices what had no price, by the prices of each session's project. */
function repriceAll(store: Store, context: CliContext): Repriced {
  const byTranscript = recordingDeps(context, store, { folders: [], developer: null });
  const depsFor = (cwd: string | null) => byTranscript(cwd, '');
  return store.immediately(() => {
    const repriced = repriceRequests(null, store, (cwd) => depsFor(cwd).pricer, context.now);
    for (const [id, cwd] of repriced.sessions) settle(id, store, depsFor(cwd), context.now);
    return repriced;
  });
}

/** Asks `gh` for the pull requests of branches; `null` where it is not installed. */
async function linkPullRequests(
  store: Store,
  context: CliContext,
  quiet: boolean,
): Promise<FoundPullRequests | null> {
  const gh = findGh(context.env);
  if (gh === null) return null;
  const { tellPullRequests } = await import('../pull-requests.ts');
  return tellPullRequests(
    gh,
    store,
    quiet ? { ...context, emit: () => undefined } : context,
    false,
  );
}

/** The ledger of this machine, opened by the first who asks for it. */
interface LateLedger {
  readonly isNew: boolean;
  /** Throws `TollgateError`. */
  readonly open: () => Store;
  readonly close: () => void;
}

function lateLedger(home: string, env: NodeJS.ProcessEnv): LateLedger {
  let store: Store | null = null;
  return {
    isNew: !hasLedgerIn(home, env),
    open: () => {
      store ??= openLedger(home, env, { isCompared: true });
      return store;
    },
    close: () => store?.close(),
  };
}

interface Ready {
  readonly plan: SyncPlan;
  readonly threads: ScannerThreads | null;
}

/** Without a ledger everything is new, and the threads can begin before it is made. Throws `TollgateError`. */
async function getReady(folders: readonly string[], ledger: LateLedger): Promise<Ready> {
  try {
    const plan = planSync(
      folders,
      agent,
      ledger.isNew ? new Map() : ledger.open().readCheckpoints(),
    );
    return { plan, threads: await startThreads(plan) };
  } catch (error) {
    ledger.close();
    throw error;
  }
}

/** `null` where threads do not pay, or none can be started: then this one scans alone. */
async function startThreads(plan: SyncPlan): Promise<ScannerThreads | null> {
  const file = findBuiltFile('scan-worker.cjs');
  if (plan.pendingBytes < WORTH_A_THREAD_BYTES || file === null) return null;
  const { scannersOn } = await import('../../ingest/sync/threads.ts');
  const { takeScanThreads } = await import('../../ingest/sync/start-threads.ts');
  const threads = takeScanThreads(file);
  return threads.length === 0 ? null : scannersOn(threads);
}

type UnusableFiles = ReturnType<typeof unusableFiles>;

const lineCountOf = (files: UnusableFiles): number =>
  files.reduce((sum, { lineCount }) => sum + lineCount, 0);

interface LedgerTotals {
  readonly requestCount: number;
  readonly costNanoUsd: number;
}

function toJson(
  plan: SyncPlan,
  synced: Synced | null,
  unreadable: readonly Unreadable[],
  found: FoundPullRequests | null,
  repriced: Repriced,
  ledger: LedgerTotals,
  unusable: UnusableFiles,
  elapsedMs: number,
) {
  return {
    schema: 'tollgate/sync@1',
    sessionCount: plan.sessionCount,
    fileCount: plan.fileCount,
    readFileCount: synced?.readFileCount ?? 0,
    readBytes: synced?.readBytes ?? 0,
    newRequestCount: synced?.requestCount ?? 0,
    overtakenFileCount: synced?.supersededCount ?? 0,
    unreadableCount: unreadable.length,
    unreadable: unreadable.slice(0, MAX_LISTED),
    foldersWithoutTranscripts: plan.emptyFolders,
    unknownModels: [...(synced?.unknownModels ?? [])].map(([model, pricedAs]) => ({
      model,
      pricedAs,
    })),
    repriced: {
      requestCount: repriced.requestCount,
      beforeNanoUsd: repriced.beforeNanoUsd,
      afterNanoUsd: repriced.afterNanoUsd,
    },
    unusableLineCount: lineCountOf(unusable),
    unusableFiles: unusable,
    pullRequests: found,
    ledger: { ...ledger, costUsd: toUsdNumber(ledger.costNanoUsd) },
    elapsedMs,
  };
}

function toText(
  plan: SyncPlan,
  synced: Synced | null,
  found: FoundPullRequests | null,
  repriced: Repriced,
  ledger: LedgerTotals,
  unusable: UnusableFiles,
): string {
  const read = synced?.readFileCount ?? 0;
  const lines = [
    `${counted(plan.sessionCount, 'session')} in ${counted(plan.fileCount, 'file')}, ${read} of them with something new: ` +
      `${counted(synced?.requestCount ?? 0, 'request')} recorded.`,
    `The ledger holds ${counted(ledger.requestCount, 'request')}, ${formatUsd(ledger.costNanoUsd)} in all.`,
  ];
  for (const [model, pricedAs] of synced?.unknownModels ?? []) {
    lines.push(`${model} has no price and was counted as ${pricedAs}.`);
  }
  if (repriced.requestCount > 0) {
    const { beforeNanoUsd, afterNanoUsd } = repriced;
    lines.push(
      `Priced ${counted(repriced.requestCount, 'request')} anew whose model had no price: ${formatUsd(beforeNanoUsd)} became ${formatUsd(afterNanoUsd)}.`,
    );
  }
  const [worst] = unusable.toSorted((a, b) => b.lineCount - a.lineCount);
  if (worst) {
    lines.push(
      `! ${counted(lineCountOf(unusable), 'line')} in ${counted(unusable.length, 'file')} may have used tokens and could not be read: ` +
        `${worst.path}${unusable.length > 1 ? ' …' : ''}`,
    );
  }
  if (found !== null && found.lineCount > 0) {
    lines.push(
      `Linked ${counted(found.lineCount, 'ledger entry', 'ledger entries')} to pull requests (gh).`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${count === 1 ? noun : plural}`;
