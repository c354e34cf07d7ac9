// Door 1: an agent's hook. Reads one event, asks the gate, prints the answer, ends the process.
// Rule: it never ends in silence on a failure; what it cannot know it says, and by default it halts.
// Everything is synchronous: the ledger's lock is waited for at most five seconds (and one and a half before that,
// where the short way was tried), the client's own limit on a hook is ten, and nothing else here can take long.
import type { AgentEvent, Answer, Moment, Reply } from '../agents/agent.ts';
import { GATE_MODES } from '../agents/claude-code/install/resident-names.ts';
import { placePaths } from '../attribution/git-files.ts';
import type { Config, ConfigProblem } from '../config/config.ts';
import { type CachedConfig, readCachedConfig } from '../config/config-cache.ts';
import { configSources, findProjectRoot, stateHome, watchedPaths } from '../config/paths.ts';
import { unreadCeiling } from '../config/unread-ceiling.ts';
import type { Pass } from '../domain/decision-lease.ts';
import { toPerson } from '../domain/explain.ts';
import { type SessionId, sessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Breach } from '../domain/verdict.ts';
import { TollgateError } from '../errors.ts';
import { groundsOf } from '../gate/lease-pricing.ts';
import { type EventDeps, onEvent } from '../gate/on-event.ts';
import { withBuild, withLabels } from '../ingest/attribution-labels.ts';
import { VERSION } from '../runtime/version.ts';
import type { Store } from '../stores/store.ts';
import { agent, openLedger, wireEvents } from '../wire.ts';
import { dropPass, dropStale, writePass } from './fast-path/lease-file.ts';
import { answerForeignHost, isForeignHost } from './foreign-host-answer.ts';
import { hasHeartbeat } from './heartbeat.ts';
import { exitNow, readStdin, writeAll } from './stdio.ts';

/** Moments at which a person reads what a hook has to say about itself. */
const TELLS_PROBLEMS: ReadonlySet<Moment> = new Set<Moment>(['session-start', 'prompt']);
/** Moments at which a session may have come to go on from another one. */
const BEGINS_OR_ENDS: ReadonlySet<Moment> = new Set<Moment>(['session-start', 'session-end']);

/**
 * Runs one hook, from the event's text to exit. `eventName` is the client's name of the event this file is for;
 * `leavesPass`: the hook of the next tool call may look for one; `beforeExit` runs when everything is said.
 */
export function runHook(
  eventName: string,
  text: string = readStdin(),
  leavesPass = true,
  beforeExit: () => void = () => {},
): void {
  const remark = eventName === 'UserPromptSubmit' ? gateRemark(process.argv, process.env) : null;
  const { stdout, stderr, exitCode } = answerHook(
    eventName,
    text,
    process.env,
    leavesPass ? LEAVING_A_PASS : FOR_ONE_EVENT,
    remark,
  );
  if (stdout) writeAll(1, stdout);
  if (stderr) writeAll(2, `${stderr}\n`);
  if (eventName === 'SessionStart') syncHistory(process.env);
  beforeExit();
  exitNow(exitCode);
}

/** How a door comes by the ledger: a hook opens and closes it, a resident gate keeps it open. */
export interface LedgerUse {
  readonly open: (stateHome: string) => Store;
  readonly close: (store: Store) => void;
  /** What becomes of a session's pass, where the next event is answered by another process; absent: it is not. */
  readonly passes?: 'leave' | 'drop';
}

const FOR_ONE_EVENT: LedgerUse = {
  open: openLedger,
  close: (store) => store.close(),
  passes: 'drop',
};
const LEAVING_A_PASS: LedgerUse = { ...FOR_ONE_EVENT, passes: 'leave' };

/**
 * Answers one event, whatever happens: a failure is an answer, too. `eventName` stands in for an event
 * that cannot be read; `remark` is told to the person beside an answer that reaches them.
 */
