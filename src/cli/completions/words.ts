// What can be completed, read off the program's own definitions. Rule: no list of options is kept beside those.
import type { Command, Option } from 'commander';

export interface CompletedOption {
  /** `-h`, `--help`; the long form last. */
  readonly flags: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  /** The values there are; empty where every text will do. */
  readonly choices: readonly string[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** The words its first argument may be; empty where every text will do. */
  readonly words: readonly string[];
}

export interface Completed {
  /** The options that stand before a command. */
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** Everything that may be typed after `tollgate`. */
export function completedOf(program: Command): Completed {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: optionsOf(command),
    words: command.registeredArguments[0]?.argChoices ?? [],
  }));
  const help = {
    name: 'help',
    summary: 'explain a command',
    options: [],
    words: commands.map(({ name }) => name),
  };
  return { options: optionsOf(program), commands: [...commands, help] };
}

function optionsOf(command: Command): CompletedOption[] {
  return command.createHelp().visibleOptions(command).map(optionOf);
}

const optionOf = (option: Option): CompletedOption => ({
  flags: [option.short, option.long].filter((flag) => flag != null),
  summary: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
});

/** Text as one word of a POSIX shell or of fish, in single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
