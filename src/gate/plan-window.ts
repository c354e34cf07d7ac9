// The window of a plan that is open now, and how much of it is used: Claude Code's newest reading, and what was spent since at the learned
// rate. Rule: the newest reading counts, whichever session it came from; without a reading and without a rate nothing is claimed.
import type { BudgetId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import {
  PLAN_UNITS,
  type PlanRate,
  type PlanStanding,
  type PlanWindowName,
  planLengthMs,
  planModel,
  planWindowText,
  UNKNOWN_FULL_NANO_USD,
} from '../domain/plan-window.ts';
import type { BudgetStatus } from '../domain/spend.ts';
import { DAY_MS, type EpochMs, HOUR_MS, type Window } from '../domain/time.ts';
import type { PlanReading, Pool, Store } from '../stores/store.ts';

/** Where windows and readings are kept. */
export type PlanStore = Pick<
  Store,
  'readWindows' | 'writeWindow' | 'readPlanReadings' | 'readFirstSpendAt'
>;

/** The window that is open. */
export interface OpenPlanWindow extends Window {
  readonly name: PlanWindowName;
  /** The newest reading of it; `null`: Claude Code has said nothing of this window. */
  readonly reading: PlanReading | null;
  /** `null`: not known yet. */
  readonly rate: PlanRate | null;
}

/** Windows that one follows from another without a reading; more of them are not gone through. */
const MAX_WINDOWS = 500;

/** Names a window for its pools. */
export const planKey = (name: PlanWindowName): string => `plan:${name}`;

/** Finds it. Where Claude Code has not said when it resets, it begins with the first request after the reset before. */
export function openPlanWindow(
  name: PlanWindowName,
  store: PlanStore,
  now: EpochMs,
): OpenPlanWindow {
  const [newest] = store.readPlanReadings(name, 1);
  const rate = newest?.rate ?? null;
  const lengthMs = planLengthMs(name);
  if (newest !== undefined && newest.endAt > now) {
    const { endAt } = newest;
    return { name, startAt: endAt - lengthMs, endAt, reading: newest, rate };
  }
  const resetAt = newest?.endAt ?? null;
  return { name, ...unreadWindow(name, resetAt, store, now), reading: null, rate };
}

function unreadWindow(
  name: PlanWindowName,
  resetAt: EpochMs | null,
  store: PlanStore,
  now: EpochMs,
): Window {
  const key = planKey(name);
  const lengthMs = planLengthMs(name);
  const known = store
    .readWindows(key, now)
    .findLast(({ startAt }) => startAt <= now && (resetAt === null || startAt >= resetAt));
  if (known !== undefined) return known;
  let from = resetAt ?? now - lengthMs;
  for (let count = 0; count < MAX_WINDOWS; count++) {
    const firstAt = store.readFirstSpendAt(from);
    if (firstAt === null || firstAt > now) break;
    const startAt = Math.max(from, Math.floor(firstAt / HOUR_MS) * HOUR_MS);
    from = startAt + lengthMs;
    if (from <= now) continue;
    store.writeWindow(key, { startAt, endAt: from, label: name });
    return { startAt, endAt: from };
  }
  // Nothing was spent in it: it will begin with the next request.
  const startAt = Math.max(Math.min(from, now), Math.floor(now / HOUR_MS) * HOUR_MS);
  return { startAt, endAt: startAt + lengthMs };
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `14:00`, `Tue 14:00`, of this machine's zone; `about` where Claude Code has not said it. */
export function resetText({ name, endAt, reading }: OpenPlanWindow): string {
  const at = new Date(endAt);
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = planLengthMs(name) > DAY_MS ? `${DAYS[at.getDay()]} ` : '';
  const about = reading === null ? 'about ' : '';
  return `${about}${day}${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** `five-hour window to 14:00`. */
export const openWindowText = (open: OpenPlanWindow): string =>
  `${planWindowText(open.name)} to ${resetText(open)}`;

/** What was spent in it on this machine. `owner`: a budget, or whoever else adds it up. */
export function planPool(owner: BudgetId | '(plan)', open: OpenPlanWindow, now: EpochMs): Pool {
  const { name, startAt, endAt } = open;
  const model = planModel(name);
  return {
    key: `${owner}|${planKey(name)}|${startAt}`,
    window: { startAt, endAt },
    labels: model === null ? {} : { model: `*${model}*` },
    sessions: null,
    turnId: null,
    agentId: null,
    isAhead: now < startAt,
  };
}

/** The share that is used, and how it is known. `postedNanoUsd`: what the ledger has spent in the window. */
export interface PlanShare {
  /** `null`: nobody knows. */
  readonly usedRatio: number | null;
  readonly plan: PlanStanding;
}

/** Estimates it. */
export function planShare(
  { name, reading, rate }: Pick<OpenPlanWindow, 'name' | 'reading' | 'rate'>,
  postedNanoUsd: NanoUsd,
): PlanShare {
  const fullNanoUsd = rate?.fullNanoUsd ?? UNKNOWN_FULL_NANO_USD;
  const sinceNanoUsd = Math.max(0, postedNanoUsd - (reading?.spentNanoUsd ?? 0));
  if (reading === null && rate === null) {
    const plan = { window: name, fullNanoUsd, basis: 'unknown', errorRatio: null } as const;
    return { usedRatio: null, plan };
  }
  const sinceRatio = rate === null ? 0 : sinceNanoUsd / fullNanoUsd;
  const isRead = reading !== null && (sinceNanoUsd === 0 || rate === null);
  return {
    usedRatio: (reading?.usedRatio ?? 0) + sinceRatio,
    plan: {
      window: name,
      fullNanoUsd,
      basis: isRead ? 'reading' : 'estimate',
      errorRatio: rate === null ? null : sinceRatio * rate.errorRatio,
    },
  };
}

/** A budget of a plan's window as the gate compares it: its limits and what is used, in the dollars that fill the window. */
export function planStatus(status: BudgetStatus, open: OpenPlanWindow): BudgetStatus {
  const { budget, postedNanoUsd, grantedNanoUsd } = status;
  const { usedRatio, plan } = planShare(open, postedNanoUsd);
  const { fullNanoUsd } = plan;
  const inUsd = (units: number | null) =>
    units === null ? null : Math.round((units / PLAN_UNITS) * fullNanoUsd);
  return {
    ...status,
    budget: {
      ...budget,
      softNanoUsd: inUsd(budget.softNanoUsd),
      hardNanoUsd: inUsd(budget.hardNanoUsd),
    },
    postedNanoUsd: Math.round((usedRatio ?? 0) * fullNanoUsd),
    grantedNanoUsd: inUsd(grantedNanoUsd) ?? 0,
    plan,
  };
}
