// `tollgate run`: runs a command whose sessions count together under one ceiling, and says by its exit code whether a
// budget halted them or nobody could see what they spent. Rule: nothing else changes what the command sees, says, or ends with.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { toPerson } from '../../domain/breach-text.ts';
import { standingBreach } from '../../domain/decide.ts';
import { sessionId } from '../../domain/ids.ts';
import { toUsdNumber } from '../../domain/money.ts';
import type { Breach, HaltRecord } from '../../domain/verdict.ts';
import { TollgateError } from '../../errors.ts';
import { budgetContextOf, readBudgetStatuses } from '../../gate/budget-context.ts';
import { handOffFile, readHandOff } from '../../gate/hand-off.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { readStandingHalts } from '../../gate/standing-halts.ts';
import { ingestNewLines } from '../../ingest/ingest-new-lines.ts';
import { settle } from '../../ingest/settle.ts';
import type { SessionRecord } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { withLedger, withStore } from '../context.ts';
import { FAILED, HALTED } from '../exit-code.ts';
import { guardRun } from '../guard-run.ts';
import { readConfig, requireConfig } from '../read-config.ts';
import { annotatorOf } from '../run-annotations.ts';

const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

export function describe(command: Command): void {
  command
    .argument('<command...>', 'what to run, behind --')
    .option('--hard <usd>', 'what the sessions of this run may spend together at most')
    .option('--soft <usd>', 'what they may spend before they are warned')
    .option('--id <run>', 'count together with earlier runs of this id: the tries of one job')
    .option('--json', 'print the result as JSON on stderr (schema tollgate/run@1)')
    .option('--result <file>', 'write that JSON to a file')
    .option('--annotations <kind>', 'github: an annotation on stderr; junit=FILE: a test report')
    .addHelpText(
      'after',
      `
With claude as the command nothing needs to be installed: where no hooks are, this run gets its own.

Examples:
  tollgate run --hard 5 -- claude -p "fix the tests"
  tollgate run -- claude -p "fix the tests"
  tollgate run --id "$CI_JOB_ID" --result tollgate.json -- claude -p "fix the tests"

Sessions of one run draw on one session budget, also when the job is tried again or resumed.
Exit code 3 when a budget halted it, or when it ended well and nobody could see what it spent;
2 when it was not run; else the command's own.`,
    );
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  outside: CliContext,
): Promise<number> {
  const annotate = annotatorOf(options.annotations);
  const runId =
    typeof options.id === 'string' ? options.id : outside.env.TOLLGATE_RUN_ID || randomUUID();
  const guard = guardRun(args, options, { runId, context: outside });
  try {
    const context = { ...outside, env: { ...outside.env, ...guard.variables } };
    const config = requireConfig(context);
    // Before anything is spent: what cannot be written down cannot be limited.
    await withStore(context, () => undefined);
    const ended = await runCommand(guard.command, context.env, context);
    const result = await withLedger(context, config, (store, deps) =>
      store.immediately(() => resultOf(runId, ended, deps, config, context)),
    );
    const text = `${JSON.stringify(result, null, 2)}\n`;
    if (typeof options.result === 'string') writeFileSync(options.result, text);
    const reason = reasonOf(result);
    if (options.json) context.emit(text.trimEnd());
    else if (reason !== null) context.emit(reason);
    annotate(result, reason, context);
    return result.runExitCode;
  } finally {
    guard.cleanUp();
  }
}

type RunResult = ReturnType<typeof resultOf>;

/** Why the run is not just what its command was; `null` when it is. */
function reasonOf({ cause, breach, sessionId: id, sessions }: RunResult): string | null {
  if (cause === 'halted' && breach !== null && id !== null) return toPerson(breach, sessionId(id));
  if (cause !== 'unseen') return null;
  if (sessions.length === 0) {
    return 'tollgate: no session of this run came by, so nobody knows what it spent; are the hooks in place? (tollgate init)';
  }
  const unseen = sessions.find(({ isSeen }) => !isSeen);
  return `tollgate: nobody can see what session ${unseen?.sessionId} spent: it has no transcript. Run Claude Code without --no-session-persistence, with a home it can write to.`;
}

