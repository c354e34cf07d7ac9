// The limit on what the subagents of one turn may cost together, as a budget that only they meet.
// Rule: a subagent that would go over it ends alone, like one over a ceiling of its own.
import type { Config } from '../config/config.ts';
import { budgetId } from '../domain/ids.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import type { Store } from '../stores/store.ts';
import type { BudgetContext } from './types.ts';

const ID = 'fanOut';
const WRAP_UP_RATIO = 0.9;

/** The reading of it, for a subagent; nothing for the main loop, or without a limit. */
export function fanOutStatus(
  budgetContext: BudgetContext,
  store: Store,
  config: Config,
): BudgetStatus[] {
  const { fanOutNanoUsd } = config;
  if (fanOutNanoUsd === null || budgetContext.agentId === null) return [];
  const { sessionId, turnId, now } = budgetContext;
  const windowKey = `${ID}|session ${sessionId}|turn ${turnId}`;
  return [
    {
      budget: {
        id: budgetId(ID),
        scope: { where: {}, per: [] },
        period: { kind: 'subagent' },
        softNanoUsd: null,
        wrapUpRatio: WRAP_UP_RATIO,
        hardNanoUsd: fanOutNanoUsd,
        mode: 'enforce',
      },
      windowKey,
      windowLabel: 'subagents of this turn',
      window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
      postedNanoUsd: store.readFanOut(sessionId, turnId, now).spentNanoUsd,
      inheritedNanoUsd: 0,
      reservedNanoUsd: 0,
      grantedNanoUsd: store
        .readGrants(windowKey, now)
        .reduce((sum, grant) => sum + grant.amountNanoUsd, 0),
      announced: store.readAnnounced(windowKey),
    },
  ];
}
