// Door 2: the command line.
import { runCommandLine } from './args.ts';
import type { CliContext } from './command.ts';
import { COMMANDS } from './commands/commands.ts';
import { FAILED } from './exit-code.ts';

const { env } = process;
const isPlain = Boolean(env.NO_COLOR) || env.TERM === 'dumb';
const isForced = Boolean(env.FORCE_COLOR) && env.FORCE_COLOR !== '0';

/** Asked late, because only asking loads what is behind sockets and terminals. */
const isTerminal = (fd: number): boolean => process.getBuiltinModule('node:tty').isatty(fd);

/** Where the command runs; a folder that was removed is still known by its name. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return env.PWD ?? '/';
  }
}

// Each stream is opened when it is first used: that takes milliseconds, and most commands use one of the three.
const context: CliContext = {
  env,
  cwd: currentFolder(),
  now: Date.now(),
  get stdin() {
    return process.stdin;
  },
  print: (text) => output().write(text),
  emit: (text) => process.stderr.write(`${text}\n`),
  get isTerminal() {
    return isTerminal(1);
  },
  get isFancy() {
    return isForced || (isTerminal(1) && !isPlain);
  },
  get columns() {
    return (isTerminal(1) && output().columns) || Number(env.COLUMNS) || 80;
  },
  get isInteractive() {
    return isTerminal(0) && isTerminal(1) && !env.CI;
  },
};

let openOutput: NodeJS.WriteStream | null = null;
function output(): NodeJS.WriteStream {
  if (openOutput === null) {
    openOutput = process.stdout;
    // A reader that went away (`| head`) is no failure of ours.
    openOutput.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      context.emit(`tollgate: the result could not be written: ${error.message}`);
      process.exit(FAILED);
    });
  }
  return openOutput;
}

runCommandLine(process.argv.slice(2), COMMANDS, context).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    const what = error instanceof Error ? error.stack : String(error);
    context.emit(`tollgate: this is a bug: ${what}`);
    process.exitCode = FAILED;
  },
);
