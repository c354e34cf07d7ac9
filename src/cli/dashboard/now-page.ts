// What the Now page shows: every running session as `watch --json` has it, with each of its budgets, its next request and its subagents.

import { ALL_TIME } from '../../domain/time.ts';
import { readPlanWindows } from '../../gate/plan-windows.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { findSubagents } from '../../reports/why/causes.ts';
import type { Store } from '../../stores/store.ts';
import { sessionJson, watchJson } from '../live/watch-view.ts';
import { linesOf } from '../session-causes.ts';
import { windowJson } from './budget-json.ts';
import { nestedJson } from './session-page.ts';

/** Schema `tollgate/dashboard-now@1`: `watch@1` with more for each session. */
export function nowJson(statuses: readonly SessionStatus[], store: Store, now: number) {
  return {
    ...watchJson(statuses, [], now),
    schema: 'tollgate/dashboard-now@1',
    plans: store.immediately(() => readPlanWindows(store, now)),
    sessions: statuses.map((status) => {
      const { session, budgets } = status;
      const lines = store.readLines(linesOf(session.sessionId, ALL_TIME));
      return {
        ...sessionJson(status, now),
        haltCode: status.haltRecord?.code ?? null,
        haltReason: status.haltRecord?.reason ?? null,
        nextRequestNanoUsd: budgets[0]?.requestNanoUsd ?? null,
        budgets: budgets.map(windowJson),
        subagents: findSubagents(lines).toSorted((a, b) => a.firstAt - b.firstAt),
        nested: nestedJson(session, store),
      };
    }),
  };
}
