// Runs a program that shows or passes on a message. Rule: no shell; what an agent wrote is an argument, a variable or stdin, never a command.
import { type ExecFileException, execFile } from 'node:child_process';
import { SECOND_MS } from '../domain/time.ts';
import { failed, SENT, type SendResult } from './channel.ts';

const MAX_OUTPUT_BYTES = 65_536;
const TIMEOUT_MS = 8 * SECOND_MS;

/** What to run. */
export interface Program {
  readonly file: string;
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Text for its stdin; `null`: none. */
  readonly stdin: string | null;
  readonly signal: AbortSignal;
}

/** Runs it; an exit code other than 0 is a failure. */
export function runProgram({ file, words, env, stdin, signal }: Program): Promise<SendResult> {
  const limits = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true, signal };
  return new Promise((resolve) => {
    const child = execFile(file, words, { env, ...limits }, (error) => {
      if (error === null) return resolve(SENT);
      const isMissing = error.code === 'ENOENT' || error.code === 'EACCES';
      const why = isMissing ? `cannot be run (${error.code})` : `ended with ${endOf(error)}`;
      resolve(failed(`${file} ${why}`, isMissing));
    });
    // A program that reads nothing is none of our business.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin ?? '');
  });
}

const endOf = ({ code, signal, killed }: ExecFileException): string =>
  killed ? 'no answer in time' : String(code ?? signal);
