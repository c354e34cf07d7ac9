// A pass: what a decision leaves behind for the tool calls that follow it, when it was so far from every limit that none of
// them could come to another. PURE. Rule: a pass may end too early, never too late; whoever has none asks the gate. (Money
// that was given back and leaves a moving window before it was spent is not seen; the gate before the request sees it.)
import type { EntryId, SessionId, TurnId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import { type BudgetStatus, ceilingOf } from './spend.ts';
import { type EpochMs, MINUTE_MS } from './time.ts';

/** Clocks, windows and what people set change: nothing is taken for granted longer. */
const LASTS_MS = 10 * MINUTE_MS;

/** A response whose cost and labels follow from its pass and from what is here. */
export interface PlainResponse {
  readonly id: string;
  /** When its first line was written. */
  readonly occurredAt: EpochMs;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  /** The first tool it asked for. */
  readonly tool: string | null;
  readonly toolUseIds: readonly string[];
  /** The skill it was made for. */
  readonly skill: string | null;
  /** As the agent stamped it. */
  readonly branch: string | null;
}

/** A place in the ledger: its newest entry at some moment. */
export interface LedgerEnd {
  readonly seq: number;
  readonly entryId: EntryId;
}

/** What the ledger got after a place in it, whoever spent it. */
export interface Since {
  /** Money of all sessions; what was taken back is not subtracted. */
  readonly addedNanoUsd: NanoUsd;
  /** What is held now, for requests of all sessions. */
  readonly heldNanoUsd: NanoUsd;
}

export interface Pass {
  readonly madeAt: EpochMs;
  /** Exclusive. */
  readonly until: EpochMs;
  /** Of the thread that got it: another model, or another turn, has other budgets. */
  readonly model: string;
  readonly turnId: TurnId | null;
  /** The session and those it goes on from: a halt of any of them ends it. */
  readonly chain: readonly SessionId[];
  readonly inheritedNanoUsd: NanoUsd;
  /** Everything up to here is in the amounts below. */
  readonly end: LedgerEnd;
  /** What may be added before a stage of some budget is reached. */
  readonly quietNanoUsd: NanoUsd;
  /** What was left under each ceiling; nothing is held in it. */
  readonly ceilings: readonly { readonly ceilingNanoUsd: NanoUsd; readonly leftNanoUsd: NanoUsd }[];
}

/** The money's part of a pass. */
export type Room = Pick<Pass, 'until' | 'quietNanoUsd' | 'ceilings'>;

/** How much room there is; `null` where something was said already, or a window is still to begin. */
export function roomOf(budgetStatuses: readonly BudgetStatus[], now: EpochMs): Room | null {
  let until = now + LASTS_MS;
  let quietNanoUsd = Number.MAX_SAFE_INTEGER;
  const ceilings: Room['ceilings'][number][] = [];
  for (const budgetStatus of budgetStatuses) {
    const { budget, window } = budgetStatus;
    if (budgetStatus.announced.length > 0 || window.startAt > now) return null;
    until = Math.min(until, window.endAt);
    const posted = budgetStatus.postedNanoUsd + budgetStatus.inheritedNanoUsd;
    const stages = [budget.softNanoUsd];
    // A grant may end before the window does: without it the ceiling is the lowest it can be.
    const ceilingNanoUsd = ceilingOf({ ...budgetStatus, grantedNanoUsd: 0 });
    if (ceilingNanoUsd !== null) {
      stages.push(ceilingNanoUsd, Math.floor(ceilingNanoUsd * (budget.wrapUpRatio ?? 1)));
      ceilings.push({ ceilingNanoUsd, leftNanoUsd: ceilingNanoUsd - posted });
    }
    for (const stage of stages) {
      if (stage !== null) quietNanoUsd = Math.min(quietNanoUsd, stage - posted);
    }
  }
  return { until, quietNanoUsd, ceilings };
}

/** How things stand when a pass is to be used. */
export interface PassQuestion extends Since {
  readonly now: EpochMs;
  readonly turnId: TurnId | null;
  readonly model: string;
  readonly inheritedNanoUsd: NanoUsd;
  /** More than the next request is ever taken to cost under a ceiling. */
  readonly nextRequestUpperBoundNanoUsd: (ceilingNanoUsd: NanoUsd) => NanoUsd;
}

/** Whether a pass holds: then asking the gate before a tool would say nothing, hold nothing and end nothing. */
export function holds(pass: Pass, asked: PassQuestion): boolean {
  const { now, addedNanoUsd } = asked;
  if (now < pass.madeAt || now >= pass.until) return false;
  if (asked.turnId !== pass.turnId || asked.model !== pass.model) return false;
  if (asked.inheritedNanoUsd !== pass.inheritedNanoUsd) return false;
  if (addedNanoUsd >= pass.quietNanoUsd) return false;
  // Twice what is held, since what the session itself holds counts once more while its response has not come; and twice
  // the request that follows, which is how far off a forecast stops to matter (see `gate/need.ts`).
  const taken = addedNanoUsd + 2 * asked.heldNanoUsd;
  return pass.ceilings.every(
    ({ ceilingNanoUsd, leftNanoUsd }) =>
      leftNanoUsd - taken >= 2 * asked.nextRequestUpperBoundNanoUsd(ceilingNanoUsd),
  );
}
