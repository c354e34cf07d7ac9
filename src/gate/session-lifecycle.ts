// How a session comes down and takes off again: the note it leaves at a halt, what is told when it begins
// or is resumed, and the one line at the end of a turn.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import { toPerson } from '../domain/breach-text.ts';
import { standingBreach } from '../domain/decide.ts';
import { turnLine } from '../domain/explain.ts';
import { handOffText } from '../domain/hand-off.ts';
import { type BudgetStatus, ceilingOf, postedOf } from '../domain/spend.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { SessionRecord } from '../stores/store.ts';
import { budgetContextOf, readBudgetStatuses } from './budget-context.ts';
import { readHandOff, writeHandOff } from './hand-off.ts';
import { type LastTotals, lastTotals } from './last-totals.ts';
import { expectedRequestCost } from './project-budget.ts';
import { raiseAlerts } from './raise-alerts.ts';
import { readStandingHalts } from './standing-halts.ts';
import type { GateDeps } from './types.ts';

/** What a session's beginning and end need. */
export interface LifecycleDeps extends GateDeps {
  /** The folder of everything Tollgate stores. */
  readonly stateHome: string;
  /** Keeps what the budgets came to beside the ledger. `null` where nobody does. */
  readonly storeTotals: ((totals: LastTotals) => void) | null;
}

/** An earlier session of a host is looked for among so many, of so long. */
const RECENT_COUNT = 50;

/** Keeps where the work stands, where the configuration asks for it. `budget` ended it; `null`: the turn ended by itself, near the end. */
export function keepHandOff(
  event: AgentEvent,
  budget: string | null,
  deps: LifecycleDeps,
  now: EpochMs,
): void {
  const { sessionId, transcriptPath } = event;
  if (transcriptPath === null || deps.config.handOffs === 'off') return;
  const work = deps.agent.readWork(transcriptPath);
  writeHandOff(deps.stateHome, {
    schema: 'tollgate/hand-off@1',
    sessionId,
    writtenAt: now,
    costNanoUsd: deps.store.readSessionTotals(sessionId).costNanoUsd,
    budget,
    ...work,
    lastWords: event.lastWords ?? work.lastWords,
  });
}

/** What is told when a session begins: that it is halted, and where the work stood. */
export function sessionStart(
  event: AgentEvent,
  session: SessionRecord,
  deps: LifecycleDeps,
  now: EpochMs,
): Partial<Answer> {
  const { store, config } = deps;
  if (event.source === 'clear') linkCleared(session, deps, now);
  const thread = store.readThread(event.sessionId, null);
  const budgetContext = budgetContextOf(event, session, thread, deps, now);
  const budgetStatuses = readBudgetStatuses(budgetContext, session, deps);
  const { haltRecord } = readStandingHalts(
    { budgetContext, budgetStatuses, budgets: config.budgets, isNewTurn: false },
    store,
  );
  const note = event.source === 'resume' ? readHandOff(deps.stateHome, event.sessionId) : null;
  const isCurrent = note !== null && note.writtenAt >= (thread?.lastRequestAt ?? 0);
  return {
    forPerson:
      haltRecord === null
        ? null
        : toPerson(standingBreach(haltRecord, budgetStatuses), event.sessionId),
    forModel: isCurrent ? handOffText(note) : null,
  };
}

/** After `/clear` the same client goes on under a new id: the session before is its newest other one. */
function linkCleared(session: SessionRecord, { store }: LifecycleDeps, now: EpochMs): void {
  const { sessionId, hostPid, cwd } = session;
  if (hostPid === null) return;
  const previous = store
    .readSessions({ sinceAt: now - DAY_MS * 30, limit: RECENT_COUNT })
    .find((each) => each.sessionId !== sessionId && each.hostPid === hostPid && each.cwd === cwd);
  if (!previous) return;
  store.linkSession({ sessionId, previousId: previous.sessionId, reason: 'clear' });
}

/** Where the money stands at the end of a turn; `null` without a ceiling. */
export function turnEndLine(
  event: AgentEvent,
  session: SessionRecord,
  deps: LifecycleDeps,
  now: EpochMs,
): string | null {
  const thread = deps.store.readThread(event.sessionId, event.agentId);
  const budgetContext = budgetContextOf(event, session, thread, deps, now);
  const budgetStatuses = readBudgetStatuses(budgetContext, session, deps);
  const haltRecord = deps.store.readHalt(event.sessionId);
  deps.storeTotals?.(lastTotals(budgetContext, budgetStatuses, haltRecord));
  // The last response of a turn is followed by no decision that could tell what it crossed.
  raiseAlerts(event, budgetStatuses, null, deps, now);
  if (budgetStatuses.some(({ announced }) => announced.includes('wrapUp'))) {
    keepHandOff(event, null, deps, now);
  }
  const tightest = budgetStatuses
    .filter((budgetStatus) => ceilingOf(budgetStatus) !== null)
    .sort((a, b) => leftOf(a) - leftOf(b))[0];
  return tightest ? turnLine(tightest, expectedRequestCost(thread, deps)) : null;
}

const leftOf = (budgetStatus: BudgetStatus): number =>
  (ceilingOf(budgetStatus) ?? 0) - postedOf(budgetStatus);
