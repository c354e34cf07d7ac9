// What the page of one session shows beside `why --json`: its requests in time, and what befell it. Rule: classes and misses are those of `why`.
import type { LedgerLine } from '../../domain/aggregates.ts';
import { ALL_TIME } from '../../domain/time.ts';
import { promptTokens } from '../../domain/usage.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { readSessionStatus } from '../../gate/session-status.ts';
import { listCacheMisses } from '../../reports/why/cache-misses.ts';
import { classCosts, type RatesAt } from '../../reports/why/causes.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import { linesOf } from '../session-causes.ts';
import { titleOf } from '../session-name.ts';
import { alertJson, alertsOf } from './alert-log.ts';
import { grantJson, windowJson } from './budget-json.ts';

/** Schema `tollgate/dashboard-session@1`. */
export function sessionPageJson(session: SessionRecord, deps: EventDeps, now: number) {
  const { store, pricer } = deps;
  const { sessionId: id, startedAt } = session;
  const { haltRecord, budgets } = store.immediately(() => readSessionStatus(session, deps, now));
  const keys = new Set(budgets.map(({ budgetStatus }) => budgetStatus.windowKey));
  const { repository, branch, developer, lastSeenAt, endedAt, parentSessionId } = session;
  return {
    schema: 'tollgate/dashboard-session@1',
    at: now,
    sessionId: id,
    title: titleOf(session),
    ...{ repository, branch, developer, startedAt, lastSeenAt, endedAt, parentSessionId },
    outerSessionId: store.readOuter(id),
    nested: nestedJson(session, store),
    haltedAt: haltRecord?.haltedAt ?? null,
    haltCode: haltRecord?.code ?? null,
    haltReason: haltRecord?.reason ?? null,
    budgets: budgets.map(windowJson),
    grants: store
      .readGrantsSince(startedAt)
      .filter(({ poolKey }) => keys.has(poolKey))
      .map(grantJson),
    alerts: alertsOf(store, (alert) => alert.sessionId === id).map(alertJson),
    requests: requestsJson(readLines(session, store), pricer.rates),
  };
}

const readLines = ({ sessionId }: SessionRecord, store: Store) =>
  store.readLines(linesOf(sessionId, ALL_TIME));

/** Sessions that were started inside of one, with their names. */
export function nestedJson({ sessionId }: SessionRecord, store: Store) {
  return store.readNested(sessionId).map((id) => {
    const nested = store.readSession(id);
    return {
      sessionId: id,
      title: nested === null ? null : titleOf(nested),
      costNanoUsd: store.readSessionTotals(id).costNanoUsd,
    };
  });
}

/** Every line of the session, oldest first: a request, or money that no request shows. */
export function requestsJson(lines: readonly LedgerLine[], rates: RatesAt) {
  const requests = lines.filter(({ kind }) => kind === 'usage');
  const misses = new Map(listCacheMisses(requests, rates).map((miss) => [miss.entryId, miss]));
  return lines.map((line) => {
    const { entryId, kind, reason, agentId, turnId, occurredAt, usage, costNanoUsd } = line;
    const { model, agentType, tool } = line.attribution;
    const miss = misses.get(entryId);
    return {
      ...{ entryId, kind, reason, agentId, agentType, turnId, occurredAt, model, tool },
      ...{ costNanoUsd, usage },
      classes: classCosts([line], rates),
      contextTokens: kind === 'usage' ? promptTokens(usage) : null,
      miss: miss === undefined ? null : { cause: miss.cause, tokens: miss.tokens },
    };
  });
}
