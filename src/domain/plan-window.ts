// The windows in which a plan limits use: their names, what Claude Code says of them, and shares in words. PURE.
// Rule: in a budget of such a window amounts are billionths of it; only the gate turns them into list-price dollars.
import { formatUsd, type NanoUsd, parseUsd } from './money.ts';
import { DAY_MS, type EpochMs, HOUR_MS } from './time.ts';

/** A window of a plan; behind a colon the family of models that it limits alone. */
export type PlanWindowName = `${PlanWindowKind}${'' | `:${string}`}`;
type PlanWindowKind = 'five-hour' | 'seven-day';

const LENGTH_MS: Readonly<Record<PlanWindowKind, number>> = {
  'five-hour': 5 * HOUR_MS,
  'seven-day': 7 * DAY_MS,
};

/** Families of models that may have windows of their own. */
export const PLAN_MODELS = ['opus', 'sonnet', 'haiku', 'fable'] as const;

/** The two windows every plan has. */
export const PLAN_WINDOWS: readonly PlanWindowName[] = ['five-hour', 'seven-day'];

/** Reads a name in any spelling: `five-hour`, `five_hour`, `seven_day_opus`, `seven-day:opus`; `null` for what is none. */
export function parsePlanWindow(text: string): PlanWindowName | null {
  const match = /^(five|seven)[-_ ](hour|day)(?:[:_-]([a-z]+))?$/.exec(text.trim().toLowerCase());
  if (!match) return null;
  const kind = `${match[1]}-${match[2]}`;
  if (!Object.hasOwn(LENGTH_MS, kind)) return null;
  const model = PLAN_MODELS.find((each) => each === match[3]);
  if (match[3] === undefined) return kind as PlanWindowKind;
  return model === undefined ? null : `${kind as PlanWindowKind}:${model}`;
}

const partsOf = (name: PlanWindowName) => name.split(':') as [PlanWindowKind, string | undefined];

/** How long the window is. */
export const planLengthMs = (name: PlanWindowName): number => LENGTH_MS[partsOf(name)[0]];

/** The family of models that it limits; `null`: all models. */
export const planModel = (name: PlanWindowName): string | null => partsOf(name)[1] ?? null;

/** `five-hour window`, `seven-day window of opus`. */
export function planWindowText(name: PlanWindowName): string {
  const [kind, model] = partsOf(name);
  return `${kind} window${model === undefined ? '' : ` of ${model}`}`;
}

/** A whole window, in the unit in which budgets of it are written. */
export const PLAN_UNITS = 1_000_000_000;

/** A window whose rate is not known yet: so large that no request moves its share, and only readings count. */
export const UNKNOWN_FULL_NANO_USD = 1_000_000 * PLAN_UNITS;

/** What list-price dollars do to a window, as far as past readings tell. */
export interface PlanRate {
  /** What fills the window. */
  readonly fullNanoUsd: NanoUsd;
  /** Two thirds of what was seen lay within this share of it, up or down. */
  readonly errorRatio: number;
  /** How many differences between readings it was learned from. */
  readonly sampleCount: number;
}

/** What Claude Code says of one window. */
export interface PlanLimit {
  readonly window: PlanWindowName;
  /** 0..1, and above where more was used than the plan has. */
  readonly usedRatio: number;
  readonly resetsAt: EpochMs;
}

/** Something about limits that could not be read, or was read in spite of its form; `detail`: of which field, and what it held. */
export interface PlanProblem {
  readonly code:
    | (
        | 'WINDOW_UNKNOWN'
        | 'SHARE_MISSING'
        | 'SHARE_UNREADABLE'
        | 'RESET_MISSING'
        | 'RESET_UNREADABLE'
      )
    | ('RESET_PASSED' | 'RESET_TOO_FAR' | 'SHARE_WENT_BACK' | 'NUMBER_AS_TEXT' | 'SHARE_ABOVE_ALL');
  readonly detail: string;
}

/** How a budget's window stands against the plan. */
export interface PlanStanding {
  readonly window: PlanWindowName;
  /** What fills it, at list prices; `UNKNOWN_FULL_NANO_USD` where no rate is known. */
  readonly fullNanoUsd: NanoUsd;
  /** `reading`: Claude Code said it and nothing was spent since; `estimate`: with what was spent since; `unknown`: neither. */
  readonly basis: 'reading' | 'estimate' | 'unknown';
  /** How much the share may be off, 0..1; `null` where no rate is known. */
  readonly errorRatio: number | null;
}

/** What is said of dollars that a plan covers. */
export const UNBILLED = 'list price, not billed';

/**
 * What figures of a budget are in: `fullNanoUsd` is there where they are shares of a plan's window, `isListPrice` where they are
 * dollars that a plan covers.
 */
export interface PlanFigures {
  readonly fullNanoUsd?: NanoUsd;
  readonly isListPrice?: true;
}

/** ` (list price, not billed)` behind dollars that a plan covers; else nothing. */
export const unbilledText = ({ isListPrice }: PlanFigures): string =>
  isListPrice ? ` (${UNBILLED})` : '';

/** `72%`, `0.4%`: whole percents where they say enough. */
export function shareText(ratio: number): string {
  const percent = ratio * 100;
  const isSmall = percent > 0 && percent < 10;
  return `${Number(percent.toFixed(isSmall ? 1 : 0))}%`;
}

/** Amounts of a budget as it is written, in shares of the window. */
export const unitsText = (units: number): string => shareText(units / PLAN_UNITS);

/** A percentage of a window, `5%` or `2.5 %`, in its unit; `null` for what is none. */
export function parseUnits(text: string): number | null {
  const match = /^\s*(\d{1,4}(?:\.\d{1,4})?)\s*%\s*$/.exec(text);
  return match ? Math.round((Number(match[1]) / 100) * PLAN_UNITS) : null;
}

/** An amount in the words of its budget: a share of the window, or dollars. */
export const amountText = (amountNanoUsd: NanoUsd, { fullNanoUsd }: PlanFigures): string =>
  fullNanoUsd === undefined ? formatUsd(amountNanoUsd) : shareText(amountNanoUsd / fullNanoUsd);

/** Dollars, or a share of a plan's window in its unit. */
export interface WrittenAmount {
  readonly unit: 'usd' | 'share';
  readonly amount: number;
}

/** `2`, `$0.50` or `5%`; `null` for what is none of them. */
export function parseRaise(text: string): WrittenAmount | null {
  const units = parseUnits(text);
  if (units !== null) return { unit: 'share', amount: units };
  const amount = parseUsd(text);
  return amount === null ? null : { unit: 'usd', amount };
}

/** The same as text. */
export const writtenText = ({ unit, amount }: WrittenAmount): string =>
  unit === 'share' ? unitsText(amount) : formatUsd(amount);
