// From words on a command line to a command that runs. Rule: wrong words get one clear line and a hint.
import { Command, CommanderError } from 'commander';
import { TollgateError } from '../errors.ts';
import { VERSION } from '../runtime/version.ts';
import type { CliContext, CommandSpec } from './command.ts';
import { FAILED, FINE } from './exit-code.ts';

const INTRODUCTION = `Tollgate tracks what a coding agent spends and halts the agent before its next
request would exceed the ceiling.`;

const CLOSING = `
Exit codes: 0 fine, 1 something to see to, 2 not done (3: tollgate run was halted by a budget).
State is kept in $TOLLGATE_HOME (else ~/.local/state/tollgate).
A first budget:  tollgate init --session-soft 4 --session-hard 5`;

const VERSION_FLAGS: ReadonlySet<string> = new Set(['-v', '-V', '--version']);

/** Runs one command line; answers its exit code. */
export async function runCommandLine(
  words: readonly string[],
  commands: readonly CommandSpec[],
  context: CliContext,
): Promise<number> {
  if (VERSION_FLAGS.has(words[0] ?? '')) {
    const { versionText } = await import('./version-text.ts');
    context.print(versionText(words.includes('--json')));
    return FINE;
  }
  let exitCode = FINE;
  const program = new Command('tollgate')
    .description(INTRODUCTION)
    .version(VERSION, '-v, --version', 'versions of Tollgate, Node and SQLite (--json)')
    .addHelpText('after', CLOSING)
    .configureOutput({
      writeOut: context.print,
      writeErr: (text) => context.emit(text.replace(/\n$/, '')),
      outputError: (text, write) => write(`${text.replace(/^error: /, 'tollgate: ').trimEnd()}\n`),
    })
    .showSuggestionAfterError()
    .exitOverride();

  const named = commands.find(({ name }) => name === words.find((word) => !word.startsWith('-')));
  for (const spec of commands) {
    const command = program.command(spec.name).summary(spec.summary).helpGroup(`${spec.group}:`);
    command.description(spec.summary);
    if (spec !== named) continue;
    // Only the command that was named is loaded: a status line must not wait for a report's code.
    const { describe, run } = await spec.load();
    describe(command);
    command.action(async (...given: unknown[]) => {
      const args = command.args;
      const options = given[given.length - 2] as Record<string, unknown>;
      exitCode = await run(args, options, context);
    });
  }
  try {
    if (words.length === 0) {
      program.outputHelp();
      return FINE;
    }
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? FINE : FAILED;
    if (error instanceof TollgateError) {
      context.emit(`tollgate: ${error.message}\n  hint: ${error.hint}`);
      return FAILED;
    }
    throw error;
  }
}
