// The one decision: may the next request be made? Rule: pure; what was read goes in, a plan comes out,
// and `spent + reserved + forecast > ceiling` is the only comparison.

import { figuresOf, refusalFigures } from './breach-figures.ts';
import type { BreakerTrip } from './breaker-trip.ts';
import { evidenceText } from './explain-breaker.ts';
import { budgetId, type SessionId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import {
  type BudgetStatus,
  ceilingOf,
  planFigures,
  postedOf,
  recordedAmount,
  recordedFigures,
  type Stage,
  spendOf,
} from './spend.ts';
import type { EpochMs } from './time.ts';
import type { Breach, HaltRecord, Verdict } from './verdict.ts';

/** What the next request may need of a budget; one number where the budget makes no difference. */
export type Need = NanoUsd | ((budgetStatus: BudgetStatus) => NanoUsd);

/** A tool about to start subagents. */
export interface Spawn {
  readonly tool: string;
  /** What its subagents need for a start. */
  readonly requiredNanoUsd: NanoUsd;
  /** What whoever starts them has under way, and will need to read their result: both must fit now. */
  readonly parentNanoUsd: NanoUsd;
  /** The fan-out it adds to, where a limit is set for that; `null` otherwise. */
  readonly fanOut: {
    readonly spentNanoUsd: NanoUsd;
    readonly expectedNanoUsd: NanoUsd;
    readonly limitNanoUsd: NanoUsd;
  } | null;
}

export interface DecideInput {
  readonly now: EpochMs;
  readonly sessionId: SessionId;
  readonly budgetStatuses: readonly BudgetStatus[];
  /** What the next request is expected to need at the chosen safety; 0 where none follows. */
  readonly forecastNanoUsd: Need;
  /** A halt that was pronounced before and still stands (see `gate/latch.ts`); `null` otherwise. */
  readonly haltRecord: HaltRecord | null;
  /** The model has no price, and the person wants that to halt; `null` otherwise. */
  readonly unknownModel: { readonly model: string; readonly pricedAs: string } | null;
  readonly spawn: Spawn | null;
  /** Circuit breakers that have tripped. Absent: none. */
  readonly trips?: readonly BreakerTrip[];
  /** The agent can do without what it asks for: what does not fit is refused, and nothing is halted. */
  readonly isOptional?: boolean;
  /** No request follows at once: what others hold says nothing yet, except to a spawn. */
  readonly isAlone?: boolean;
}

/** A stage that became due now, and the breach to tell about it. */
export interface Due {
  readonly windowKey: string;
  readonly stage: Stage;
  readonly breach: Breach;
}

/** What is to be done. */
export interface Decision {
  readonly verdict: Verdict;
  /** Stages to announce; whoever announces one first tells people about it. */
  readonly due: readonly Due[];
  /** Every stage before the hard limit that stands now, also those that were announced before. */
  readonly reached: readonly Due[];
  /** A halt to keep; `null`: none, or the one that is kept already. */
  readonly haltRecord: HaltRecord | null;
  /** What to hold for the next request. */
  readonly reserveNanoUsd: NanoUsd;
}

interface Found {
  readonly stage: Stage;
  readonly breach: Breach;
}

/** Decides. The tightest budget comes first: it is the one that a halt names. */
export function decide(input: DecideInput): Decision {
  if (input.haltRecord !== null) {
    const verdict: Verdict = {
      kind: 'halt',
      breaches: [standingBreach(input.haltRecord, input.budgetStatuses)],
    };
    return { verdict, due: [], reached: [], haltRecord: null, reserveNanoUsd: 0 };
  }
  const budgetStatuses = tightestFirst(
    input.isAlone ? { ...input, budgetStatuses: alone(input) } : input,
  );
  const due: Due[] = [];
  const reached: Due[] = [];
  const breaches: Breach[] = [];
  let kind: Verdict['kind'] = 'allow';
  let haltRecord: HaltRecord | null = null;

  for (const budgetStatus of budgetStatuses) {
    const { windowKey, announced, budget } = budgetStatus;
    for (const { stage, breach } of stagesOf(budgetStatus, requiredUnder(input, budgetStatus))) {
      const isNews = !announced.includes(stage);
      if (stage === 'hard' && budget.mode === 'enforce') {
        breaches.push(breach);
        if (input.isOptional && breach.code === 'FORECAST_OVER_CEILING') {
          if (kind !== 'halt') kind = 'deny';
          continue;
        }
        kind = 'halt';
        // A subagent over its own ceiling ends alone; whoever started it goes on.
        if (budget.period.kind !== 'subagent')
          haltRecord ??= haltRecordOf(input, budgetStatus, breach);
      } else if (isNews && budget.mode !== 'observe') {
        breaches.push(breach);
        if (kind === 'allow') kind = 'warn';
      }
      if (isNews) due.push({ windowKey, stage, breach });
      if (stage !== 'hard' && budget.mode !== 'observe') reached.push({ windowKey, stage, breach });
    }
  }
  if (input.unknownModel !== null) {
    breaches.push({ code: 'UNKNOWN_MODEL', ...input.unknownModel });
    kind = 'halt';
  }
  const tooExpensive = kind === 'halt' ? null : spawnBreach(input);
  if (tooExpensive !== null) {
    breaches.push(tooExpensive);
    kind = 'deny';
  }
  const tightest = budgetStatuses[0];
  const need = tightest ? requiredUnder(input, tightest) : 0;
  const reserveNanoUsd = kind === 'halt' ? 0 : need;
  const verdict: Verdict = { kind, breaches };
  return withTrips({ verdict, due, reached, haltRecord, reserveNanoUsd }, input);
}

/** A halt that stands, as it is told. */
export function standingBreach(
  haltRecord: HaltRecord,
  budgetStatuses: readonly BudgetStatus[],
): Breach {
  if (haltRecord.code === 'HALTED_BY_PERSON') {
    return { code: 'HALTED_BY_PERSON', haltedAt: haltRecord.haltedAt, reason: haltRecord.reason };
  }
  if (haltRecord.code === 'BREAKER_TRIPPED') {
    const { haltedAt, budgetId: breaker, reason } = haltRecord;
    return { code: 'HALTED_BY_BREAKER', haltedAt, breaker, evidence: reason ?? '' };
  }
  const budgetStatus = budgetStatuses.find((each) => each.windowKey === haltRecord.windowKey);
  return {
    code: 'HALTED_BEFORE',
    haltedAt: haltRecord.haltedAt,
    budgetId: haltRecord.budgetId,
    spendNanoUsd: budgetStatus ? postedOf(budgetStatus) : haltRecord.spendNanoUsd,
    limitNanoUsd: (budgetStatus ? ceilingOf(budgetStatus) : haltRecord.ceilingNanoUsd) ?? 0,
    ...(budgetStatus ? planFigures(budgetStatus) : recordedFigures(haltRecord.windowKey)),
  };
}

function requiredUnder(
  { forecastNanoUsd: need }: DecideInput,
  budgetStatus: BudgetStatus,
): NanoUsd {
  return typeof need === 'number' ? need : need(budgetStatus);
}

const alone = ({ budgetStatuses }: DecideInput): readonly BudgetStatus[] =>
  budgetStatuses.map((budgetStatus) => ({ ...budgetStatus, reservedNanoUsd: 0 }));

/** By what an enforcing budget would have left after the request; those that halt nothing come last. */
function tightestFirst(input: DecideInput): readonly BudgetStatus[] {
  const ranked = input.budgetStatuses.map((budgetStatus) => {
    const ceiling = ceilingOf(budgetStatus);
    const halts = ceiling !== null && budgetStatus.budget.mode === 'enforce';
    const left = halts
      ? ceiling - spendOf(budgetStatus) - requiredUnder(input, budgetStatus)
      : Number.MAX_VALUE;
    return { budgetStatus, left };
  });
  return ranked.sort((a, b) => a.left - b.left).map(({ budgetStatus }) => budgetStatus);
}

/** How far ahead of the next request the soft stage looks: so many holds, but no more than a share of the ceiling. */
const AHEAD_HOLDS = 3;
const AHEAD_RATIO = 0.5;

/** Share of a ceiling past which a session without a soft limit counts as well under way. */
const LATE_RATIO = 0.75;

function stagesOf(budgetStatus: BudgetStatus, need: NanoUsd): readonly Found[] {
  const { softNanoUsd, wrapUpRatio } = budgetStatus.budget;
  const ceiling = ceilingOf(budgetStatus);
  const posted = postedOf(budgetStatus);
  const spent = spendOf(budgetStatus);
  const found: Found[] = [];
  if (softNanoUsd !== null && posted >= softNanoUsd) {
    const figures = figuresOf(budgetStatus, softNanoUsd, 0);
    found.push({ stage: 'soft', breach: { code: 'SOFT_LIMIT_REACHED', ...figures } });
  } else if (ceiling !== null && isLast(budgetStatus) && isNearCeiling(spent, need, ceiling)) {
    // A large request may be halted below the soft limit: whoever is halted was warned before.
    const figures = figuresOf(budgetStatus, softNanoUsd ?? ceiling, need);
    found.push({ stage: 'soft', breach: { code: 'SOFT_LIMIT_REACHED', ...figures } });
  }
  if (ceiling === null) return found;
  if (posted >= ceiling) {
    const figures = refusalFigures(budgetStatus, ceiling, 0);
    found.push({ stage: 'hard', breach: { code: 'HARD_LIMIT_REACHED', ...figures } });
  } else if (spent + need > ceiling) {
    const figures = refusalFigures(budgetStatus, ceiling, need);
    found.push({ stage: 'hard', breach: { code: 'FORECAST_OVER_CEILING', ...figures } });
  } else if (wrapUpRatio !== null) {
    const limit = Math.floor(ceiling * wrapUpRatio);
    // Also when there is room for this request and perhaps for no other; but a forecast that knows little
    // yet asks for much, and nobody is to be told to finish who has hardly begun.
    const isLate = posted >= (softNanoUsd ?? ceiling * LATE_RATIO);
    if (posted >= limit || (isLate && need > 0 && spent + 2 * need > ceiling)) {
      const figures = figuresOf(budgetStatus, limit, need);
      found.push({ stage: 'wrapUp', breach: { code: 'WRAP_UP_DUE', ...figures } });
    }
  }
  return found;
}

/** Whether nothing more is to be had: a lease of the team is renewed as long as the team has something, and can be reached. */
const isLast = ({ team }: BudgetStatus): boolean =>
  team === undefined || team.isSpent || team.offline !== null;

/** Whether the next request fits under a ceiling, and those after it may not. */
function isNearCeiling(spent: NanoUsd, need: NanoUsd, ceiling: NanoUsd): boolean {
  const ahead = Math.min(AHEAD_HOLDS * need, AHEAD_RATIO * ceiling);
  return need > 0 && spent + need <= ceiling && spent + need + ahead > ceiling;
}

/** Why a spawn is refused; `null` when it may start. */
function spawnBreach(input: DecideInput): Breach | null {
  const { spawn } = input;
  if (spawn === null) return null;
  const { tool, requiredNanoUsd, parentNanoUsd, fanOut } = spawn;
  if (fanOut !== null && fanOut.spentNanoUsd + fanOut.expectedNanoUsd > fanOut.limitNanoUsd) {
    const { spentNanoUsd: spendNanoUsd, expectedNanoUsd: forecastNanoUsd, limitNanoUsd } = fanOut;
    return { code: 'FAN_OUT_OVER_LIMIT', tool, spendNanoUsd, forecastNanoUsd, limitNanoUsd };
  }
  for (const budgetStatus of tightestFirst(input)) {
    const ceiling = ceilingOf(budgetStatus);
    if (ceiling === null || budgetStatus.budget.mode !== 'enforce') continue;
    if (spendOf(budgetStatus) + parentNanoUsd + requiredNanoUsd <= ceiling) continue;
    return {
      code: 'SPAWN_OVER_HEADROOM',
      tool,
      ...refusalFigures(budgetStatus, ceiling, requiredNanoUsd),
    };
  }
  return null;
}

function haltRecordOf(input: DecideInput, budgetStatus: BudgetStatus, breach: Breach): HaltRecord {
  return {
    sessionId: input.sessionId,
    budgetId: budgetStatus.budget.id,
    windowKey: budgetStatus.windowKey,
    code: breach.code,
    haltedAt: input.now,
    ceilingNanoUsd: recordedAmount(ceilingOf(budgetStatus), budgetStatus),
    spendNanoUsd: recordedAmount(postedOf(budgetStatus), budgetStatus) ?? 0,
    reason: null,
  };
}

type Tripped = Omit<BreakerTrip, 'mode' | 'isNew'>;

/** A breaker that has tripped, as news of its own: whether it was told is remembered with its thread. */
const tripDue = (trip: Tripped, { sessionId, now }: DecideInput): Due => ({
  windowKey: `breaker|${trip.breaker}|${sessionId}|${now}`,
  stage: 'soft',
  breach: { code: 'BREAKER_TRIPPED', ...trip },
});

/** A decision, and what circuit breakers add to it. */
function withTrips(decision: Decision, input: DecideInput): Decision {
  let { verdict, due, reached, haltRecord, reserveNanoUsd } = decision;
  for (const { mode, isNew, ...trip } of input.trips ?? []) {
    const found = tripDue(trip, input);
    const isSaid = mode === 'enforce' || (isNew && mode === 'warn');
    const breaches = isSaid ? [...verdict.breaches, found.breach] : verdict.breaches;
    const isNewWarning = isSaid && verdict.kind === 'allow';
    verdict = { kind: isNewWarning ? 'warn' : verdict.kind, breaches };
    if (isNew) due = [...due, found];
    if (isNew && mode === 'warn') reached = [...reached, found];
    if (mode !== 'enforce') continue;
    verdict = { kind: 'halt', breaches };
    haltRecord ??= tripRecord(trip, found.windowKey, input);
    reserveNanoUsd = 0;
  }
  return { verdict, due, reached, haltRecord, reserveNanoUsd };
}

/** A breaker's halt has no ceiling: a person lifts it. */
function tripRecord(
  trip: Tripped,
  windowKey: string,
  { sessionId, now: haltedAt }: DecideInput,
): HaltRecord {
  const { breaker, costNanoUsd: spendNanoUsd } = trip;
  const kept = {
    sessionId,
    budgetId: budgetId(breaker),
    windowKey,
    code: 'BREAKER_TRIPPED',
  } as const;
  return { ...kept, haltedAt, ceilingNanoUsd: null, spendNanoUsd, reason: evidenceText(trip) };
}
