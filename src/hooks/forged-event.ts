// Events that Claude Code has not sent: a program inside of a session has started the hook, to look like a person or to end what is held.
// Rule: such an event changes nothing; it is refused, written down, and told with the next event that Claude Code does send.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import { enqueueAlert } from '../alerts/alert.ts';
import type { Config } from '../config/config.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Store } from '../stores/store.ts';
import { eventOrigin } from '../wire.ts';

/** More of one session are not counted. */
const MAX_COUNT = 100;

const alertKey = (sessionId: SessionId, ordinal: number): string =>
  `EVENT_FORGED|${sessionId}|${ordinal}`;

/** The answer to an event that Claude Code has not sent; `null` for any other. */
export function answerForged(
  { sessionId, moment }: AgentEvent,
  eventName: string,
  config: Config,
  store: Store,
  env: NodeJS.ProcessEnv,
  now: EpochMs,
): Answer | null {
  const knownPid = store.readSession(sessionId)?.hostPid ?? null;
  if (eventOrigin(env, knownPid) !== 'elsewhere') return null;
  const breach = { code: 'EVENT_FORGED', eventName } as const;
  const verdict: Verdict = { kind: 'deny', breaches: [breach] };
  store.immediately(() => {
    store.recordDecision({ at: now, sessionId, moment, verdict });
    for (let ordinal = 1; ordinal <= MAX_COUNT; ordinal += 1) {
      const due = { alert: breach, onceKey: alertKey(sessionId, ordinal) };
      if (enqueueAlert(due, sessionId, { store, config }, now)) return;
    }
  });
  const said = toPerson(breach, sessionId);
  return { verdict, forPerson: said, forModel: null, reason: said };
}

/** What is told of such events since it was told last; `null`: nothing. */
export function forgedRemark(sessionId: SessionId, store: Store, now: EpochMs): string | null {
  let count = 0;
  for (let ordinal = 1; ordinal <= MAX_COUNT; ordinal += 1) {
    const key = alertKey(sessionId, ordinal);
    if (!store.hasAlert(key)) break;
    if (store.immediately(() => store.announce(`told ${key}`, 'hard', now))) count += 1;
  }
  if (count === 0) return null;
  const events = count === 1 ? 'an event' : `${count} events`;
  return (
    `Tollgate: ${events} of this session ${count === 1 ? 'was' : 'were'} refused: a program inside of the session had sent ` +
    `${count === 1 ? 'it' : 'them'}, and not Claude Code. tollgate why shows what ran.`
  );
}
