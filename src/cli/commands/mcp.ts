// `tollgate mcp`: the resident gate. Claude Code starts it with a session and ends it with the session.
import { type Command, Option } from 'commander';
import { PLUGIN_FLAG } from '../../agents/claude-code/install/resident-names.ts';
import { BUDGET_TOOL } from '../../resident/budget-tool.ts';
import { serve } from '../../resident/server.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';

export function describe(command: Command): void {
  command
    .option('--json', 'print what it offers as JSON (schema tollgate/mcp@1), and end')
    .addOption(new Option(PLUGIN_FLAG).hideHelp())
    .addHelpText(
      'after',
      '\nNot for people: Claude Code starts it, as tollgate init --resident or the plugin sets up. It speaks the Model Context Protocol on stdin and stdout.',
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (options.json) {
    printJson({ schema: 'tollgate/mcp@1', tools: [BUDGET_TOOL] }, context);
    return FINE;
  }
  await serve(context.env, { input: context.stdin, write: context.print }, options.plugin === true);
  context.stdin.destroy();
  return FINE;
}
