// Any program under a pseudo terminal: type keys, look at the screen, and see how it left the terminal.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTerminalScreen } from './terminal-screen.ts';

export interface Pty {
  /** Sends these bytes, as if typed. */
  send(keys: string): void;
  /** Resolves when the screen matches; rejects with the screen after `timeoutMs` (30 s). */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  screen(): string;
  /** The program's process. */
  pid(): number;
  /** Everything that was written, escape sequences and all. */
  output(): string;
  waitForExit(timeoutMs?: number): Promise<number>;
  close(): Promise<void>;
}

export interface PtyOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rows?: number;
  readonly columns?: number;
}

/** Starts a program in a terminal of its own. */
export function openPty(file: string, args: readonly string[], options: PtyOptions): Pty {
  const { cwd, env, rows = 30, columns = 120 } = options;
  const bridge = join(import.meta.dirname, 'pty-bridge.py');
  const child = spawn('python3', [bridge, String(rows), String(columns), file, ...args], {
    cwd,
    env: { TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const screen = createTerminalScreen(rows, columns);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    screen.write(chunk);
  });
  child.stdin.on('error', () => undefined);
  let exitCode: number | null = null;
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code) => {
      exitCode = code ?? -1;
      resolve();
    });
  });
  const until = async (what: string, done: () => boolean, timeoutMs: number) => {
    for (const deadline = Date.now() + timeoutMs; !done(); await sleep(20)) {
      if (Date.now() > deadline) throw new Error(`${what}. The screen:\n${screen.text()}`);
    }
  };
  return {
    send: (keys) => {
      child.stdin.write(keys);
    },
    waitFor: (pattern, timeoutMs = 30_000) =>
      until(`no ${pattern} within ${timeoutMs} ms`, () => pattern.test(screen.text()), timeoutMs),
    screen: () => screen.text(),
    // The bridge has one child: the program.
    pid: () => {
      const file = `/proc/${child.pid}/task/${child.pid}/children`;
      return Number(readFileSync(file, 'utf8').trim().split(' ')[0]);
    },
    output: () => output,
    async waitForExit(timeoutMs = 30_000) {
      await until('it did not end', () => exitCode !== null, timeoutMs);
      return exitCode ?? -1;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
