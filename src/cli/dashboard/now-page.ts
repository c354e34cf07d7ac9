// What the Now page shows: every running session as `watch --json` has it, with each of its budgets, its next request and its subagents.
import type { LedgerLine } from '../../domain/aggregates.ts';
import type { AgentId } from '../../domain/ids.ts';
import { ceilingOf, headroomOf, planFigures, spendOf, windowName } from '../../domain/spend.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import type { Store } from '../../stores/store.ts';
import { sessionJson, watchJson } from '../live/watch-view.ts';

const ALWAYS = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };

/** Schema `tollgate/dashboard-now@1`: `watch@1` with more for each session. */
export function nowJson(statuses: readonly SessionStatus[], store: Store, now: number) {
  return {
    ...watchJson(statuses, now),
    schema: 'tollgate/dashboard-now@1',
    sessions: statuses.map((status) => {
      const { session, budgets } = status;
      const lines = store.readLines({
        window: ALWAYS,
        where: [{ key: 'session', patterns: [session.sessionId] }],
      });
      return {
        ...sessionJson(status, now),
        haltCode: status.haltRecord?.code ?? null,
        haltReason: status.haltRecord?.reason ?? null,
        nextRequestNanoUsd: budgets[0]?.requestNanoUsd ?? null,
        budgets: budgets.map((each) => budgetJson(each)),
        subagents: subagentsOf(lines),
        nested: store.readNested(session.sessionId),
      };
    }),
  };
}

/** A budget as it stands, and where it is heading. */
function budgetJson({ budgetStatus, ...ahead }: BudgetProjection) {
  const { budget, window } = budgetStatus;
  const instant = (at: number) => (Number.isFinite(at) && at > 0 ? at : null);
  return {
    budgetId: budget.id,
    name: windowName(budgetStatus),
    windowKey: budgetStatus.windowKey,
    window: budgetStatus.windowLabel,
    startAt: instant(window.startAt),
    endAt: instant(window.endAt),
    period: budget.period.kind,
    mode: budget.mode,
    ...planFigures(budgetStatus),
    softNanoUsd: budget.softNanoUsd,
    hardNanoUsd: budget.hardNanoUsd,
    ceilingNanoUsd: ceilingOf(budgetStatus),
    spendNanoUsd: spendOf(budgetStatus),
    reservedNanoUsd: budgetStatus.reservedNanoUsd,
    grantedNanoUsd: budgetStatus.grantedNanoUsd,
    headroomNanoUsd: headroomOf(budgetStatus),
    announced: budgetStatus.announced,
    burnNanoUsdPerHour: ahead.burnNanoUsdPerHour,
    paceRatio: ahead.paceRatio,
    runOutAt: ahead.runOutAt,
    requestsLeft: ahead.requestsLeft,
  };
}

/** One subagent of a session. */
interface SubagentJson {
  readonly agentId: AgentId;
  readonly agentType: string | null;
  readonly model: string | null;
  requestCount: number;
  costNanoUsd: number;
  readonly firstAt: number;
  lastAt: number;
}

/** The subagents among a session's lines, in the order in which they began. */
function subagentsOf(lines: readonly LedgerLine[]): readonly SubagentJson[] {
  const found = new Map<AgentId, SubagentJson>();
  for (const { agentId, attribution, occurredAt, costNanoUsd, kind } of lines) {
    if (agentId === null) continue;
    const { agentType, model } = attribution;
    const known = found.get(agentId) ?? {
      ...{ agentId, agentType, model, requestCount: 0, costNanoUsd: 0 },
      ...{ firstAt: occurredAt, lastAt: occurredAt },
    };
    known.requestCount += kind === 'usage' ? 1 : 0;
    known.costNanoUsd += costNanoUsd;
    known.lastAt = occurredAt;
    found.set(agentId, known);
  }
  return [...found.values()];
}
