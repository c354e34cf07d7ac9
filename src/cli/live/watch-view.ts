// What `tollgate watch` shows: one row for each running session. PURE. Rule: the same rows as text, as a frame of the
// live view and as JSON (tollgate/watch@1).
import { shortId } from '../../domain/ids.ts';
import { formatUsd, type NanoUsd, toUsdNumber } from '../../domain/money.ts';
import { amountText } from '../../domain/plan-window.ts';
import { ceilingOf, planFigures, planJson, spendOf } from '../../domain/spend.ts';
import { type EpochMs, MINUTE_MS, spanText } from '../../domain/time.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { cutTo, displayWidth, padTo, printable } from '../../reports/formats/width.ts';
import { budgetJson, budgetLine } from '../budget-line.ts';
import { barText, type Tone, toned, toneOf } from './figures-text.ts';

/** What a session is doing. */
export type SessionState = 'working' | 'idle' | 'halted' | 'halted by hand';

/** A session without a request for this long is idle. */
export const IDLE_MS = 2 * MINUTE_MS;

function stateOf({ haltRecord, thread }: SessionStatus, now: EpochMs): SessionState {
  if (haltRecord !== null)
    return haltRecord.code === 'HALTED_BY_PERSON' ? 'halted by hand' : 'halted';
  return thread !== null && now - thread.lastRequestAt < IDLE_MS ? 'working' : 'idle';
}

/** Spend and ceiling that the row shows: the tightest budget's, else the session's own. */
function moneyOf({ tightest, totals, session }: SessionStatus): {
  readonly spentNanoUsd: NanoUsd;
  readonly ceilingNanoUsd: NanoUsd | null;
} {
  if (tightest === null) {
    return { spentNanoUsd: totals.costNanoUsd + session.inheritedNanoUsd, ceilingNanoUsd: null };
  }
  return {
    spentNanoUsd: spendOf(tightest.budgetStatus),
    ceilingNanoUsd: ceilingOf(tightest.budgetStatus),
  };
}

export function watchJson(
  sessionStatuses: readonly SessionStatus[],
  planBudgets: readonly BudgetProjection[],
  now: EpochMs,
) {
  return {
    schema: 'tollgate/watch@1',
    at: now,
    dayNanoUsd: sessionStatuses[0]?.dayNanoUsd ?? null,
    sessions: sessionStatuses.map((sessionStatus) => sessionJson(sessionStatus, now)),
    ...(planBudgets.length > 0 && { budgets: planBudgets.map(budgetJson) }),
  };
}

/** Budgets of the plan that no session above has: one line each. */
export const planBudgetLines = (
  planBudgets: readonly BudgetProjection[],
  now: EpochMs,
): readonly string[] => planBudgets.map((each) => budgetLine(each, false, now));

/** One session for scripts, the same in the live view and in the status line. */
export function sessionJson(sessionStatus: SessionStatus, now: EpochMs) {
  const { session, totals, thread, tightest, haltRecord } = sessionStatus;
  const { spentNanoUsd, ceilingNanoUsd } = moneyOf(sessionStatus);
  return {
    sessionId: session.sessionId,
    title: sessionStatus.title,
    repository: session.repository,
    branch: session.branch,
    model: thread?.model ?? null,
    state: stateOf(sessionStatus, now),
    haltedAt: haltRecord?.haltedAt ?? null,
    costNanoUsd: totals.costNanoUsd,
    costUsd: toUsdNumber(totals.costNanoUsd),
    requestCount: totals.requestCount,
    budgetId: tightest?.budgetStatus.budget.id ?? null,
    spendNanoUsd: spentNanoUsd,
    ceilingNanoUsd,
    burnNanoUsdPerHour: sessionStatus.burnNanoUsdPerHour,
    paceRatio: tightest?.paceRatio ?? null,
    runOutAt: tightest?.runOutAt ?? null,
    requestsLeft: tightest?.requestsLeft ?? null,
    contextTokens: thread?.contextTokens ?? null,
    contextWindowTokens: sessionStatus.contextWindowTokens,
    lastRequestAt: thread?.lastRequestAt ?? null,
    ...(tightest ? planJson(tightest.budgetStatus) : {}),
    ...(sessionStatus.isListPrice && { billing: 'plan' }),
    ...(sessionStatus.plans.length > 0 && { plans: sessionStatus.plans }),
  };
}

export interface TableStyle {
  readonly columns: number;
  readonly hasColour: boolean;
  /** Session of the row that is marked; `null`: none. */
  readonly selected: string | null;
  readonly now: EpochMs;
}

const TONES: Readonly<Record<SessionState, Tone>> = {
  working: 'good',
  idle: 'dim',
  halted: 'bad',
  'halted by hand': 'bad',
};

