// A session whose transcript is not there, or cannot be read in part, spends what nobody can see. Rule: that is said once,
// loudly, and under a ceiling the session is halted; it is never taken for $0.
import { existsSync, lstatSync } from 'node:fs';
import type { AgentEvent, Answer, Moment, Unreadable } from '../agents/agent.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Breach, Verdict } from '../domain/verdict.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { GateDeps } from './types.ts';
import type { WaitDeps } from './wait-retry.ts';

/** Moments before which a response was paid for, which a transcript would tell of. */
const PAID: ReadonlySet<Moment> = new Set<Moment>(['after-tool', 'after-tools', 'turn-end']);

/** A client writes its first lines some hundred milliseconds late; never this late. */
const WAIT_MS = 1_000;
const POLL_MS = 20;

const OWNER_WRITES = 0o200;

/** What nothing can have been written to, so that no spend is in it. */
const HOLDS_NOTHING: ReadonlySet<string> = new Set(['ELOOP', 'ENOENT', 'NOT_A_FILE']);

type UnseenDeps = GateDeps & Pick<WaitDeps, 'wait' | 'clock'>;

/** The answer to an event of a session that cannot be seen, wholly or in part; `null` when it can, or when it was said and nothing stops. */
export function missingTranscriptAnswer(
  event: AgentEvent,
  deps: UnseenDeps,
  now: EpochMs,
  unreadable: readonly Unreadable[],
): Answer | null {
  const { store } = deps;
  const { moment, sessionId, transcriptPath } = event;
  if (!PAID.has(moment) && moment !== 'prompt') return null;
  const hidden = unreadable.find(
    ({ path, code }) => path === transcriptPath || !HOLDS_NOTHING.has(code),
  );
  const fault = hidden?.code ?? faultOf(transcriptPath);
  if (fault === null) return missingResponsesAnswer(event, deps, now);
  const key = `transcript|session ${sessionId}`;
  const wasSaid = store.readAnnounced(key).length > 0;
  // A session's first prompt comes before its transcript.
  const mayAppear = fault === GONE && !wasSaid;
  if (mayAppear && (moment === 'prompt' || appears(transcriptPath, deps))) return null;

  const breach: Breach =
    fault === GONE
      ? { code: 'TRANSCRIPT_MISSING', path: transcriptPath }
      : { code: 'TRANSCRIPT_MISSING', path: hidden?.path ?? transcriptPath, why: fault };
  return unseenAnswer(breach, key, event, deps, now);
}

/** What is wrong with a transcript before it is read. */
const GONE = 'ENOENT';
/** A client does not write through a link, nor into another user's file; an agent may have put it there. */
function faultOf(path: string | null): string | null {
  const stat = path === null ? undefined : lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return GONE;
  if (stat.isSymbolicLink()) return 'IS_A_LINK';
  if (!stat.isFile()) return 'NOT_A_FILE';
  const own = process.getuid?.() ?? stat.uid;
  if (stat.uid !== own && own !== 0) return 'OF_ANOTHER_USER';
  return (stat.mode & OWNER_WRITES) === 0 ? 'READ_ONLY' : null;
}

/** One response may be broken off and asked for again; two are no accident. */
const MANY_MISSING = 2;

/** The answer where responses whose tools have run are not in the transcript; `null`: all are, or it was said and nothing stops. */
function missingResponsesAnswer(event: AgentEvent, deps: GateDeps, now: EpochMs): Answer | null {
  const { sessionId, transcriptPath: path, toolUseIds } = event;
  const { store, agent } = deps;
  // What this event has just left behind may be written now.
  const older = store.readUnseen(sessionId, now).filter((id) => !toolUseIds.includes(id));
  if (older.length === 0 || path === null) return null;
  const known = agent.readToolUseIds(path);
  const found = older.filter((id) => known.has(id));
  if (found.length > 0) store.immediately(() => store.releaseSeen(sessionId, found));
  const count = older.length - found.length;
  if (count < MANY_MISSING) return null;
  const key = `missing ${count}|session ${sessionId}`;
  return unseenAnswer({ code: 'RESPONSES_MISSING', count, path }, key, event, deps, now);
}

/** Names so many unusable lines of a session: each further one is news. */
const unusableKey = (id: SessionId, count: number): string => `unusable ${count}|session ${id}`;
/** The stage under which a person's word is kept that the session may go on in spite of them. */
const ACCEPTED = 'soft';

/**
 * Lets a session go on in spite of the lines of it that could not be used; what they spent stays uncounted. Returns how many
 * there are, 0 where none kept it. Call inside `store.immediately`, for a person.
 */
export function acceptUnusableLines(session: SessionRecord, deps: GateDeps, now: EpochMs): number {
  const { unusableCount } = ingestNewLines(session, deps, now);
  if (unusableCount === 0) return 0;
  const isNews = deps.store.announce(unusableKey(session.sessionId, unusableCount), ACCEPTED, now);
  return isNews ? unusableCount : 0;
}

/** The answer where lines of the session could not be used; `null`: there are none, or it was said and nothing stops. */
export function unusableLinesAnswer(
  event: AgentEvent,
  count: number,
  answer: Answer,
  deps: GateDeps,
  now: EpochMs,
): Answer | null {
  const { kind } = answer.verdict;
  if (count === 0 || kind === 'halt' || kind === 'deny') return null;
  if (!PAID.has(event.moment) && event.moment !== 'prompt' && event.moment !== 'before-tool') {
    return null;
  }
  const { sessionId, transcriptPath: path } = event;
  const key = unusableKey(sessionId, count);
  if (deps.store.readAnnounced(key).includes(ACCEPTED)) return null;
  const said = unseenAnswer({ code: 'LINES_UNUSABLE', count, path }, key, event, deps, now);
  if (said === null || answer.forPerson === null) return said;
  return { ...answer, ...said, forPerson: `${said.forPerson}\n${answer.forPerson}` };
}

function unseenAnswer(
  breach: Breach,
  key: string,
  { moment, sessionId }: AgentEvent,
  { store, config }: GateDeps,
  now: EpochMs,
): Answer | null {
  const hasCeiling = config.budgets.some(
    ({ mode, hardNanoUsd }) => mode === 'enforce' && hardNanoUsd !== null,
  );
  const halts = hasCeiling && config.onFailure === 'halt';
  const verdict: Verdict = { kind: halts ? 'halt' : 'warn', breaches: [breach] };
  const isNews = store.immediately(() => {
    if (!store.announce(key, 'hard', now)) return false;
    store.recordDecision({ at: now, sessionId, moment, verdict });
    return true;
  });
  if (!isNews && !halts) return null;
  const said = toPerson(breach, sessionId);
  return { verdict, forPerson: said, forModel: null, reason: halts ? said : null };
}

function appears(path: string | null, { clock, wait }: UnseenDeps): boolean {
  if (path === null) return false;
  for (const until = clock() + WAIT_MS; clock() < until; wait(POLL_MS)) {
    if (existsSync(path)) return true;
  }
  return false;
}
