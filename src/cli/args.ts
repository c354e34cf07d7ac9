// From words on a command line to a command that runs. Rule: wrong words get one clear line and a hint.
import { CommanderError } from 'commander';
import { TollgateError } from '../errors.ts';
import type { CliContext, CommandSpec } from './command.ts';
import { FAILED, FINDINGS, FINE } from './exit-code.ts';
import { addCommand, createProgram, describeCommand } from './program.ts';

const VERSION_FLAGS: ReadonlySet<string> = new Set(['-v', '-V', '--version']);

/** Runs one command line; answers its exit code. */
export async function runCommandLine(
  given: readonly string[],
  commands: readonly CommandSpec[],
  context: CliContext,
): Promise<number> {
  const words = withoutHelpCommand(given);
  const named = words.find((word) => !word.startsWith('-'));
  if (named === undefined && words.some((word) => VERSION_FLAGS.has(word))) {
    const { versionText } = await import('./version-text.ts');
    context.print(versionText(words.includes('--json')));
    return FINE;
  }
  let exitCode = FINE;
  const program = createProgram(context);
  for (const spec of commands) {
    const command = addCommand(program, spec);
    if (spec.name !== named) continue;
    // Only the command that was named is loaded: a status line must not wait for a report's code.
    const module = await spec.load();
    describeCommand(command, module);
    command.action(async () => {
      const options = command.optsWithGlobals();
      // What the host reads is not for people to silence.
      const isQuiet = options.quiet === true && spec.group !== 'For the agent';
      const quiet = isQuiet ? quietContext(context, options.json === true) : null;
      exitCode = FAILED;
      try {
        exitCode = await module.run(command.args, options, quiet?.context ?? context, commands);
      } finally {
        if (exitCode > FINDINGS) quiet?.tellNotes();
      }
    });
  }
  try {
    const asksNothing = words.every((word) => word === '--json' || word === '--quiet');
    await program.parseAsync(asksNothing ? ['--help'] : [...words], { from: 'user' });
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

/** `help report` is `report --help`. */
function withoutHelpCommand(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  return first === 'help' ? [...rest.slice(0, 1), '--help'] : words;
}

/** A context that prints JSON alone, if that, and keeps its notes for a command that fails. */
function quietContext(
  context: CliContext,
  asJson: boolean,
): { readonly context: CliContext; readonly tellNotes: () => void } {
  const notes: string[] = [];
  const silent = Object.defineProperties(
    {},
    {
      // Descriptors, because reading a stream opens it.
      ...Object.getOwnPropertyDescriptors(context),
      print: { value: asJson ? context.print : () => {}, enumerable: true },
      emit: { value: (text: string) => notes.push(text), enumerable: true },
    },
  ) as CliContext;
  return { context: silent, tellNotes: () => notes.forEach(context.emit) };
}
