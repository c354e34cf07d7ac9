// Runs one built hook as the client does: a process of its own, the event on stdin, the answer on stdout.
import { join } from 'node:path';
import { hooksDir } from './guarded.ts';
import type { Sandbox } from './sandbox.ts';

/** What a hook answered. */
export interface HookAnswer {
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Null when it printed nothing. */
  readonly output: {
    readonly continue?: boolean;
    readonly stopReason?: string;
    readonly decision?: string;
    readonly reason?: string;
    readonly systemMessage?: string;
    readonly hookSpecificOutput?: {
      readonly permissionDecision?: string;
      readonly permissionDecisionReason?: string;
      readonly additionalContext?: string;
    };
  } | null;
}

/**
 * Sends an event to its hook; `name` is the client's name of the event. `isOwnClient`: a process is put between that says it is the
 * client, and has the same environment.
 */
export async function runHook(
  sandbox: Sandbox,
  name: string,
  event: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
  isOwnClient = false,
): Promise<HookAnswer> {
  const file = `${name.replace(/[A-Z]/g, (letter, at: number) => `${at > 0 ? '-' : ''}${letter.toLowerCase()}`)}.cjs`;
  const words = [process.execPath, join(hooksDir, file)] as const;
  const [program, args] = isOwnClient
    ? ['/bin/sh', ['-c', 'CLAUDE_PID=$$ "$0" "$@"; exit $?', ...words]]
    : [words[0], [words[1]]];
  const run = await sandbox.run(program, args, {
    stdin: JSON.stringify({ hook_event_name: name, cwd: sandbox.repo, ...event }),
    env,
  });
  const output = run.stdout === '' ? null : (JSON.parse(run.stdout) as HookAnswer['output']);
  return { exitCode: run.exitCode, stderr: run.stderr, output };
}
