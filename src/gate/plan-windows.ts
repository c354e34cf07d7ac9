// How the windows of the plan stand, for whoever shows them. Rule: the same window, share and error as the gate decides by.

import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import {
  PLAN_WINDOWS,
  type PlanRate,
  type PlanStanding,
  type PlanWindowName,
} from '../domain/plan-window.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import type { Store } from '../stores/store.ts';
import { openPlanWindow, openWindowText, planPool, planShare, resetText } from './plan-window.ts';

/** One window. */
export interface PlanWindowStatus extends Window, Pick<PlanStanding, 'basis' | 'errorRatio'> {
  readonly window: PlanWindowName;
  /** `five-hour window to 14:00`. */
  readonly label: string;
  /** `14:00`, `Tue 14:00`, `about 14:00`. */
  readonly resetText: string;
  /** Whether Claude Code has said when it resets; else it begins with the first request after the reset before. */
  readonly isResetKnown: boolean;
  /** 0..1 and above; `null`: not known. */
  readonly usedRatio: number | null;
  /** The newest reading in it; `null`: none. */
  readonly reading: { readonly usedRatio: number; readonly readAt: EpochMs } | null;
  /** What the ledger has spent in it, at list prices. */
  readonly spentNanoUsd: NanoUsd;
  /** `null`: not known yet. */
  readonly rate: PlanRate | null;
}

/** The two windows of every plan, and others that Claude Code has told of; nothing where it never said a word. Call inside `store.immediately`. */
export function readPlanWindows(store: Store, now: EpochMs): readonly PlanWindowStatus[] {
  const named = store.readPlanWindowNames();
  if (named.length === 0) return [];
  const names = [...PLAN_WINDOWS, ...named.filter((name) => !PLAN_WINDOWS.includes(name))];
  return names.map((name) => readOne(name, store, now));
}

function readOne(name: PlanWindowName, store: Store, now: EpochMs): PlanWindowStatus {
  const open = openPlanWindow(name, store, now);
  const { startAt, endAt, reading, rate } = open;
  const nobody = { sessionId: '' as SessionId, agentId: null };
  const pool = planPool('(plan)', open, now);
  const { postedNanoUsd: spentNanoUsd } = store.readPoolSpend(pool, nobody, now);
  const { usedRatio, plan } = planShare(open, spentNanoUsd);
  return {
    ...{ window: name, label: openWindowText(open), resetText: resetText(open), startAt, endAt },
    ...{ usedRatio, basis: plan.basis, errorRatio: plan.errorRatio, spentNanoUsd, rate },
    isResetKnown: reading !== null,
    reading: reading === null ? null : { usedRatio: reading.usedRatio, readAt: reading.readAt },
  };
}
