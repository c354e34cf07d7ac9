// Answers one event of an agent, whatever happens: a failure is an answer, too. Rule: nothing ends in silence; what cannot be known
// is said, and by default it halts.

import { existsSync } from 'node:fs';
import type { AgentEvent, Answer, Moment, Reply } from '../agents/agent.ts';
import { hostPidOf, projectFolderOf } from '../agents/claude-code/environment.ts';
import type { CachedConfig } from '../config/config-cache.ts';
import type { ConfigInForce } from '../config/in-force.ts';
import { stateHome } from '../config/paths.ts';
import { unreadCeiling } from '../config/unread-ceiling.ts';
import { toPerson } from '../domain/breach-text.ts';
import { type SessionId, sessionId } from '../domain/ids.ts';
import type { Breach } from '../domain/verdict.ts';
import { TollgateError } from '../errors.ts';
import { grantNews } from '../gate/grant.ts';
import type { LastTotals } from '../gate/last-totals.ts';
import { type EventDeps, onEvent } from '../gate/on-event.ts';
import { parsePromptCommand } from '../gate/prompt-command.ts';
import { labelsOf, rulesInSession } from '../ingest/attribution-labels.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';
import type { Store } from '../stores/store.ts';
import {
  agent,
  forgetBackups,
  type LockWait,
  ledgerIdentity,
  openLedger,
  placeReader,
  wireEvents,
} from '../wire.ts';
import { answerWithoutLedger } from './answer-without-ledger.ts';
import { withRemark, withUnreadCeiling, withWords } from './config-words.ts';
import { acceptConfig, checkConfigFor, configInForce, readConfigFor } from './event-config.ts';
import { noteEvent } from './event-notes.ts';
import { removeLeases, writeLease } from './fast-path/lease-file.ts';
import { answerForeignHost, isForeignHost } from './foreign-host-answer.ts';
import { answerForged, forgedRemark } from './forged-event.ts';
import { lossRemark, withWatchdog } from './keep-watchdog.ts';
import { forgetLastTotals, writeLastTotals } from './last-totals-file.ts';
import { ledgerRemark, readUnsealedSessions, restoresAfter } from './ledger-seal.ts';
import { clockRemark, mendedRemark } from './machine-remarks.ts';
import { withPluginCommand } from './plugin-words.ts';
import { withTampering } from './program-watch.ts';
import { forgetAnswers, isFirstToAnswer } from './said-once.ts';
import { sendAlerts, startSenders } from './send-alerts.ts';
import { wakeTeam } from './wake-team.ts';

/** Moments after which no lease holds: a session may have come to continue another one, or its turn is over. */
const BEGINS_OR_ENDS: ReadonlySet<Moment> = new Set<Moment>([
  'session-start',
  'turn-end',
  'session-end',
]);

const NO_REPLY: Reply = { stdout: '', stderr: '', exitCode: 0 };
/** What Claude Code started: two installations that answer the same event differ in it. */
const INSTALLATION = process.argv[1] ?? '';

/** How a door comes by the ledger: a hook opens and closes it, a resident gate keeps it open. */
export interface LedgerUse {
  /** `isCompared`: what the ledger holds is compared with its seal. */
  readonly open: (stateHome: string, env: NodeJS.ProcessEnv, isCompared: boolean) => Store;
  readonly close: (store: Store) => void;
  /** Whether the next event of the session is answered by a process that uses decision leases. */
  readonly storesLeases: boolean;
  /** Whether the process was started for the one event, so that whoever has started it has sent it. */
  readonly isOneEvent: boolean;
}

/** From a hook's beginning, while nobody gets on with the ledger: by two seconds it has decided without it … */
const STUCK_AFTER_MS = 1_650;
/** … and while others get the lock one after the other: of very many hooks at once the last one's turn comes. */
const QUEUE_DEADLINE_MS = 7_500;
/** However late the machine has let it start. */
const LEAST_IDLE_MS = 1_000;
const LEAST_QUEUE_MS = 6_000;

/** A hook's own: the ledger is opened for one event. */
const FOR_ONE_EVENT: LedgerUse = {
  open: (home, env, isCompared) =>
    openLedger(home, env, { wait: lockWait(), isCompared, isBrief: true }),
  close: (store) => store.closeAtExit(),
  storesLeases: true,
  isOneEvent: true,
};

