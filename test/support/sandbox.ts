// A sandbox for a test: a home, a real git repository, a Tollgate home, and an environment built from nothing,
// so that neither this machine's settings nor another test can be seen from inside.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** How a child process ended. */
export interface RunResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of one run. */
export interface RunOptions {
  /** Written to stdin, which is then closed. */
  readonly stdin?: string;
  /** Added to {@link Sandbox.env}. */
  readonly env?: Readonly<Record<string, string>>;
  /** Absent: the repository. */
  readonly cwd?: string;
  /** After this the process is killed. Absent: a minute. */
  readonly timeoutMs?: number;
}

/** Where Claude Code looks for settings: the person's, the repository's, the repository's own local ones. */
export type SettingsPlace = 'user' | 'project' | 'local';

/** A temporary directory with everything in it. */
export interface Sandbox {
  readonly root: string;
  readonly home: string;
  /** A git repository on branch `main` with one commit and the remote `git@github.com:Acme/Shop.git`. */
  readonly repo: string;
  /** `TOLLGATE_HOME`. Not created: that is the product's business. */
  readonly tollgateHome: string;
  /** HOME, PATH, TOLLGATE_HOME, LANG and a word that no `gh` is asked, nothing else but `extra`. */
  env(extra?: Readonly<Record<string, string>>): Record<string, string>;
  run(file: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs git in the repository and returns its trimmed output; throws when git fails. */
  git(...args: string[]): Promise<string>;
  /** Writes a Claude Code settings file and returns its path. */
  writeSettings(place: SettingsPlace, settings: object): Promise<string>;
  cleanup(): Promise<void>;
}

/** Makes a sandbox whose folder begins with `prefix`; absent: one under the system's temporary directory. Call `cleanup` when done. */
export async function createSandbox(prefix = join(tmpdir(), 'tollgate-world-')): Promise<Sandbox> {
  const root = await realpath(await mkdtemp(prefix));
  const home = join(root, 'home');
  const repo = join(root, 'repo');
  const tollgateHome = join(root, 'tollgate');
  await mkdir(home);

  const env: Sandbox['env'] = (extra = {}) => ({
    HOME: home,
    PATH: basicPath,
    LANG: 'C.UTF-8',
    TOLLGATE_HOME: tollgateHome,
    // A machine may have a `gh` that is signed in.
    TOLLGATE_GH: 'off',
    ...coverageEnv,
    ...extra,
  });
  const run: Sandbox['run'] = (file, args, options = {}) =>
    runProcess(file, args, { ...options, cwd: options.cwd ?? repo, env: env(options.env) });
  const git: Sandbox['git'] = async (...args) => {
    const result = await run('git', args, { env: { GIT_CONFIG_NOSYSTEM: '1' } });
    if (result.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.trim();
  };

  // One repository made by git for each process, copied for each sandbox: git takes most of a small test's time.
  template ??= await makeTemplate();
  await cp(template, repo, { recursive: true });

  return {
    ...{ root, home, repo, tollgateHome, env, run, git },
    async writeSettings(place, settings) {
      const folder = join(place === 'user' ? home : repo, '.claude');
      const file = join(folder, place === 'local' ? 'settings.local.json' : 'settings.json');
      await mkdir(folder, { recursive: true });
      await writeFile(file, `${JSON.stringify(settings, null, 2)}\n`);
      return file;
    },
    // A child that is just ending may still write: try again rather than leave the folder behind.
    cleanup: () => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}

let template: string | null = null;

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-template-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'README.md'), '# Shop\n');
  for (const words of [
    ['init', '--quiet', '--initial-branch=main', '--template='],
    ['config', 'user.name', 'Dana Dev'],
    ['config', 'user.email', 'dana@acme.example'],
    ['remote', 'add', 'origin', 'git@github.com:Acme/Shop.git'],
    ['add', '.'],
    ['commit', '--quiet', '--message', 'Open the shop'],
  ]) {
    const env = { HOME: folder, PATH: basicPath, GIT_CONFIG_NOSYSTEM: '1' };
    const { exitCode, stderr } = await runProcess('git', words, { cwd: folder, env });
    if (exitCode !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`);
  }
  return folder;
}

/** Where processes and pages of a coverage run (scripts/coverage.ts) write what they ran; `undefined`: it is none. */
export const coverageFolder = process.env.TOLLGATE_COVERAGE_FOLDER;
/** What makes a child process write it; empty but in a coverage run. */
export const coverageEnv: Readonly<Record<string, string>> =
  coverageFolder === undefined ? {} : { NODE_V8_COVERAGE: coverageFolder };

/** The system's tools and the Node that runs this test. */
export const basicPath = `${dirname(process.execPath)}:/usr/bin:/bin`;

async function runProcess(
  file: string,
  args: readonly string[],
  options: RunOptions & { readonly cwd: string; readonly env: Record<string, string> },
): Promise<RunResult> {
  const { cwd, env, stdin = '', timeoutMs = 60_000 } = options;
  const child = spawn(file, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL' });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // A child that ends without reading its stdin closes the pipe: that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const [exitCode, stdout, stderr] = await Promise.all([
    ended,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode, stdout, stderr };
}
