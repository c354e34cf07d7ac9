// Runs the real Claude Code client against the stub, in print mode, in an environment built from nothing:
// no key, no account and no setting of this machine can reach it, and it can reach no host but the stub.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import type { MessagesApiStub } from './messages-api-stub.ts';
import { basicPath, coverageEnv } from './sandbox.ts';

/** Looks like a key to the client, opens nothing. */
export const fakeApiKey = 'sk-ant-test-not-a-key';

/** What the print-mode and the interactive client have in common. */
export interface ClaudeOptions {
  readonly home: string;
  readonly cwd: string;
  readonly stub: Pick<MessagesApiStub, 'url'>;
  /** Absent: `claude-opus-4-7`. */
  readonly model?: string;
  /** Session to go on with. */
  readonly resume?: string;
  /** With `resume`: go on in a copy. */
  readonly forkSession?: boolean;
  /** Given by `--settings`; files are {@link World.writeSettings}'s business. */
  readonly settings?: object;
  /** Absent: `['Bash']`. */
  readonly allowedTools?: readonly string[];
  readonly permissionMode?: string;
  readonly extraArgs?: readonly string[];
  readonly extraEnv?: Readonly<Record<string, string>>;
}

/** One run of `claude -p`. */
export interface RunClaudeOptions extends ClaudeOptions {
  readonly prompt: string;
  /** After this the client and all it started are killed. Absent: 60 s. */
  readonly timeoutMs?: number;
}

const claudeResult = z.looseObject({
  session_id: z.string(),
  total_cost_usd: z.number(),
  num_turns: z.number(),
  is_error: z.boolean(),
  subtype: z.string(),
  /** `completed`, `hook_stopped`, `budget_exhausted` … */
  terminal_reason: z.string().optional(),
  result: z.string().optional(),
  permission_denials: z.array(z.looseObject({ tool_name: z.string() })).default([]),
  modelUsage: z.record(z.string(), z.looseObject({ costUSD: z.number() })).default({}),
});

/** The client's own account of a run, as `--output-format json` prints it. */
export type ClaudeResult = z.infer<typeof claudeResult>;

/** How a run ended. */
export interface ClaudeRun {
  /** 143 when a timeout ended it; null when it had to be killed. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Null when the client printed no result. */
  readonly result: ClaudeResult | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Null when no transcript was written. */
  readonly transcriptPath: string | null;
}

/** Runs one prompt to its end. */
export async function runClaude(options: RunClaudeOptions): Promise<ClaudeRun> {
  const args = ['-p', options.prompt, '--output-format', 'json', ...claudeArgs(options)];
  const child = spawn(await ensureClaudeClient(), args, {
    cwd: options.cwd,
    env: claudeEnv(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: a timeout ends the client and what it started, and nothing else.
    detached: true,
  });
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    timedOut = true;
    // Asked politely first: the client runs its tools in groups of their own, and only it can end those.
    endGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), 10_000);
  }, options.timeoutMs ?? 60_000);
  // A test run that is broken off must not leave a client behind.
  const onExit = () => endGroup(child.pid, 'SIGTERM');
  process.once('exit', onExit);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    const [exitCode, stdout, stderr] = await Promise.all([
      ended,
      text(child.stdout),
      text(child.stderr),
    ]);
    const result = parseResult(stdout);
    const transcriptPath = result && (await findTranscript(options.home, result.session_id));
    return { exitCode, timedOut, result, stdout, stderr, transcriptPath };
  } finally {
    clearTimeout(timer);
    clearTimeout(killTimer);
    process.off('exit', onExit);
  }
}

/** As {@link runClaude}, for runs that must end by themselves with a result: throws, with all output, when not. */
export async function runClaudeOk(
  options: RunClaudeOptions,
): Promise<ClaudeRun & { result: ClaudeResult; transcriptPath: string }> {
  const run = await runClaude(options);
  const { result, transcriptPath } = run;
  if (run.exitCode !== 0 || result === null || transcriptPath === null) {
    throw new Error(`claude -p gave no result:\n${JSON.stringify(run, null, 2)}`);
  }
  return { ...run, result, transcriptPath };
}

/** Arguments for print mode and terminal alike. */
export function claudeArgs(options: ClaudeOptions): string[] {
  const args = ['--model', options.model ?? 'claude-opus-4-7'];
  const allowedTools = options.allowedTools ?? ['Bash'];
  if (allowedTools.length > 0) args.push('--allowedTools', allowedTools.join(','));
  if (options.permissionMode) args.push('--permission-mode', options.permissionMode);
  if (options.resume) args.push('--resume', options.resume);
  if (options.forkSession) args.push('--fork-session');
  if (options.settings) args.push('--settings', JSON.stringify(options.settings));
  return [...args, ...(options.extraArgs ?? [])];
}

/** The client's whole environment. */
export function claudeEnv({ home, stub, extraEnv }: ClaudeOptions): Record<string, string> {
  return {
    HOME: home,
    PATH: basicPath,
    LANG: 'C.UTF-8',
    ANTHROPIC_API_KEY: fakeApiKey,
    ANTHROPIC_BASE_URL: stub.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_BUG_COMMAND: '1',
    ...coverageEnv,
    ...extraEnv,
  };
}

/** The transcript of a session under `home`; null when there is none. */
export async function findTranscript(home: string, sessionId: string): Promise<string | null> {
  const projects = join(home, '.claude', 'projects');
  const files = await readdir(projects, { recursive: true }).catch(() => []);
  const file = files.find((name) => name.endsWith(`${sessionId}.jsonl`));
  return file === undefined ? null : join(projects, file);
}

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // Ended in the meantime.
  }
}

/** The account of a run in what `--output-format json` printed; null when there is none. */
export function parseResult(stdout: string): ClaudeResult | null {
  try {
    return claudeResult.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}