/** A column of the view; `dropped`: when there is no place, the highest goes first, `null` never goes. */
interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly dropped: number | null;
  readonly cells: readonly string[];
  readonly tone: (row: number) => Tone;
}

const LEAST_PLACE = 12;

/** Heading and rows; nothing runs: one line that says so. */
export function watchLines(sessionStatuses: readonly SessionStatus[], style: TableStyle): string[] {
  if (sessionStatuses.length === 0) return ['No session is running on this machine.'];
  let columns = columnsOf(sessionStatuses, style);
  const widthOf = ({ title, cells }: Column) => Math.max(...[title, ...cells].map(displayWidth));
  const placeWidth = () => {
    const others = columns.filter(({ title }) => title !== PLACE);
    return style.columns - others.reduce((sum, column) => sum + widthOf(column) + 1, 0);
  };
  while (placeWidth() < LEAST_PLACE && columns.some(({ dropped }) => dropped !== null)) {
    const first = Math.max(...columns.map(({ dropped }) => dropped ?? 0));
    columns = columns.filter(({ dropped }) => dropped !== first);
  }
  const line = (textOf: (column: Column) => string, toneAt: (column: Column) => Tone) =>
    columns
      .map((column) => {
        const width = column.title === PLACE ? Math.max(0, placeWidth()) : widthOf(column);
        const cell = padTo(cutTo(textOf(column), width), width, column.align);
        return toned(cell, toneAt(column), style.hasColour);
      })
      .join(' ')
      .trimEnd();
  return [
    toned(
      line(
        ({ title }) => title,
        () => 'plain',
      ),
      'dim',
      style.hasColour,
    ),
    ...sessionStatuses.map((_, row) =>
      line(
        ({ cells }) => cells[row] ?? '',
        ({ tone }) => tone(row),
      ),
    ),
  ];
}

const PLACE = 'repository @ branch';

function columnsOf(
  sessionStatuses: readonly SessionStatus[],
  { selected, now }: TableStyle,
): Column[] {
  const column = (
    title: string,
    [align, dropped]: readonly ['left' | 'right', number | null],
    cell: (sessionStatus: SessionStatus) => string,
    tone: (sessionStatus: SessionStatus) => Tone = () => 'plain',
  ): Column => ({
    ...{ title, align, dropped, cells: sessionStatuses.map(cell) },
    tone: (row) => tone(sessionStatuses[row] as SessionStatus),
  });
  const ratioOf = (sessionStatus: SessionStatus) => {
    const { spentNanoUsd, ceilingNanoUsd } = moneyOf(sessionStatus);
    return ceilingNanoUsd ? spentNanoUsd / ceilingNanoUsd : null;
  };
  const moneyTone = (sessionStatus: SessionStatus): Tone => {
    const ratio = ratioOf(sessionStatus);
    return ratio === null ? 'plain' : toneOf(ratio);
  };
  return [
    column(
      '  session',
      ['left', null],
      ({ session: { sessionId } }) => `${sessionId === selected ? '▶' : ' '} ${shortId(sessionId)}`,
    ),
    column(PLACE, ['left', null], placeOf),
    column('model', ['left', 4], ({ thread }) => thread?.model ?? '-'),
    column(
      '',
      ['left', 3],
      (each) => {
        const ratio = ratioOf(each);
        return ratio === null ? '' : barText(ratio, 8);
      },
      moneyTone,
    ),
    column('spent / ceiling', ['left', null], moneyText, moneyTone),
    column('$/hour', ['right', 1], ({ burnNanoUsdPerHour }) => formatUsd(burnNanoUsdPerHour)),
    column('runs out', ['right', 2], ({ tightest }) =>
      tightest?.runOutAt == null ? '-' : spanText(tightest.runOutAt - now),
    ),
    column(
      'state',
      ['left', null],
      (each) => stateOf(each, now),
      (each) => TONES[stateOf(each, now)],
    ),
  ];
}

function placeOf({ session, title }: SessionStatus): string {
  const folder = [session.repository?.split('/').slice(-2).join('/'), session.branch];
  const place = folder.filter(Boolean).join(' @ ') || '(no repository)';
  return printable(title === null ? place : `${title} · ${place}`);
}

function moneyText(sessionStatus: SessionStatus): string {
  const { spentNanoUsd, ceilingNanoUsd } = moneyOf(sessionStatus);
  const figures = sessionStatus.tightest ? planFigures(sessionStatus.tightest.budgetStatus) : {};
  const ceiling = ceilingNanoUsd ? ` / ${amountText(ceilingNanoUsd, figures)}` : '';
  return `${amountText(spentNanoUsd, figures)}${ceiling}`;
}
