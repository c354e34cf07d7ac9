// The contract of a command: its name, its words, and what it does. Rule: a command says what it found on
// stdout, everything else on stderr, and answers with an exit code; it never ends the process itself.
import type { Command as Commander } from 'commander';

/** What a command may use of the world. */
export interface CliContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Read once, at the door. Epoch ms. */
  readonly now: number;
  readonly stdin: NodeJS.ReadStream;
  /** Writes to stdout: the result. */
  readonly print: (text: string) => void;
  /** Writes a line to stderr: notes, progress, problems. */
  readonly emit: (text: string) => void;
  /** Stdout is a terminal: text is broken to its width. */
  readonly isTerminal: boolean;
  /** Colour and bars are welcome: stdout is a terminal, and nobody asked for plain text. */
  readonly isFancy: boolean;
  /** Columns of the terminal; 80 when there is none. */
  readonly columns: number;
  /** A person sits at stdin and stdout. */
  readonly isInteractive: boolean;
}

/** A command of the command line, loaded only when it is called. */
export interface CommandSpec {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The heading it is listed under. */
  readonly group: 'Set up' | 'Money' | 'Control' | 'For the agent';
  readonly load: () => Promise<CommandModule>;
}

export interface CommandModule {
  /** Adds arguments, options and examples to its commander command. */
  readonly describe: (command: Commander) => void;
  /**
   * Does it; `args` are the positional arguments, `options` what commander parsed, `commands` all there are. Answers the
   * exit code.
   */
  readonly run: (
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
    context: CliContext,
    commands: readonly CommandSpec[],
  ) => Promise<number> | number;
}
