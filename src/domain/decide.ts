// The one decision: may the next request be made? Rule: pure; what was read goes in, a plan comes out,
// and `spent + reserved + forecast > ceiling` is the only comparison.
import type { SessionId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import { ceilingOf, type Reading, type Stage, spendOf } from './spend.ts';
import type { EpochMs } from './time.ts';
import type { Breach, BreachFigures, Latch, Verdict } from './verdict.ts';

/** What the next request may need of a budget; one number where the budget makes no difference. */
export type Need = NanoUsd | ((reading: Reading) => NanoUsd);

/** A tool about to start subagents. */
export interface Spawn {
  readonly tool: string;
  /** What its subagents need for a start. */
  readonly needNanoUsd: NanoUsd;
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
  readonly readings: readonly Reading[];
  /** What the next request is expected to need at the chosen safety; 0 where none follows. */
  readonly forecastNanoUsd: Need;
  /** A halt that was pronounced before and still stands (see `gate/latch.ts`); `null` otherwise. */
  readonly latch: Latch | null;
  /** The model has no price, and the person wants that to halt; `null` otherwise. */
  readonly unknownModel: { readonly model: string; readonly pricedAs: string } | null;
  readonly spawn: Spawn | null;
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
  readonly latch: Latch | null;
  /** What to hold for the next request. */
  readonly reserveNanoUsd: NanoUsd;
}

interface Found {
  readonly stage: Stage;
  readonly breach: Breach;
}

/** Decides. The tightest budget comes first: it is the one that a halt names. */
export function decide(input: DecideInput): Decision {
  if (input.latch !== null) {
    const verdict: Verdict = { kind: 'halt', breaches: [keptBreach(input.latch, input.readings)] };
    return { verdict, due: [], reached: [], latch: null, reserveNanoUsd: 0 };
  }
  const readings = tightestFirst(input.isAlone ? { ...input, readings: alone(input) } : input);
  const due: Due[] = [];
  const reached: Due[] = [];
  const breaches: Breach[] = [];
  let kind: Verdict['kind'] = 'allow';
  let latch: Latch | null = null;

  for (const reading of readings) {
    const { windowKey, announced, budget } = reading;
    for (const { stage, breach } of stagesOf(reading, needUnder(input, reading))) {
      const isNews = !announced.includes(stage);
      if (stage === 'hard' && budget.mode === 'enforce') {
        breaches.push(breach);
        if (input.isOptional && breach.code === 'FORECAST_OVER_CEILING') {
          if (kind !== 'halt') kind = 'deny';
          continue;
        }
        kind = 'halt';
        // A subagent over its own ceiling ends alone; whoever started it goes on.
        if (budget.period.kind !== 'subagent') latch ??= latchOf(input, reading, breach);
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
  const tooDear = kind === 'halt' ? null : spawnBreach(input);
  if (tooDear !== null) {
    breaches.push(tooDear);
    kind = 'deny';
  }
  const tightest = readings[0];
  const need = tightest ? needUnder(input, tightest) : 0;
  const reserveNanoUsd = kind === 'halt' ? 0 : need;
  return { verdict: { kind, breaches }, due, reached, latch, reserveNanoUsd };
}

/** A halt that stands, as it is told. */
export function keptBreach(latch: Latch, readings: readonly Reading[]): Breach {
  if (latch.code === 'HALTED_BY_PERSON') {
    return { code: 'HALTED_BY_PERSON', haltedAt: latch.haltedAt, reason: latch.reason };
  }
  const reading = readings.find((each) => each.windowKey === latch.windowKey);
  return {
    code: 'HALTED_BEFORE',
    haltedAt: latch.haltedAt,
    budgetId: latch.budgetId,
    spendNanoUsd: reading ? postedOf(reading) : latch.spendNanoUsd,
    limitNanoUsd: (reading ? ceilingOf(reading) : latch.ceilingNanoUsd) ?? 0,
  };
}

const postedOf = (reading: Reading): NanoUsd => reading.postedNanoUsd + reading.inheritedNanoUsd;

function needUnder({ forecastNanoUsd: need }: DecideInput, reading: Reading): NanoUsd {
  return typeof need === 'number' ? need : need(reading);
}

const alone = ({ readings }: DecideInput): readonly Reading[] =>
  readings.map((reading) => ({ ...reading, reservedNanoUsd: 0 }));

/** By what an enforcing budget would have left after the request; those that halt nothing come last. */
function tightestFirst(input: DecideInput): readonly Reading[] {
  const ranked = input.readings.map((reading) => {
    const ceiling = ceilingOf(reading);
    const halts = ceiling !== null && reading.budget.mode === 'enforce';
    const left = halts ? ceiling - spendOf(reading) - needUnder(input, reading) : Number.MAX_VALUE;
    return { reading, left };
  });
  return ranked.sort((a, b) => a.left - b.left).map(({ reading }) => reading);
}

/** Share of a ceiling past which a session without a soft limit counts as well under way. */
const LATE_RATIO = 0.75;

function stagesOf(reading: Reading, need: NanoUsd): readonly Found[] {
  const { softNanoUsd, wrapUpRatio } = reading.budget;
  const ceiling = ceilingOf(reading);
  const posted = postedOf(reading);
  const found: Found[] = [];
  if (softNanoUsd !== null && posted >= softNanoUsd) {
    const figures = figuresOf(reading, softNanoUsd, 0);
    found.push({ stage: 'soft', breach: { code: 'SOFT_LIMIT_REACHED', ...figures } });
  }
  if (ceiling === null) return found;
  const spent = spendOf(reading);
  if (posted >= ceiling) {
    const figures = figuresOf(reading, ceiling, 0);
    found.push({ stage: 'hard', breach: { code: 'HARD_LIMIT_REACHED', ...figures } });
  } else if (spent + need > ceiling) {
    const figures = figuresOf(reading, ceiling, need);
    found.push({ stage: 'hard', breach: { code: 'FORECAST_OVER_CEILING', ...figures } });
  } else if (wrapUpRatio !== null) {
    const limit = Math.floor(ceiling * wrapUpRatio);
    // Also when there is room for this request and perhaps for no other; but a forecast that knows little
    // yet asks for much, and nobody is to be told to finish who has hardly begun.
    const isLate = posted >= (softNanoUsd ?? ceiling * LATE_RATIO);
    if (posted >= limit || (isLate && need > 0 && spent + 2 * need > ceiling)) {
      const figures = figuresOf(reading, limit, need);
      found.push({ stage: 'wrapUp', breach: { code: 'WRAP_UP_DUE', ...figures } });
    }
  }
  return found;
}

/** Why a spawn is refused; `null` when it may start. */
function spawnBreach(input: DecideInput): Breach | null {
  const { spawn } = input;
  if (spawn === null) return null;
  const { tool, needNanoUsd, parentNanoUsd, fanOut } = spawn;
  if (fanOut !== null && fanOut.spentNanoUsd + fanOut.expectedNanoUsd > fanOut.limitNanoUsd) {
    const { spentNanoUsd: spendNanoUsd, expectedNanoUsd: forecastNanoUsd, limitNanoUsd } = fanOut;
    return { code: 'FAN_OUT_OVER_LIMIT', tool, spendNanoUsd, forecastNanoUsd, limitNanoUsd };
  }
  for (const reading of tightestFirst(input)) {
    const ceiling = ceilingOf(reading);
    if (ceiling === null || reading.budget.mode !== 'enforce') continue;
    if (spendOf(reading) + parentNanoUsd + needNanoUsd <= ceiling) continue;
    return { code: 'SPAWN_OVER_HEADROOM', tool, ...figuresOf(reading, ceiling, needNanoUsd) };
  }
  return null;
}

function figuresOf(reading: Reading, limit: NanoUsd, forecast: NanoUsd): BreachFigures {
  return {
    budgetId: reading.budget.id,
    windowLabel: reading.windowLabel,
    spendNanoUsd: postedOf(reading),
    reservedNanoUsd: reading.reservedNanoUsd,
    limitNanoUsd: limit,
    ceilingNanoUsd: ceilingOf(reading),
    forecastNanoUsd: forecast,
  };
}

function latchOf(input: DecideInput, reading: Reading, breach: Breach): Latch {
  return {
    sessionId: input.sessionId,
    budgetId: reading.budget.id,
    windowKey: reading.windowKey,
    code: breach.code,
    haltedAt: input.now,
    ceilingNanoUsd: ceilingOf(reading),
    spendNanoUsd: postedOf(reading),
    reason: null,
  };
}