interface Ended {
  readonly exitCode: number;
  readonly signal: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Runs it on our own terminal; signals that reach us reach it. */
function runCommand(
  [file = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, now, stdin }: CliContext,
): Promise<Ended> {
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  const forward = FORWARDED.map((signal) => {
    // A terminal's own Ctrl-C goes to the whole group, the command included.
    const isTold = signal === 'SIGINT' && stdin.isTTY;
    const listener = () => (isTold ? undefined : child.kill(signal));
    process.on(signal, listener);
    return { signal, listener };
  });
  return new Promise<Ended>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new TollgateError({
          code: 'COMMAND_NOT_RUN',
          message: `${file} cannot be run: ${cause.code ?? cause.message}`,
          hint: 'give the command behind --, as in: tollgate run -- claude -p "…"',
          cause,
        }),
      ),
    );
    child.once('close', (code, signal) => {
      const bySignal = signal === null ? FAILED : 128 + constants.signals[signal];
      resolve({ exitCode: code ?? bySignal, signal, startedAt: now, endedAt: Date.now() });
    });
  }).finally(() => {
    for (const { signal, listener } of forward) process.off(signal, listener);
  });
}

function resultOf(
  runId: string,
  { exitCode, signal, startedAt, endedAt }: Ended,
  deps: EventDeps,
  config: Config,
  context: CliContext,
) {
  const { store } = deps;
  const sessions = store.readRun(runId).flatMap((id) => {
    const known = store.readSession(id);
    if (known === null) return [];
    ingestNewLines(known, deps, endedAt);
    settle(id, store, deps, endedAt);
    return [sessionOf(store.readSession(id) ?? known, deps, config, context, endedAt)];
  });
  const last = sessions.findLast(({ halt }) => halt !== null) ?? sessions.at(-1);
  const costNanoUsd = sessions.reduce((sum, session) => sum + session.costNanoUsd, 0);
  const halted = last?.halt != null;
  const isUnseen = sessions.length === 0 || sessions.some(({ isSeen }) => !isSeen);
  const cause = halted ? 'halted' : isUnseen ? 'unseen' : exitCode === 0 ? 'completed' : 'failed';
  // A command that failed by itself before any session began keeps its own code.
  const isHeld = halted || (isUnseen && (exitCode === 0 || sessions.length > 0));
  return {
    schema: 'tollgate/run@1' as const,
    runId,
    halted,
    cause,
    /** The command's. */
    exitCode,
    /** Tollgate's own. */
    runExitCode: isHeld ? HALTED : exitCode,
    signal,
    startedAt,
    startedAtIso: new Date(startedAt).toISOString(),
    endedAt,
    endedAtIso: new Date(endedAt).toISOString(),
    sessionId: last?.sessionId ?? null,
    costNanoUsd,
    costUsd: toUsdNumber(costNanoUsd),
    ceilingNanoUsd: last?.halt?.haltRecord.ceilingNanoUsd ?? null,
    breach: last?.halt?.breach ?? null,
    handOff: last?.handOff ?? null,
    sessions: sessions.map(({ halt, handOff, ...session }) => ({
      ...session,
      haltedAt: halt?.haltRecord.haltedAt ?? null,
    })),
  };
}

interface Halt {
  readonly haltRecord: HaltRecord;
  readonly breach: Breach;
}

function sessionOf(
  session: SessionRecord,
  deps: EventDeps,
  config: Config,
  context: CliContext,
  now: number,
) {
  const { store, stateHome } = deps;
  const { sessionId: id, cwd } = session;
  const own = cwd === null ? config : readConfig(context, cwd).config;
  const here = { ...deps, config: own };
  const thread = store.readThread(id, null);
  const at = { sessionId: id, agentId: null, agentType: null, turnId: thread?.turnId ?? null };
  const budgetContext = budgetContextOf({ ...at, cwd: cwd ?? '.' }, session, thread, here, now);
  const budgetStatuses = readBudgetStatuses(budgetContext, session, here);
  const { haltRecord } = readStandingHalts(
    { budgetContext, budgetStatuses, budgets: own.budgets, isNewTurn: false },
    store,
  );
  const halt: Halt | null =
    haltRecord === null ? null : { haltRecord, breach: standingBreach(haltRecord, budgetStatuses) };
  const { costNanoUsd, requestCount } = store.readSessionTotals(id);
  const handOff = readHandOff(stateHome, id) === null ? null : handOffFile(stateHome, id);
  const { transcriptPath } = session;
  const isSeen = transcriptPath !== null && existsSync(transcriptPath);
  return { sessionId: id, costNanoUsd, requestCount, isSeen, halt, handOff };
}
