// `tollgate completions`: prints the script that completes commands and options in a shell.
import { Argument, type Command } from 'commander';
import type { CliContext, CommandSpec } from '../command.ts';
import { bashCompletions } from '../completions/bash.ts';
import { fishCompletions } from '../completions/fish.ts';
import { type Completed, completedOf } from '../completions/words.ts';
import { zshCompletions } from '../completions/zsh.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { describeProgram } from '../program.ts';

const SHELLS: Readonly<Record<string, (completed: Completed) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

export function describe(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .option('--json', 'print the script as JSON (schema tollgate/completions@1)')
    .addHelpText(
      'after',
      `
Examples:
  source <(tollgate completions bash)              in ~/.bashrc
  source <(tollgate completions zsh)               in ~/.zshrc, after compinit
  tollgate completions fish > ~/.config/fish/completions/tollgate.fish`,
    );
}

export async function run(
  [shell = '']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
  commands: readonly CommandSpec[],
): Promise<number> {
  const script = SHELLS[shell]?.(completedOf(await describeProgram(commands))) ?? '';
  if (options.json) printJson({ schema: 'tollgate/completions@1', shell, script }, context);
  else context.print(script);
  return FINE;
}