/** All transactions of a hook share one deadline. */
function lockWait(): LockWait {
  const openedMs = process.uptime() * 1_000;
  const deadlineMs = Math.max(QUEUE_DEADLINE_MS, openedMs + LEAST_QUEUE_MS);
  return {
    idleMs: Math.ceil(Math.max(STUCK_AFTER_MS - openedMs, LEAST_IDLE_MS)),
    get queueMs() {
      return Math.max(deadlineMs - process.uptime() * 1_000, LEAST_IDLE_MS);
    },
  };
}

/**
 * Answers one event. `eventName` stands in for an event that cannot be read; `remark` is shown to the person beside an answer
 * that reaches them. `restores`: whether a ledger that is damaged is restored and asked again. Never throws.
 */
export function answerHook(
  eventName: string,
  text: string,
  env: NodeJS.ProcessEnv,
  ledger: LedgerUse = FOR_ONE_EVENT,
  remark: string | null = null,
  restores = true,
): Reply {
  const seen = ledgerIdentity(stateHome(env));
  let event: AgentEvent | null = null;
  let known: CachedConfig | null = null;
  let store: Store | null = null;
  try {
    event = agent.parseEvent(text);
    if (isCommand(event) && !isFirstToAnswer(event, 'command', stateHome(env), INSTALLATION)) {
      return NO_REPLY;
    }
    known = readConfigFor(folderOf(event, env), env);
    store = ledger.open(stateHome(env), env, BEGINS_OR_ENDS.has(event.moment));
    const { config } = known;
    const forged = ledger.isOneEvent
      ? answerForged(event, eventName, config, store, env, Date.now())
      : null;
    if (forged !== null) {
      sendAlerts(config, store, env, event.cwd);
      return agent.formatReply(event.moment, forged);
    }
    const inForce = configInForce(event, folderOf(event, env), known, store, env);
    known = inForce;
    const answered = answer(event, inForce, env, store, ledger.storesLeases, remark);
    const told = withRemark(answered, ledgerRemark(event.moment, stateHome(env)));
    return replyOnce(event, withRemark(told, mendedRemark()), env);
  } catch (error) {
    if (restores && restoresAfter(error, stateHome(env), env, seen, lockWait())) {
      return answerHook(eventName, text, env, ledger, remark, false);
    }
    if (isForeignHost(error)) {
      const answered = answerForeignHost(error.message, text, env, readConfigFor);
      return agent.formatReply(momentNamed(eventName), answered);
    }
    note(error, event, env);
    const failure =
      without(error, event, known, env, store) ?? answerFailure(error, event, known, env);
    if (event !== null) return replyOnce(event, failure, env);
    return agent.formatReply(momentNamed(eventName), failure);
  } finally {
    if (store !== null) closeLedger(store, ledger, event, env);
  }
}

/** What was decided stands, whether or not the ledger can be closed. */
function closeLedger(
  store: Store,
  ledger: LedgerUse,
  event: AgentEvent | null,
  env: NodeJS.ProcessEnv,
): void {
  try {
    ledger.close(store);
  } catch (error) {
    note(error, event, env);
  }
}

/** The answer where the ledger cannot be used and all else is known; `null` where that is not so. */
function without(
  error: unknown,
  event: AgentEvent | null,
  known: CachedConfig | null,
  env: NodeJS.ProcessEnv,
  store: Store | null,
): Answer | null {
  if (!(error instanceof TollgateError) || !error.code.startsWith('LEDGER_')) return null;
  if (event === null || known === null || isCommand(event)) return null;
  // What the team leaves is known to the ledger alone.
  if (!hasCeiling(known) || unreadCeiling(known) !== null || isOfTeam(env)) return null;
  try {
    return answerWithoutLedger(error, event, known.config, env, store);
  } catch (failure) {
    note(failure, event, env);
    return null;
  }
}

/** Whose configuration counts: a command that goes elsewhere leaves nobody's. */
const folderOf = ({ cwd }: AgentEvent, env: NodeJS.ProcessEnv): string => projectFolderOf(env, cwd);

/** Whether a prompt is a command to us: carried out twice, it would grant twice. */
const isCommand = ({ moment, isFromPerson, prompt }: AgentEvent): boolean =>
  moment === 'prompt' && isFromPerson && prompt !== null && parsePromptCommand(prompt) !== null;

