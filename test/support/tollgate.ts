// The product as people use it in a test's world: the built command line, and Claude Code with its hooks.
import { join } from 'node:path';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { type ClaudeRun, type RunClaudeOptions, runClaude } from './claude.ts';
import type { RunResult, Sandbox } from './sandbox.ts';

/** The built command line. */
export const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

/** Runs `tollgate …` in the world's repository. */
export function tollgate(
  sandbox: Sandbox,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  return sandbox.run(process.execPath, [CLI, ...args], { env });
}

/** Runs `tollgate …`, which must end well, and returns what it printed. */
export async function tollgateOk(
  sandbox: Sandbox,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const run = await tollgate(sandbox, args, env);
  if (run.exitCode !== 0) {
    throw new Error(`tollgate ${args.join(' ')} -> ${run.exitCode}\n${run.stdout}\n${run.stderr}`);
  }
  return run.stdout;
}

/** `tollgate init` with these limits (and options), with the real client's version known. */
export async function initTollgate(
  sandbox: Sandbox,
  soft: string,
  hard: string,
  ...options: readonly string[]
): Promise<string> {
  const limits = ['--session-soft', soft, '--session-hard', hard];
  return tollgateOk(sandbox, ['init', '--yes', ...limits, ...options], {
    TOLLGATE_CLAUDE: await ensureClaudeClient(),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  });
}

/** The real client in the world's repository, with Tollgate's state in the world. */
export function runGuarded(
  sandbox: Sandbox,
  options: Omit<RunClaudeOptions, 'home' | 'cwd'>,
): Promise<ClaudeRun> {
  return runClaude({
    home: sandbox.home,
    cwd: sandbox.repo,
    ...options,
    extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome, ...options.extraEnv },
  });
}

/** One session of `tollgate status --json`, as the contract names its fields. */
export interface StatusSession {
  readonly sessionId: string;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly developer: string | null;
  readonly requestCount: number;
  readonly costNanoUsd: number;
  readonly costUsd: number;
  readonly inheritedNanoUsd: number;
  readonly usage: Readonly<Record<string, number>>;
  readonly models: readonly { model: string; requestCount: number; costNanoUsd: number }[];
  readonly budgets: readonly {
    budgetId: string;
    period: string;
    softNanoUsd: number | null;
    hardNanoUsd: number | null;
    ceilingNanoUsd: number | null;
    spendNanoUsd: number;
    headroomNanoUsd: number | null;
  }[];
  readonly verdict: { kind: string; breaches: readonly { code: string }[] };
  readonly haltedAt: number | null;
}

/** `tollgate status --json`; newest session first. */
export async function readStatus(sandbox: Sandbox): Promise<readonly StatusSession[]> {
  const run = await tollgate(sandbox, ['status', '--json']);
  if (run.exitCode === 2) throw new Error(`tollgate status: ${run.stderr}`);
  const status = JSON.parse(run.stdout) as { schema: string; sessions: StatusSession[] };
  if (status.schema !== 'tollgate/status@1') throw new Error(`unexpected schema ${status.schema}`);
  return status.sessions;
}
