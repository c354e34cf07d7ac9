// Door 2: the command line.
import { runCommandLine } from './args.ts';
import type { CliContext } from './command.ts';
import { COMMANDS } from './commands/commands.ts';
import { FAILED } from './exit-code.ts';

const { env, stdin, stdout, stderr } = process;

const isPlain = Boolean(env.NO_COLOR) || env.TERM === 'dumb';
const isForced = Boolean(env.FORCE_COLOR) && env.FORCE_COLOR !== '0';
const context: CliContext = {
  env,
  cwd: process.cwd(),
  now: Date.now(),
  stdin,
  print: (text) => stdout.write(text),
  tell: (text) => stderr.write(`${text}\n`),
  isFancy: isForced || (Boolean(stdout.isTTY) && !isPlain),
  columns: stdout.columns ?? (Number(env.COLUMNS) || 80),
  isInteractive: Boolean(stdin.isTTY && stdout.isTTY) && !env.CI,
};

// A reader that went away (`| head`) is no failure of ours.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

runCommandLine(process.argv.slice(2), COMMANDS, context)
  .catch((error: unknown) => {
    context.tell(
      `tollgate: this is a bug: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return FAILED;
  })
  .then((exitCode) => {
    process.exitCode = exitCode;
  });
