// The status line's text. PURE. Rule: what matters most comes first and is dropped last; one line, always.
import { aboutText } from '../../domain/burn-rate.ts';
import { raiseAmount } from '../../domain/explain-ahead.ts';
import { formatUsd } from '../../domain/money.ts';
import { amountText, shareText, unbilledText } from '../../domain/plan-window.ts';
import { ceilingOf, planFigures, spendOf } from '../../domain/spend.ts';
import { type EpochMs, spanText } from '../../domain/time.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { barText, fitted, type Tone, toned, toneOf, widthOf } from './figures-text.ts';

/** What the line is made of, beside the money. */
export interface StatusView {
  readonly sessionStatus: SessionStatus;
  readonly branch: string | null;
  /** 0..1; `null`: not known. */
  readonly contextRatio: number | null;
  readonly now: EpochMs;
}

export interface StatusStyle {
  readonly columns: number;
  readonly hasColour: boolean;
  /** Only the money, for a line that somebody else makes. */
  readonly isSegment: boolean;
}

const SEPARATOR = ' · ';
/** A rate below a cent an hour is rest, not burning. */
const RESTING_NANO_USD = 10_000_000;

/** The line; parts that do not fit are left out, the least important first. */
export function statusText(view: StatusView, style: StatusStyle): string {
  const { sessionStatus, branch, contextRatio } = view;
  const paint = (text: string, tone: Tone) => toned(text, tone, style.hasColour);
  const parts = [moneyText(view, style), ...pacePartsOf(view, paint)];
  if (!style.isSegment) {
    parts.push(...planPartsOf(sessionStatus, paint));
    // Where the first part is a share of the plan, these are the first dollars.
    const isFirst = sessionStatus.tightest?.budgetStatus.plan !== undefined;
    const unbilled = isFirst ? unbilledText(sessionStatus) : '';
    parts.push(`today ${formatUsd(sessionStatus.dayNanoUsd)}${unbilled}`);
    if (branch !== null) parts.push(paint(fitted(branch, 28), 'dim'));
    if (contextRatio !== null) parts.push(paint(`ctx ${Math.round(contextRatio * 100)}%`, 'dim'));
  }
  const shown: string[] = [];
  let width = 0;
  for (const part of parts) {
    const next = width + (shown.length > 0 ? SEPARATOR.length : 0) + widthOf(part);
    // The first part is shown even where it does not fit: Claude Code cuts it.
    if (shown.length > 0 && next > style.columns) continue;
    shown.push(part);
    width = next;
  }
  return shown.join(style.hasColour ? toned(SEPARATOR, 'dim', true) : SEPARATOR);
}

function moneyText({ sessionStatus }: StatusView, { hasColour, isSegment }: StatusStyle): string {
  const { tightest, haltRecord, totals, session } = sessionStatus;
  const ceiling = tightest === null ? null : ceilingOf(tightest.budgetStatus);
  const paint = (text: string, tone: Tone) => toned(text, tone, hasColour);
  if (haltRecord?.code === 'HALTED_BY_PERSON')
    return paint('⏸ halted by hand: /budget resume', 'bad');
  if (haltRecord?.code === 'BREAKER_TRIPPED')
    return paint(`⏸ halted, loop (${haltRecord.budgetId}): /budget resume`, 'bad');
  if (tightest === null || ceiling === null || ceiling <= 0) {
    return `${formatUsd(totals.costNanoUsd + session.inheritedNanoUsd)}${unbilledText(sessionStatus)}`;
  }
  const spent = spendOf(tightest.budgetStatus);
  const ratio = spent / ceiling;
  const tone = toneOf(ratio);
  const slash = isSegment ? '/' : ' / ';
  const figures = planFigures(tightest.budgetStatus);
  const money = `${amountText(spent, figures)}${slash}${amountText(ceiling, figures)}`;
  if (haltRecord !== null)
    return `${paint(`⏸ halted ${money}`, 'bad')}: /budget raise ${raiseAmount(figures)}`;
  const unbilled = unbilledText(figures);
  const percent =
    figures.fullNanoUsd === undefined ? ` ${Math.floor(Math.min(9.99, ratio) * 100)}%` : '';
  const named =
    tightest.budgetStatus.budget.period.kind === 'session'
      ? ''
      : ` ${tightest.budgetStatus.budget.id}`;
  return `${paint(money, tone)} ${paint(barText(ratio, isSegment ? 6 : 10), tone)}${percent}${named}${unbilled}`;
}

function pacePartsOf(
  { sessionStatus, now }: StatusView,
  paint: (text: string, tone: Tone) => string,
): string[] {
  const { tightest, burnNanoUsdPerHour, haltRecord } = sessionStatus;
  const parts: string[] = [];
  if (haltRecord !== null) return parts;
  if (burnNanoUsdPerHour >= RESTING_NANO_USD) parts.push(`${formatUsd(burnNanoUsdPerHour)}/h`);
  if (tightest?.runOutAt != null) {
    const left = tightest.runOutAt - now;
    parts.push(paint(`out in ${spanText(left)}`, left < 10 * 60_000 ? 'warn' : 'plain'));
  }
  if (tightest?.requestsLeft != null) {
    const count = tightest.requestsLeft;
    parts.push(count === 0 ? '<1 req' : `~${aboutText(count)} req`);
  }
  if (tightest?.paceRatio != null && tightest.paceRatio > 0) {
    parts.push(
      paint(`pace ${tightest.paceRatio.toFixed(1)}×`, tightest.paceRatio > 1 ? 'warn' : 'dim'),
    );
  }
  return parts;
}

const SHORT: Readonly<Record<string, string>> = { 'five-hour': '5h', 'seven-day': '7d' };

/** `5h 72% to 14:00`, `7d ~31% to Tue 09:00` (estimated); budgets of which nothing is known yet. */
function planPartsOf(
  { plans, budgets }: SessionStatus,
  paint: (text: string, tone: Tone) => string,
): string[] {
  const known = plans.flatMap(({ window, usedRatio, basis, resetText }) => {
    if (usedRatio === null) return [];
    const about = basis === 'estimate' ? '~' : '';
    const text = `${SHORT[window] ?? window} ${about}${shareText(usedRatio)} to ${resetText}`;
    return [paint(text, usedRatio >= 0.7 ? toneOf(usedRatio) : 'plain')];
  });
  const isBlind = budgets.some(({ budgetStatus }) => budgetStatus.plan?.basis === 'unknown');
  return isBlind ? [...known, paint('plan limit not known yet', 'warn')] : known;
}