export function answerHook(
  eventName: string,
  text: string,
  env: NodeJS.ProcessEnv,
  ledger: LedgerUse = FOR_ONE_EVENT,
  remark: string | null = null,
): Reply {
  let event: AgentEvent | null = null;
  let known: CachedConfig | null = null;
  const startedAt = Date.now();
  try {
    event = agent.parseEvent(text);
    known = readConfigFor(env.CLAUDE_PROJECT_DIR || event.cwd, env);
    return agent.formatReply(event.moment, answer(event, known, env, ledger, remark, startedAt));
  } catch (error) {
    if (isForeignHost(error)) {
      const answered = answerForeignHost(error.message, text, env, readConfigFor);
      return agent.formatReply(momentNamed(eventName), answered);
    }
    const failure = answerFailure(error, event, known, env);
    return agent.formatReply(event?.moment ?? momentNamed(eventName), failure);
  }
}

/** The configuration in force for whoever works in a folder. */
export function readConfigFor(folder: string, env: NodeJS.ProcessEnv): CachedConfig {
  const root = findProjectRoot(folder);
  return readCachedConfig(configSources(root, env), {
    stateHome: stateHome(env),
    programVersion: VERSION,
    at: Date.now(),
    // The schema library costs more than the whole decision, so it is a file of its own, for a day when
    // a configuration has changed.
    loadFully: (sources, options) =>
      (require('../config/load.ts') as typeof import('../config/load.ts')).loadConfig(
        sources,
        options,
      ),
  });
}

function answer(
  event: AgentEvent,
  known: CachedConfig,
  env: NodeJS.ProcessEnv,
  ledger: LedgerUse,
  remark: string | null,
  startedAt: EpochMs,
): Answer {
  const store = ledger.open(stateHome(env));
  try {
    const deps = {
      ...wireEvents(store, known.config, env, event.cwd),
      // The session's own environment; that of whoever reads its transcript later says nothing about it.
      labels: withBuild(withLabels(known.config, env.TOLLGATE_LABELS), env.GITHUB_REF),
    };
    const unread = known.problems.length === 0 ? null : unreadCeiling(known);
    const keepPass =
      unread !== null || ledger.passes === undefined
        ? null
        : passKeeper(deps, env, ledger.passes, startedAt);
    const given = withUnreadCeiling(
      onEvent(event, { ...deps, keepPass }, Date.now()),
      unread,
      known.config.onFailure,
      event.sessionId,
    );
    if (BEGINS_OR_ENDS.has(event.moment)) dropPass(deps.stateHome, event.sessionId, Date.now());
    if (!TELLS_PROBLEMS.has(event.moment)) return given;
    return withRemark(withProblems(given, known), remark);
  } finally {
    ledger.close(store);
  }
}

/** Keeps passes where the hook of the next tool call looks for them, with all that they go by. */
const passKeeper =
  (
    { config, labels, pricer, readPlace, stateHome: home }: EventDeps,
    env: NodeJS.ProcessEnv,
    passes: LedgerUse['passes'],
    startedAt: EpochMs,
  ) =>
  (pass: Pass | null, event: AgentEvent): void => {
    const { cwd, sessionId: id } = event;
    if (pass === null || passes === 'drop') {
      dropStale(home, id);
      return;
    }
    const ofPlace = placePaths(cwd, env);
    const paths = ofPlace && [...watchedPaths(env.CLAUDE_PROJECT_DIR || cwd, env), ...ofPlace];
    const place = readPlace(cwd);
    const grounds = groundsOf(pass, { place, labels, pricer, pricing: config.pricing });
    writePass(home, { pass, event, grounds, paths, startedAt }, env);
  };

function syncHistory(env: NodeJS.ProcessEnv): void {
  const { syncWhenDue } =
    require('../ingest/sync/background.ts') as typeof import('../ingest/sync/background.ts');
  syncWhenDue(stateHome(env), `${import.meta.dirname}/../cli/main.js`, env, Date.now());
}