/** The reply; nothing where another installation has said as much for this event. */
function replyOnce(event: AgentEvent, answered: Answer, env: NodeJS.ProcessEnv): Reply {
  noteEvent(event, stateHome(env), hostPidOf(env), Date.now());
  const reply = agent.formatReply(event.moment, withPluginCommand(answered, pluginRoot()));
  if (reply.stdout === '') return reply;
  const kind = reply.exitCode === 0 ? 'remark' : 'closes';
  return isFirstToAnswer(event, kind, stateHome(env), INSTALLATION) ? reply : NO_REPLY;
}

function answer(
  event: AgentEvent,
  known: ConfigInForce,
  env: NodeJS.ProcessEnv,
  store: Store,
  storesLeases: boolean,
  remark: string | null,
): Answer {
  const labels = rulesInSession(known.config, env);
  const home = stateHome(env);
  const deps: EventDeps = {
    ...wireEvents(store, known.config, env, event.cwd),
    ...{ labels, wakeTeam: () => wakeTeam(store, env, event.cwd) },
    storeTotals: (totals: LastTotals) => writeLastTotals(home, totals),
    acceptConfig: (author) => acceptConfig(author, folderOf(event, env), known, store, env),
  };
  readUnsealedSessions(store, deps, Date.now());
  const { runId } = deps;
  const unread = known.problems.length === 0 ? null : unreadCeiling(known);
  const storeLease: EventDeps['storeLease'] = (lease, { cwd }) => {
    const { fingerprint: configFingerprint } = known;
    // As the fast path reads it, which looks at the lease before it opens the ledger.
    const place = placeReader(env)(cwd);
    const grounds = { event, configFingerprint, labels: labelsOf(place, labels), runId };
    writeLease(home, grounds, lease);
  };
  // The fast path would price by what the files say, and not by what is in force.
  const mayLease = storesLeases && unread === null && known.waiting.length === 0;
  const asked = onEvent(event, mayLease ? { ...deps, storeLease } : deps, Date.now());
  const decided = withTampering(asked, event, deps, env);
  startSenders(event, known.config, store, env);
  const { onFailure } = known.config;
  const answered = withWatchdog(
    withUnreadCeiling(decided, unread, onFailure, event.sessionId),
    event,
    deps,
    env,
    Date.now(),
  );
  if (BEGINS_OR_ENDS.has(event.moment)) {
    removeLeases(home, event.sessionId, Date.now());
    forgetLastTotals(home, Date.now());
    forgetBackups(home, Date.now());
    forgetAnswers(home);
    sealNow(event, store, env);
  }
  const isChecked = event.moment === 'turn-end';
  const told = isChecked
    ? withRemark(answered, checkConfigFor(folderOf(event, env), env))
    : answered;
  return withWords(told, event, known, () => [
    remark,
    lossRemark(home, env),
    clockRemark(home),
    forgedRemark(event.sessionId, store, Date.now()),
    grantRemark(event.sessionId, { ...deps, config: known.config }),
  ]);
}

/** Seals what the turn has left; what cannot be sealed now is sealed later. */
function sealNow(event: AgentEvent, store: Store, env: NodeJS.ProcessEnv): void {
  try {
    store.seal();
  } catch (error) {
    note(error, event, env);
  }
}

function grantRemark(id: SessionId, deps: EventDeps): string | null {
  const session = deps.store.readSession(id);
  return session === null ? null : grantNews(session, deps, Date.now());
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
  // Where nobody has set a ceiling there is nothing to protect, and nobody is to be held up.
  const isProtected =
    known === null || unreadCeiling(known) !== null || hasCeiling(known) || isOfTeam(env);
  const halts = isProtected && (known?.config.onFailure ?? 'halt') === 'halt';
  const said = toPerson(breach, session);
  return {
    verdict: { kind: halts ? 'halt' : 'warn', breaches: [breach] },
    forPerson: said,
    forModel: null,
    reason: halts ? said : null,
  };
}

/** Whether this machine belongs to a team, whose ceilings are in the ledger. */
const isOfTeam = (env: NodeJS.ProcessEnv): boolean => existsSync(`${stateHome(env)}/team.json`);

const hasCeiling = ({ config }: CachedConfig): boolean =>
  config.budgets.some(({ mode, hardNanoUsd }) => mode === 'enforce' && hardNanoUsd !== null);

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
