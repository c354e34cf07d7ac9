// What `tollgate watch` shows: one row for each running session. PURE. Rule: the same rows as text, as a frame of the
// live view and as JSON (tollgate/watch@1).
import { type NanoUsd, toUsdNumber } from '../../domain/money.ts';
import { ceilingOf, spendOf } from '../../domain/spend.ts';
import { type EpochMs, MINUTE_MS } from '../../domain/time.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { barText, fitted, shortUsd, spanText, type Tone, toned, toneOf } from './figures-text.ts';

/** What a session is doing. */
export type SessionState = 'working' | 'idle' | 'halted' | 'halted by hand';

/** A session without a request for this long is idle. */
const IDLE_MS = 2 * MINUTE_MS;

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

export function watchJson(sessionStatuses: readonly SessionStatus[], now: EpochMs) {
  return {
    schema: 'tollgate/watch@1',
    at: now,
    dayNanoUsd: sessionStatuses[0]?.dayNanoUsd ?? null,
    sessions: sessionStatuses.map((sessionStatus) => sessionJson(sessionStatus, now)),
  };
}

/** One session for scripts, the same in the live view and in the status line. */
export function sessionJson(sessionStatus: SessionStatus, now: EpochMs) {
  const { session, totals, thread, tightest, haltRecord } = sessionStatus;
  const { spentNanoUsd, ceilingNanoUsd } = moneyOf(sessionStatus);
  return {
    sessionId: session.sessionId,
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
    contextTokens: thread?.contextTokens ?? null,
    lastRequestAt: thread?.lastRequestAt ?? null,
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

/** Heading and rows; nothing runs: one line that says so. */
export function watchLines(sessionStatuses: readonly SessionStatus[], style: TableStyle): string[] {
  if (sessionStatuses.length === 0) return ['No session is running on this machine.'];
  const isWide = style.columns >= 110;
  // What is left after the columns of fixed width goes to repository and branch.
  const placeWidth = Math.max(12, style.columns - (isWide ? 94 : 62));
  const rows = sessionStatuses.map((sessionStatus) =>
    rowOf(sessionStatus, placeWidth, isWide, style),
  );
  return [headingOf(placeWidth, isWide, style), ...rows];
}

function headingOf(placeWidth: number, isWide: boolean, { hasColour }: TableStyle): string {
  const cells = [
    '  session ',
    'repository @ branch'.slice(0, placeWidth).padEnd(placeWidth),
    ...(isWide ? ['model'.padEnd(20)] : []),
    'spent / ceiling'.padEnd(26),
    '$/hour'.padStart(8),
    ...(isWide ? ['runs out'.padStart(9)] : []),
    'state',
  ];
  return toned(cells.join(' '), 'dim', hasColour);
}

function rowOf(
  sessionStatus: SessionStatus,
  placeWidth: number,
  isWide: boolean,
  { selected, hasColour, now }: TableStyle,
): string {
  const { session, thread, tightest, burnNanoUsdPerHour } = sessionStatus;
  const { spentNanoUsd, ceilingNanoUsd } = moneyOf(sessionStatus);
  const ratio = ceilingNanoUsd ? spentNanoUsd / ceilingNanoUsd : 0;
  const money = ceilingNanoUsd
    ? `${shortUsd(spentNanoUsd)} / ${shortUsd(ceilingNanoUsd)}`
    : shortUsd(spentNanoUsd);
  const bar = ceilingNanoUsd ? barText(ratio, 8) : '        ';
  const place = [session.repository?.split('/').slice(-2).join('/'), session.branch]
    .filter(Boolean)
    .join(' @ ');
  const state = stateOf(sessionStatus, now);
  const runOutAt = tightest?.runOutAt ?? null;
  const cells = [
    `${session.sessionId === selected ? '▶' : ' '} ${session.sessionId.slice(0, 8)}`,
    fitted(place || '(no repository)', placeWidth).padEnd(placeWidth),
    ...(isWide ? [fitted(thread?.model ?? '-', 20).padEnd(20)] : []),
    toned(
      `${bar} ${fitted(money, 17).padEnd(17)}`,
      ceilingNanoUsd ? toneOf(ratio) : 'plain',
      hasColour,
    ),
    shortUsd(burnNanoUsdPerHour).padStart(8),
    ...(isWide ? [(runOutAt === null ? '-' : spanText(runOutAt - now)).padStart(9)] : []),
    toned(state, TONES[state], hasColour),
  ];
  return cells.join(' ');
}
