// The interactive client under a pseudo terminal: type, press keys, look at the screen. Python's pty module does the
// terminal's part, since Node has none. First-run dialogs are answered beforehand in the home's own files.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { type ClaudeOptions, claudeArgs, claudeEnv, fakeApiKey } from './claude.ts';
import { createTerminalScreen } from './terminal-screen.ts';

const rows = 40;
const columns = 120;

const keys = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  backspace: '\x7f',
  'ctrl+c': '\x03',
  'ctrl+d': '\x04',
} as const;

/** A key that can be pressed. */
export type Key = keyof typeof keys;

/** An interactive session. */
export interface ClaudeTty {
  /** Types text and resolves when it can be seen. It is not yet sent: press `enter`. */
  type(text: string): Promise<void>;
  key(key: Key): Promise<void>;
  /** `type` and `enter`. Resolves before the answer: wait for what you expect. */
  submit(text: string): Promise<void>;
  /** Resolves when the screen matches; rejects with the screen after `timeoutMs` (30 s). */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Resolves when the screen no longer matches. */
  waitForGone(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** The screen as it is now: 40 lines at most. */
  screen(): string;
  /** The exit code, once the client has ended by itself. */
  waitForExit(timeoutMs?: number): Promise<number>;
  /** Hangs up, and kills what does not heed it. Harmless when the client has ended. */
  close(): Promise<void>;
}

/** Options of an interactive session. */
export interface OpenClaudeTtyOptions extends ClaudeOptions {
  /** Whether to wait for the empty input line. Absent: yes. Say no to meet a dialog. */
  readonly waitUntilReady?: boolean;
  /** Whether the folder counts as trusted. Absent: yes. */
  readonly trusted?: boolean;
}

/** Starts the interactive client, by default in permission mode `default`, and waits for its input line. */
export async function openClaudeTty(options: OpenClaudeTtyOptions): Promise<ClaudeTty> {
  await answerFirstRunDialogs(options);
  const client = await ensureClaudeClient();
  const args = claudeArgs({ permissionMode: 'default', ...options });
  const bridge = join(import.meta.dirname, 'pty-bridge.py');
  const child = spawn('python3', [bridge, String(rows), String(columns), client, ...args], {
    cwd: options.cwd,
    env: { ...claudeEnv(options), TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const screen = createTerminalScreen(rows, columns);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => screen.write(chunk));
  // The client may end while we type: what matters then is its exit.
  child.stdin.on('error', () => undefined);
  let exitCode: number | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      exitCode = code ?? -1;
      resolve();
    });
  });
  ended.catch(() => undefined);

  const until = async (what: string, done: () => boolean, timeoutMs: number) => {
    const deadline = Date.now() + timeoutMs;
    while (!done()) {
      const why = exitCode === undefined ? `not within ${timeoutMs} ms` : 'the client has ended';
      if (exitCode !== undefined || Date.now() > deadline) {
        throw new Error(`${what}: ${why}. The screen:\n${screen.text()}`);
      }
      await sleep(20);
    }
  };
  const tty: ClaudeTty = {
    async type(text) {
      const shown = unspaced(text).slice(-60);
      const count = () => unspaced(screen.text()).split(shown).length;
      const before = count();
      child.stdin.write(text);
      await until(`typing ${JSON.stringify(text)}`, () => count() > before, 30_000);
    },
    async key(key) {
      // A key in the same breath as text would count as pasted.
      await sleep(100);
      child.stdin.write(keys[key]);
      await sleep(100);
    },
    async submit(text) {
      await tty.type(text);
      await tty.key('enter');
    },
    waitFor: (pattern, timeoutMs = 30_000) =>
      until(`waiting for ${pattern}`, () => pattern.test(screen.text()), timeoutMs),
    waitForGone: (pattern, timeoutMs = 30_000) =>
      until(`waiting for the end of ${pattern}`, () => !pattern.test(screen.text()), timeoutMs),
    screen: () => screen.text(),
    async waitForExit(timeoutMs = 30_000) {
      await until('exit', () => exitCode !== undefined, timeoutMs);
      return exitCode ?? -1;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
  if (options.waitUntilReady ?? true) {
    await tty.waitFor(/^❯\s*(Try .*)?$/m).catch(async (error: unknown) => {
      await tty.close();
      throw error;
    });
  }
  return tty;
}

/** Seeds `~/.claude.json`, keeping what is there. [needed by client 2.1.330: found by trying, 2026-11-21] */
async function answerFirstRunDialogs({ home, cwd, trusted = true }: OpenClaudeTtyOptions) {
  const file = join(home, '.claude.json');
  const present: unknown = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  const config = asObject(present);
  const projects = asObject(config.projects);
  const seeded = {
    ...config,
    hasCompletedOnboarding: true,
    theme: 'dark',
    // The client remembers a key by its last twenty characters.
    customApiKeyResponses: { approved: [fakeApiKey.slice(-20)], rejected: [] },
    projects: {
      ...projects,
      [cwd]: { ...asObject(projects[cwd]), hasTrustDialogAccepted: trusted },
    },
  };
  await writeFile(file, JSON.stringify(seeded));
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Text regardless of blanks and line breaks, since the client wraps what is typed. */
function unspaced(text: string): string {
  return text.replace(/\s+/g, '');
}
