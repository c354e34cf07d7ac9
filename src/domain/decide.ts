// The one decision: may the next request be made? Rule: pure; what was read goes in, a plan comes out,
// and `spent + reserved + forecast > ceiling` is the only comparison.
import type { SessionId } from './ids.ts';
import type { NanoUsd } from './money.ts';
import { ceilingOf, type Reading, type Stage, spendOf } from './spend.ts';
import type { EpochMs } from './time.ts';
import type { Breach, BreachFigures, Latch, Verdict } from './verdict.ts';

export interface DecideInput {
  readonly now: EpochMs;
  readonly sessionId: SessionId;
  readonly readings: readonly Reading[];
  /** What the next request is expected to need at the chosen safety; 0 where none follows. */
  readonly forecastNanoUsd: NanoUsd;
  /** A halt that was pronounced before. */
  readonly latch: Latch | null;
  /** The model has no price, and the person wants that to halt; `null` otherwise. */
  readonly unknownModel: { readonly model: string; readonly pricedAs: string } | null;
  /** A tool that would start subagents, and what these are expected to cost; `null` otherwise. */
  readonly spawn: { readonly tool: string; readonly needNanoUsd: NanoUsd } | null;
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
  /** A halt to keep; `null`: none, or the one that is kept already. */
  readonly latch: Latch | null;
  /** The kept halt no longer holds. */
  readonly releasesLatch: boolean;
  /** What to hold for the next request. */
  readonly reserveNanoUsd: NanoUsd;
}

export function decide(input: DecideInput): Decision {
  const kept = input.latch === null ? null : standingHalt(input.latch, input.readings);
  if (input.latch !== null && kept !== null) {
    return {
      verdict: { kind: 'halt', breaches: [kept] },
      due: [],
      latch: null,
      releasesLatch: false,
      reserveNanoUsd: 0,
    };
  }
  const due: Due[] = [];
  const breaches: Breach[] = [];
  let kind: Verdict['kind'] = 'allow';
  let latch: Latch | null = null;

  for (const reading of input.readings) {
    for (const found of stagesOf(reading, input.forecastNanoUsd)) {
      const { mode } = reading.budget;
      if (found.stage === 'hard') {
        const isNews = !reading.announced.includes('hard');
        if (isNews) due.push({ windowKey: reading.windowKey, ...found });
        if (mode === 'enforce') {
          breaches.push(found.breach);
          kind = 'halt';
          latch ??= latchOf(input, reading, found.breach);
        } else if (isNews && mode === 'warn') {
          breaches.push(found.breach);
          if (kind === 'allow') kind = 'warn';
        }
      } else if (!reading.announced.includes(found.stage)) {
        due.push({ windowKey: reading.windowKey, ...found });
        if (mode === 'observe') continue;
        breaches.push(found.breach);
        if (kind === 'allow') kind = 'warn';
      }
    }
  }
  if (input.unknownModel !== null) {
    breaches.push({ code: 'UNKNOWN_MODEL', ...input.unknownModel });
    kind = 'halt';
  }
  if (kind !== 'halt' && input.spawn !== null) {
    const tooDear = input.readings.find((reading) => doesNotFit(reading, input, input.spawn));
    if (tooDear) {
      breaches.push({
        code: 'SPAWN_OVER_HEADROOM',
        tool: input.spawn.tool,
        ...figuresOf(tooDear, ceilingOf(tooDear) ?? 0, input.spawn.needNanoUsd),
      });
      kind = 'deny';
    }
  }
  return {
    verdict: { kind, breaches },
    due,
    latch,
    releasesLatch: input.latch !== null,
    reserveNanoUsd: kind === 'halt' ? 0 : input.forecastNanoUsd,
  };
}

/** A halt stands until its ceiling is higher, its window is over, or its budget no longer enforces. */
function standingHalt(latch: Latch, readings: readonly Reading[]): Breach | null {
  if (latch.code === 'HALTED_BY_PERSON') {
    return { code: 'HALTED_BY_PERSON', haltedAt: latch.haltedAt, reason: latch.reason };
  }
  const reading = readings.find((each) => each.windowKey === latch.windowKey);
  if (!reading || reading.budget.mode !== 'enforce') return null;
  const ceiling = ceilingOf(reading);
  if (ceiling === null || latch.ceilingNanoUsd === null) return null;
  if (ceiling > latch.ceilingNanoUsd) return null;
  return {
    code: 'HALTED_BEFORE',
    haltedAt: latch.haltedAt,
    budgetId: latch.budgetId,
    spendNanoUsd: reading.postedNanoUsd + reading.inheritedNanoUsd,
    limitNanoUsd: ceiling,
  };
}

function stagesOf(
  reading: Reading,
  forecast: NanoUsd,
): readonly { stage: Stage; breach: Breach }[] {
  const { softNanoUsd, wrapUpRatio } = reading.budget;
  const ceiling = ceilingOf(reading);
  const posted = reading.postedNanoUsd + reading.inheritedNanoUsd;
  const found: { stage: Stage; breach: Breach }[] = [];
  if (softNanoUsd !== null && posted >= softNanoUsd) {
    const figures = figuresOf(reading, softNanoUsd, 0);
    found.push({ stage: 'soft', breach: { code: 'SOFT_LIMIT_REACHED', ...figures } });
  }
  if (ceiling === null) return found;
  if (wrapUpRatio !== null && posted >= Math.floor(ceiling * wrapUpRatio)) {
    const figures = figuresOf(reading, Math.floor(ceiling * wrapUpRatio), 0);
    found.push({ stage: 'wrapUp', breach: { code: 'WRAP_UP_DUE', ...figures } });
  }
  if (posted >= ceiling) {
    const figures = figuresOf(reading, ceiling, 0);
    found.push({ stage: 'hard', breach: { code: 'HARD_LIMIT_REACHED', ...figures } });
  } else if (spendOf(reading) + forecast > ceiling) {
    const figures = figuresOf(reading, ceiling, forecast);
    found.push({ stage: 'hard', breach: { code: 'FORECAST_OVER_CEILING', ...figures } });
  }
  return found;
}

function doesNotFit(reading: Reading, input: DecideInput, spawn: DecideInput['spawn']): boolean {
  const ceiling = ceilingOf(reading);
  if (ceiling === null || reading.budget.mode !== 'enforce' || spawn === null) return false;
  return spendOf(reading) + input.forecastNanoUsd + spawn.needNanoUsd > ceiling;
}

function figuresOf(reading: Reading, limit: NanoUsd, forecast: NanoUsd): BreachFigures {
  return {
    budgetId: reading.budget.id,
    windowLabel: reading.windowLabel,
    spendNanoUsd: reading.postedNanoUsd + reading.inheritedNanoUsd,
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
    spendNanoUsd: reading.postedNanoUsd + reading.inheritedNanoUsd,
    reason: null,
  };
}
