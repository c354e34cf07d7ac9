// The command line as commander knows it. Rule: every option is defined here or by its command, once; help,
// completions and the man page are made from these definitions.
import { Command } from 'commander';
import { VERSION } from '../runtime/version.ts';
import type { CliContext, CommandModule, CommandSpec } from './command.ts';
import { wrapText } from './wrap-text.ts';

const INTRODUCTION =
  'Tollgate tracks what a coding agent spends and halts the agent before its next request would exceed the ceiling.';

const CLOSING = `
Exit codes:
  0  fine
  1  something to see to
  2  not done
  3  tollgate run: halted by a budget

State is kept in $TOLLGATE_HOME (else ~/.local/state/tollgate).

Examples:
  tollgate init --session-soft 4 --session-hard 5
  tollgate help status`;

/** What every command understands. */
const QUIET = ['--quiet', 'print nothing but errors; the exit code tells'] as const;

/** The program with the options that stand before a command. */
export function createProgram({
  print,
  emit,
  columns,
}: Pick<CliContext, 'print' | 'emit' | 'columns'>): Command {
  return new Command('tollgate')
    .description(INTRODUCTION)
    .version(VERSION, '-v, --version', 'versions of Tollgate, Node and SQLite')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .usage('[options] <command>')
    .option('--json', 'print JSON')
    .option(...QUIET)
    .enablePositionalOptions()
    .addHelpText('after', CLOSING)
    .configureOutput({
      writeOut: (text) => print(wrapText(text, columns)),
      writeErr: (text) => emit(text.replace(/\n$/, '')),
      outputError: (text, write) => write(`${text.replace(/^error: /, 'tollgate: ').trimEnd()}\n`),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
    })
    .showSuggestionAfterError()
    .exitOverride();
}

/** Adds a command by name and summary alone: listing it must not load it. */
export function addCommand(program: Command, { name, summary, group }: CommandSpec): Command {
  return program
    .command(name)
    .summary(summary)
    .helpGroup(`${group}:`)
    .helpOption('-h, --help', 'show this help')
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
}

/** Gives a command its own options. */
export function describeCommand(command: Command, { describe }: CommandModule): void {
  describe(command);
  if (!command.options.some(({ long }) => long === QUIET[0])) command.option(...QUIET);
}

/** The whole program, each command with its options. */
export async function describeProgram(commands: readonly CommandSpec[]): Promise<Command> {
  const program = createProgram({ print: () => {}, emit: () => {}, columns: 80 });
  for (const spec of commands) describeCommand(addCommand(program, spec), await spec.load());
  return program;
}
