// The live view: reads once a second, draws, and does what keys ask. Rule: what goes wrong is a line at the foot, and
// the view goes on; the same rules hold for a key as for the command of that name.
import type { SessionId } from '../../domain/ids.ts';
import { parseUsd } from '../../domain/money.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { fitted, shortUsd, toned } from './figures-text.ts';
import type { Key, Screen } from './screen.ts';
import { watchLines } from './watch-view.ts';

const EVERY_MS = 1_000;

/** What the view can do to the world; each answers what to say at the foot, or throws. */
export interface WatchActions {
  readonly read: (now: number) => readonly SessionStatus[];
  readonly halt: (id: SessionId) => string;
  readonly resume: (id: SessionId) => string;
  readonly grant: (id: SessionId, amountNanoUsd: number) => string;
}

export interface WatchLoop {
  readonly onKey: (key: Key) => void;
  readonly redraw: () => void;
  readonly end: () => void;
  /** Resolves when the person has had enough. */
  readonly ended: Promise<void>;
}

const KEYS = '↑↓ select   h halt   r resume   g grant   q quit';

/** Starts it; `screen` is asked for at each drawing, since it is made with the loop's own keys. */
export function startWatch(
  actions: WatchActions,
  screen: () => Screen,
  hasColour: boolean,
): WatchLoop {
  let sessionStatuses: readonly SessionStatus[] = [];
  let selected: SessionId | null = null;
  let note = '';
  /** What has been typed of an amount; `null`: no amount is being asked for. */
  let typed: string | null = null;
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const attempt = (work: () => string) => {
    try {
      note = work();
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string };
      note = hint ? `${message}: ${hint}` : message;
    }
  };
  const redraw = () => {
    const columns = screen().columns();
    const day = sessionStatuses[0] ? `   today ${shortUsd(sessionStatuses[0].dayNanoUsd)}` : '';
    const title = `tollgate watch   ${sessionStatuses.length} running${day}`;
    const style = { columns, hasColour, selected, now: Date.now() };
    const foot = typed === null ? KEYS : 'enter grants   esc cancels';
    const ask = typed === null ? fitted(note, columns) : `Raise the ceiling by $ ${typed}▏`;
    screen().draw([
      toned(title, 'plain', hasColour),
      '',
      ...watchLines(sessionStatuses, style),
      '',
      ask,
      toned(fitted(foot, columns), 'dim', hasColour),
    ]);
  };
  const refresh = () => {
    try {
      sessionStatuses = actions.read(Date.now());
      if (!sessionStatuses.some(({ session }) => session.sessionId === selected)) {
        selected = sessionStatuses[0]?.session.sessionId ?? null;
      }
    } catch (error) {
      note = (error as Error).message;
    }
    redraw();
  };
  const move = (by: number) => {
    const at = sessionStatuses.findIndex(({ session }) => session.sessionId === selected);
    const next = sessionStatuses[Math.min(sessionStatuses.length - 1, Math.max(0, at + by))];
    selected = next?.session.sessionId ?? null;
  };
  const typeAmount = (key: Key, amount: string) => {
    if (key === 'escape' || key === 'quit') typed = null;
    else if (key === 'backspace') typed = amount.slice(0, -1);
    else if (typeof key === 'object' && /[\d.,]/.test(key.char)) typed = amount + key.char;
    else if (key === 'enter' && selected !== null) {
      const id = selected;
      const parsed = parseUsd(amount);
      typed = null;
      attempt(() => {
        if (parsed === null || parsed <= 0) throw new Error(`${amount || 'nothing'} is no amount`);
        return actions.grant(id, parsed);
      });
    }
  };
  const act = (char: string) => {
    if (char === 'q') return finish();
    const id = selected;
    if (id === null) return;
    if (char === 'h') attempt(() => actions.halt(id));
    if (char === 'r') attempt(() => actions.resume(id));
    if (char === 'g') typed = '';
    if (char === 'k') move(-1);
    if (char === 'j') move(1);
  };

  const timer = setInterval(refresh, EVERY_MS);
  setImmediate(refresh);
  return {
    onKey: (key) => {
      if (typed !== null) typeAmount(key, typed);
      else if (key === 'quit') finish();
      else if (key === 'up' || key === 'down') move(key === 'up' ? -1 : 1);
      else if (typeof key === 'object') act(key.char);
      if (typed === null && typeof key === 'object' && 'hr'.includes(key.char)) refresh();
      else redraw();
    },
    redraw,
    end: () => finish(),
    ended: ended.finally(() => clearInterval(timer)),
  };
}
