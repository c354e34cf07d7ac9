// `tollgate mcp`: the resident gate. Claude Code starts it with a session and ends it with the session.
import type { Command } from 'commander';
import { serve } from '../../resident/server.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';

export function describe(command: Command): void {
  command.addHelpText(
    'after',
    '\nNot for people: Claude Code starts it, as `tollgate init --resident` sets up. It speaks the Model Context\nProtocol on stdin and stdout.',
  );
}

export async function run(
  _args: readonly string[],
  _options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  await serve(context.env, { input: context.stdin, write: context.print });
  context.stdin.destroy();
  return FINE;
}
