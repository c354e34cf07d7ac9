// The live view: reads once a second, draws, and does what keys ask. Rule: what goes wrong is a line at the foot, and
// the view goes on; the same rules hold for a key as for the command of that name.
import type { SessionId } from '../../domain/ids.ts';
import { formatUsd } from '../../domain/money.ts';
import {
  parseRaise,
  shareText,
  unbilledText,
  type WrittenAmount,
} from '../../domain/plan-window.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { fitted, toned } from './figures-text.ts';
import type { Key, Screen } from './screen.ts';
import { planBudgetLines, watchLines } from './watch-view.ts';

const EVERY_MS = 1_000;

/** What the view can do to the world; each answers what to say at the foot, or throws. */
export interface WatchActions {
  readonly read: (now: number) => readonly SessionStatus[];
  /** The plan's budgets that none of these sessions has. */
  readonly readPlanBudgets: (
    shown: readonly SessionStatus[],
    now: number,
  ) => readonly BudgetProjection[];
  readonly halt: (id: SessionId, reason: string | null) => string;
  readonly resume: (id: SessionId) => string;
  readonly grant: (id: SessionId, wanted: WatchGrant) => string;
}

/** `budget`: see `GrantRequest`. */
export interface WatchGrant {
  readonly raise: WrittenAmount;
  readonly reason: string | null;
  readonly budget: string | null;
}

export interface WatchLoop {
  readonly onKey: (key: Key) => void;
  readonly redraw: () => void;
  readonly end: () => void;
  /** Resolves when the person has had enough. */
  readonly ended: Promise<void>;
}

const KEYS = '↑↓ select   h halt   r resume   g grant   q quit';

/** What the view remembers between two drawings. */
interface WatchState {
  sessionStatuses: readonly SessionStatus[];
  planBudgets: readonly BudgetProjection[];
  selected: SessionId | null;
  /** The line at the foot. */
  note: string;
  /** What has been typed of an amount; `null`: no amount is being asked for. */
  typed: string | null;
}

/** Starts the view; `screen` is asked for at each drawing, since it is made with the loop's own keys. */
export function startWatch(
  actions: WatchActions,
  screen: () => Screen,
  hasColour: boolean,
): WatchLoop {
  const state: WatchState = {
    ...{ sessionStatuses: [], planBudgets: [], selected: null, note: '', typed: null },
  };
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const redraw = () => screen().draw(frameOf(state, screen().columns(), hasColour));
  const refresh = () => {
    readStatuses(state, actions);
    redraw();
  };
  const timer = setInterval(refresh, EVERY_MS);
  setImmediate(refresh);
  return {
    onKey: (key) => {
      if (state.typed !== null) typeAmount(state, key, state.typed, actions);
      else if (key === 'quit') finish();
      else if (key === 'up' || key === 'down') moveSelection(state, key === 'up' ? -1 : 1);
      else if (typeof key === 'object' && key.char === 'q') finish();
      else if (typeof key === 'object') actOnSelected(state, key.char, actions);
      const hasActed = state.typed === null && typeof key === 'object' && 'hr'.includes(key.char);
      if (hasActed) refresh();
      else redraw();
    },
    redraw,
    end: () => finish(),
    ended: ended.finally(() => clearInterval(timer)),
  };
}

/** Title, rows, the line at the foot and the keys. */
function frameOf(state: WatchState, columns: number, hasColour: boolean): string[] {
  const { sessionStatuses, planBudgets, selected, note, typed } = state;
  const day = sessionStatuses[0] ? `   today ${formatUsd(sessionStatuses[0].dayNanoUsd)}` : '';
  const plans = (sessionStatuses[0]?.plans ?? []).flatMap(({ label, usedRatio }) =>
    usedRatio === null ? [] : [`   ${shareText(usedRatio)} of the ${label}`],
  );
  const unbilled = sessionStatuses[0] ? unbilledText(sessionStatuses[0]) : '';
  const title = `tollgate watch   ${sessionStatuses.length} running${day}${unbilled}${plans.join('')}`;
  const style = { columns, hasColour, selected, now: Date.now() };
  const foot = typed === null ? KEYS : 'enter grants   esc cancels';
  const ask = typed === null ? fitted(note, columns) : `Raise the ceiling by $ ${typed}▏`;
  return [
    toned(title, 'plain', hasColour),
    '',
    ...watchLines(sessionStatuses, style),
    ...planBudgetLines(planBudgets, style.now).map((line) => fitted(line, columns)),
    '',
    ask,
    toned(fitted(foot, columns), 'dim', hasColour),
  ];
}

/** Reads the sessions again; selects the first one when the selected session has ended. */
function readStatuses(state: WatchState, actions: WatchActions): void {
  try {
    const now = Date.now();
    state.sessionStatuses = actions.read(now);
    state.planBudgets = actions.readPlanBudgets(state.sessionStatuses, now);
    if (!state.sessionStatuses.some(({ session }) => session.sessionId === state.selected)) {
      state.selected = state.sessionStatuses[0]?.session.sessionId ?? null;
    }
  } catch (error) {
    state.note = (error as Error).message;
  }
}

function moveSelection(state: WatchState, by: number): void {
  const { sessionStatuses, selected } = state;
  const at = sessionStatuses.findIndex(({ session }) => session.sessionId === selected);
  const next = sessionStatuses[Math.min(sessionStatuses.length - 1, Math.max(0, at + by))];
  state.selected = next?.session.sessionId ?? null;
}

function typeAmount(state: WatchState, key: Key, amount: string, actions: WatchActions): void {
  if (key === 'escape' || key === 'quit') state.typed = null;
  else if (key === 'backspace') state.typed = amount.slice(0, -1);
  else if (typeof key === 'object' && /[\d.,%]/.test(key.char)) state.typed = amount + key.char;
  else if (key === 'enter' && state.selected !== null) {
    const id = state.selected;
    const parsed = parseRaise(amount);
    state.typed = null;
    attempt(state, () => {
      if (parsed === null || parsed.amount <= 0) {
        throw new Error(`${amount || 'nothing'} is not an amount of dollars or percent`);
      }
      return actions.grant(id, { raise: parsed, reason: null, budget: null });
    });
  }
}

function actOnSelected(state: WatchState, char: string, actions: WatchActions): void {
  const id = state.selected;
  if (id === null) return;
  if (char === 'h') attempt(state, () => actions.halt(id, null));
  if (char === 'r') attempt(state, () => actions.resume(id));
  if (char === 'g') state.typed = '';
  if (char === 'k') moveSelection(state, -1);
  if (char === 'j') moveSelection(state, 1);
}

/** Puts the outcome, or what went wrong, into the line at the foot. */
function attempt(state: WatchState, work: () => string): void {
  try {
    state.note = work();
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    state.note = hint ? `${message}: ${hint}` : message;
  }
}
