// Asks git itself what its files do not tell plainly, and remembers the answer beside the ledger. Rule: asked once for as long as
// the files that decide are what they were, never waited for longer than two seconds, and no address of a remote is kept.
import { mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { textHash } from '../domain/text-hash.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import { renameOver } from '../runtime/files.ts';
import type { GitSetting } from './git-config.ts';

const PATIENCE_MS = 2_000;
/** A git that did not answer is asked again after so long. */
const ASK_AGAIN_MS = 10 * MINUTE_MS;
/** Answers that nobody renewed go with the next one that is written. */
const KEPT_MS = 30 * DAY_MS;
/** Raised when the shape of an answer changes. */
const VERSION = 1;

/** What decides an answer: a name for the question, and the files it follows from. */
export interface Question {
  readonly key: string;
  readonly files: readonly string[];
}

/** An answer and further files that it follows from. */
export interface Answer<T> {
  readonly value: T;
  readonly files: readonly string[];
}

interface Kept<T> {
  readonly version: number;
  readonly key: string;
  readonly value: T | null;
  readonly askedAt: number;
  /** State of each file by its path; '' where it was not there. */
  readonly states: Readonly<Record<string, string>>;
}

/**
 * The remembered answer, or a new one; `null` when git does not answer. `memory` is the folder where answers are kept, `null`:
 * nowhere.
 */
export function askOnce<T>(
  { key, files }: Question,
  memory: string | null,
  ask: () => Answer<T> | null,
): T | null {
  const file = memory === null ? null : `${memory}/${textHash(key).join('-')}.json`;
  const known = file === null ? null : readKept<T>(file, key);
  if (known !== null && isStill(known)) return known.value;
  const states = statesOf(files);
  const answer = ask();
  if (file !== null) {
    const all = { ...statesOf(answer?.files ?? []), ...states };
    const value = answer?.value ?? null;
    keep(file, { version: VERSION, key: hashed(key), value, askedAt: Date.now(), states: all });
  }
  return answer?.value ?? null;
}

/** The key may hold settings of the environment: only its hash is written. */
const hashed = (key: string): string => textHash(`${key}\n`).join('-');

function readKept<T>(file: string, key: string): Kept<T> | null {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept<T>;
    return kept.version === VERSION && kept.key === hashed(key) ? kept : null;
  } catch {
    return null;
  }
}

function isStill({ value, askedAt, states }: Kept<unknown>): boolean {
  if (value === null && Math.abs(Date.now() - askedAt) > ASK_AGAIN_MS) return false;
  return Object.entries(states).every(([path, state]) => stateOf(path) === state);
}

const statesOf = (files: readonly string[]): Record<string, string> =>
  Object.fromEntries(files.map((path) => [path, stateOf(path)]));

function stateOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
  } catch {
    return '';
  }
}

/** An answer that cannot be kept costs another question, nothing else. */
function keep(file: string, kept: Kept<unknown>): void {
  const folder = dirname(file);
  const aside = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, JSON.stringify(kept), { mode: 0o600 });
    renameOver(aside, file);
    for (const name of readdirSync(folder)) {
      const old = `${folder}/${name}`;
      if (statSync(old).mtimeMs < Date.now() - KEPT_MS) unlinkSync(old);
    }
  } catch {
    // No room, not ours to write, or a file that went meanwhile.
  }
}

/** Runs git in a folder; `null` when it cannot be run or takes too long. */
function runGit(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { error, status, stdout } = spawnSync('git', [...words], {
    ...{ cwd, env: { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }, encoding: 'utf8' },
    ...{ timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: 4 * 1024 * 1024 },
    ...{ stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true },
  });
  return error === undefined && status !== null ? { status, stdout } : null;
}

/** All settings that count in a folder, included files' too, and the files they come from or might. */
export function askSettings(
  cwd: string,
  env: NodeJS.ProcessEnv,
): Answer<readonly GitSetting[]> | null {
  const run = runGit(['config', '--list', '--show-origin', '-z'], cwd, env);
  if (run?.status !== 0) return null;
  const parts = run.stdout.split('\0');
  const settings: GitSetting[] = [];
  const files = new Set<string>();
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const origin = parts[at]?.replace(/^file:/, '') ?? '';
    const [key = '', ...value] = parts[at + 1]?.split('\n') ?? [];
    const setting = { key, value: value.length === 0 ? 'true' : value.join('\n') };
    settings.push(setting);
    files.add(resolve(cwd, origin));
    const isInclude = key === 'include.path' || /^includeif\..*\.path$/s.test(key);
    if (isInclude) files.add(includedFile(setting.value, resolve(cwd, origin), env));
  }
  return { value: settings, files: [...files] };
}

function includedFile(path: string, from: string, env: NodeJS.ProcessEnv): string {
  if (path.startsWith('~/')) return `${env.HOME ?? ''}${path.slice(1)}`;
  return isAbsolute(path) ? path : resolve(dirname(from), path);
}

/** The branch that is checked out in a folder; a value of '' where the head is on none. */
export function askBranch(cwd: string, env: NodeJS.ProcessEnv): Answer<string> | null {
  const run = runGit(['symbolic-ref', '--quiet', 'HEAD'], cwd, env);
  // 1 says that the head is detached; anything else, that git cannot read this repository.
  if (run === null || run.status > 1) return null;
  const mark = 'refs/heads/';
  const name = run.stdout.trim();
  const isBranch = name.startsWith(mark) && name !== `${mark}.invalid`;
  return { value: isBranch ? name.slice(mark.length) : '', files: [] };
}
