// The tool for the agent itself: what its session has spent, what is left, and what its last requests cost.
// Rule: it reads; whatever it is given, it changes no budget and answers about this session only.

import type { SessionId } from '../domain/ids.ts';
import { formatUsd, toUsdNumber } from '../domain/money.ts';
import { amountText, unbilledText } from '../domain/plan-window.ts';
import { type BudgetStatus, ceilingOf, headroomOf, planFigures, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { isOnPlan } from '../gate/billing.ts';
import { currentBudgetContext, readBudgetStatuses } from '../gate/budget-context.ts';
import type { GateDeps } from '../gate/types.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';

const REQUESTS_SHOWN = 5;
/** How far back the last requests are looked for. */
const LOOK_BACK_MS = 60 * 60 * 1_000;

/** A tool's answer in the protocol's shape. */
export interface ToolResult {
  readonly content: readonly [{ readonly type: 'text'; readonly text: string }];
  readonly structuredContent?: object;
  readonly isError?: true;
}

export const BUDGET_TOOL = {
  name: 'budget',
  title: 'What is left of the budget',
  description:
    'Tells what this session has spent, how much of each budget is left, and what the last requests cost. ' +
    'Reads only. Ask before starting something large; there is no need to ask after every step.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true, openWorldHint: false },
} as const;

/** Answers about a session; `null`: none has been seen yet. */
export function callBudget(id: SessionId | null, deps: GateDeps, now: EpochMs): ToolResult {
  const { store } = deps;
  const known = id === null ? null : store.readSession(id);
  if (!known) return textResult('Nothing has been recorded for this session yet.', { budgets: [] });
  return store.immediately(() => {
    ingestNewLines(known, deps, now);
    const session = store.readSession(known.sessionId) ?? known;
    const thread = store.readThread(session.sessionId, null);
    const budgetStatuses = readBudgetStatuses(
      currentBudgetContext(session, deps, now),
      session,
      deps,
    );
    const spent = store.readSessionTotals(session.sessionId);
    const requests = store
      .readLines({
        window: {
          startAt: (thread?.lastRequestAt ?? session.lastSeenAt) - LOOK_BACK_MS,
          endAt: Number.POSITIVE_INFINITY,
        },
        where: [{ key: 'session', patterns: [session.sessionId] }],
      })
      .filter(({ kind }) => kind === 'usage')
      .slice(-REQUESTS_SHOWN);
    const isListPrice = isOnPlan(deps.config, store, now);
    const unbilled = isListPrice ? unbilledText({ isListPrice }) : '';
    const lines = [
      `This session: ${formatUsd(spent.costNanoUsd)} spent${unbilled} in ${spent.requestCount} requests.`,
      ...budgetStatuses.map(lineOf),
      ...(requests.length > 0
        ? [
            `Last requests: ${requests.map(({ costNanoUsd }) => formatUsd(costNanoUsd)).join(', ')}.`,
          ]
        : []),
    ];
    return textResult(lines.join('\n'), {
      sessionId: session.sessionId,
      requestCount: spent.requestCount,
      costNanoUsd: spent.costNanoUsd,
      costUsd: toUsdNumber(spent.costNanoUsd),
      ...(isListPrice && { billing: 'plan' }),
      budgets: budgetStatuses.map(fieldsOf),
      lastRequests: requests.map(({ occurredAt, costNanoUsd, attribution }) => ({
        occurredAt,
        model: attribution.model,
        costNanoUsd,
        costUsd: toUsdNumber(costNanoUsd),
      })),
    });
  });
}

function lineOf(budgetStatus: BudgetStatus): string {
  const { budget, windowLabel } = budgetStatus;
  const ceiling = ceilingOf(budgetStatus);
  const left = headroomOf(budgetStatus);
  const show = (nano: number) => amountText(nano, planFigures(budgetStatus));
  const spent = show(spendOf(budgetStatus));
  const soft = budget.softNanoUsd === null ? '' : ` (soft limit ${show(budget.softNanoUsd)})`;
  return ceiling === null || left === null
    ? `Budget ${budget.id}, ${windowLabel}: ${spent}${soft}, no ceiling.`
    : `Budget ${budget.id}, ${windowLabel}: ${spent} of ${show(ceiling)}${soft}, ${show(Math.max(0, left))} left.`;
}

function fieldsOf(budgetStatus: BudgetStatus) {
  const { budget, windowLabel } = budgetStatus;
  return {
    budgetId: budget.id,
    window: windowLabel,
    mode: budget.mode,
    spendNanoUsd: spendOf(budgetStatus),
    softNanoUsd: budget.softNanoUsd,
    ceilingNanoUsd: ceilingOf(budgetStatus),
    headroomNanoUsd: headroomOf(budgetStatus),
    ...planFigures(budgetStatus),
  };
}

function textResult(text: string, structuredContent: object): ToolResult {
  return { content: [{ type: 'text', text }], structuredContent };
}
