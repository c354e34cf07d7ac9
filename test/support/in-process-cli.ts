// Runs a command line in this process, in a world's repository, and keeps what it prints.
import { runCommandLine } from '../../src/cli/args.ts';
import type { CliContext } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands/commands.ts';
import type { Sandbox } from './sandbox.ts';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `context`: what differs from a pipe in the world's repository. */
export async function runCli(
  sandbox: Sandbox,
  words: readonly string[],
  context: Partial<CliContext> = {},
): Promise<CliResult> {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runCommandLine(words, COMMANDS, {
    env: sandbox.env(),
    cwd: sandbox.repo,
    now: Date.parse('2026-11-21T12:00:00Z'),
    stdin: process.stdin,
    print: (text) => {
      stdout += text;
    },
    emit: (text) => {
      stderr += `${text}\n`;
    },
    isTerminal: false,
    isFancy: false,
    columns: 100,
    isInteractive: false,
    ...context,
  });
  return { exitCode, stdout, stderr };
}

/** The same, which must end well; answers what it printed. */
export async function cliOk(
  sandbox: Sandbox,
  words: readonly string[],
  context: Partial<CliContext> = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(sandbox, words, context);
  if (exitCode !== 0) throw new Error(`tollgate ${words.join(' ')} -> ${exitCode}\n${stderr}`);
  return stdout;
}
