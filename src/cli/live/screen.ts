// A full-screen view in a terminal, drawn with a handful of ANSI sequences. Rule: the terminal is given back as it was,
// however the process ends.
import type { ReadStream, WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** A key that was pressed: a character, or the name of a special one. */
export type Key =
  | 'up'
  | 'down'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'quit'
  | { readonly char: string };

export interface Screen {
  readonly columns: () => number;
  readonly rows: () => number;
  /** Draws from the top; what does not fit is cut. */
  readonly draw: (lines: readonly string[]) => void;
  /** Gives the terminal back; harmless when called twice. */
  readonly close: () => void;
}

export interface ScreenEvents {
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
  /** The person, or the system, wants us to end. */
  readonly onEnd: () => void;
}

/** Takes the terminal over. */
export function openScreen(input: ReadStream, output: WriteStream, events: ScreenEvents): Screen {
  let isOpen = true;
  const onData = (data: Buffer | string) => {
    for (const key of keysOf(String(data))) events.onKey(key);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    input.off('data', onData);
    output.off('resize', events.onResize);
    for (const signal of signals) process.off(signal, events.onEnd);
    process.off('exit', close);
    try {
      input.setRawMode(false);
    } catch {
      // The terminal went away: there is nothing to give back.
    }
    input.pause();
    output.write(LEAVE);
  };
  input.setRawMode(true);
  input.on('data', onData);
  input.resume();
  output.on('resize', events.onResize);
  for (const signal of signals) process.on(signal, events.onEnd);
  process.on('exit', close);
  output.write(ENTER);
  return {
    columns: () => output.columns || 80,
    rows: () => output.rows || 24,
    draw: (lines) => {
      if (!isOpen) return;
      const shown = lines.slice(0, output.rows || 24).map((line) => `${line}${CLEAR_LINE}`);
      // One write, from the top: a screen that is cleared first would flicker.
      output.write(`${HOME}${shown.join('\r\n')}${CLEAR_BELOW}`);
    },
    close,
  };
}

const SEQUENCE = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu;

/** The keys in what a terminal sent; sequences we have no use for are left out. */
function keysOf(data: string): Key[] {
  return (data.match(SEQUENCE) ?? []).flatMap((sequence): Key[] => {
    switch (sequence) {
      case '\x1b[A':
      case '\x1bOA':
        return ['up'];
      case '\x1b[B':
      case '\x1bOB':
        return ['down'];
      case '\r':
      case '\n':
        return ['enter'];
      case '\x1b':
        return ['escape'];
      case '\x7f':
      case '\b':
        return ['backspace'];
      case '\x03':
      case '\x04':
        return ['quit'];
      default:
        return sequence.length === 1 && sequence >= ' ' ? [{ char: sequence }] : [];
    }
  });
}