/** Before a turn: whether its tools will be answered, by the resident gate or by hooks that stand in for it. */
function gateRemark(args: readonly string[], env: NodeJS.ProcessEnv): string | null {
  const mode = GATE_MODES.find((each) => args.includes(each));
  if (mode === undefined) return null;
  if (mode === '--resident' && hasHeartbeat(stateHome(env), env.CLAUDE_PID ?? '')) return null;
  try {
    const { ensureGate } =
      require('./command-hook-fallback.ts') as typeof import('./command-hook-fallback.ts');
    return ensureGate(mode, env, process.cwd());
  } catch (error) {
    return `Tollgate: it could not be seen whether the resident gate is running: ${(error as Error).message}`;
  }
}

const withRemark = (given: Answer, remark: string | null): Answer =>
  remark === null
    ? given
    : { ...given, forPerson: [remark, given.forPerson].filter(Boolean).join('\n') };

/** Where a ceiling is not known, nothing goes on under it; a refusal of the gate's own stays as it is. */
function withUnreadCeiling(
  given: Answer,
  unread: ConfigProblem | null,
  onFailure: Config['onFailure'],
  session: SessionId,
): Answer {
  const { kind, breaches } = given.verdict;
  if (unread === null || kind === 'halt' || kind === 'deny') return given;
  const { file, path, message, hint } = unread;
  const breach: Breach = { code: 'NO_CEILING', file, path, detail: `${message} ${hint}` };
  const halts = onFailure === 'halt';
  return {
    ...given,
    verdict: { kind: halts ? 'halt' : 'warn', breaches: [breach, ...breaches] },
    reason: halts ? toPerson(breach, session) : null,
  };
}

function withProblems(given: Answer, known: CachedConfig): Answer {
  if (known.problems.length === 0) return given;
  const told = known.problems.map(({ file, path, at, message, hint }) => {
    const where = `${file}${at ? `:${at.line}:${at.column}` : ''}${path ? ` ${path}` : ''}`;
    return `Tollgate configuration: ${where}: ${message} ${hint}`;
  });
  if (known.basis === 'last-good') {
    told.push('Until that is mended the last configuration without mistakes holds.');
  }
  return { ...given, forPerson: [given.forPerson, ...told].filter(Boolean).join('\n') };
}

function answerFailure(
  error: unknown,
  event: AgentEvent | null,
  known: CachedConfig | null,
  env: NodeJS.ProcessEnv,
): Answer {
  const session: SessionId = event?.sessionId ?? sessionId('unknown');
  const breach: Breach = {
    code: 'LEDGER_UNAVAILABLE',
    detail: error instanceof Error ? error.message : String(error),
    hint:
      error instanceof TollgateError
        ? `To mend it: ${error.hint}.`
        : 'This is a bug of Tollgate; details are in tollgate.log beside its ledger.',
  };
  note(error, event, env);
  // Where nobody has set a ceiling there is nothing to protect, and nobody is to be held up.
  const hasCeiling =
    known === null ||
    unreadCeiling(known) !== null ||
    known.config.budgets.some((budget) => budget.mode === 'enforce' && budget.hardNanoUsd !== null);
  const halts = hasCeiling && (known?.config.onFailure ?? 'halt') === 'halt';
  const said = toPerson(breach, session);
  return {
    verdict: { kind: halts ? 'halt' : 'warn', breaches: [breach] },
    forPerson: said,
    forModel: null,
    reason: halts ? said : null,
  };
}

function note(error: unknown, event: AgentEvent | null, env: NodeJS.ProcessEnv): void {
  try {
    const { logFailure } = require('../runtime/log.ts') as typeof import('../runtime/log.ts');
    logFailure(stateHome(env), error, { moment: event?.moment, session: event?.sessionId });
  } catch {
    // The person is told below; the log is a second witness.
  }
}

/** An event that could not be read is answered as the one this file is for. */
function momentNamed(eventName: string): Moment {
  try {
    return agent.parseEvent(JSON.stringify({ hook_event_name: eventName, session_id: 'unknown' }))
      .moment;
  } catch {
    return 'before-tool';
  }
}
