// A command that takes seconds, for a page: it runs in a process of its own, so that nobody who listens waits for it.
import { execFile } from 'node:child_process';
import type { PageAnswer } from '../../dashboard/dashboard.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { builtFile } from '../../runtime/built-file.ts';
import type { CliContext } from '../command.ts';
import { FINDINGS } from '../exit-code.ts';

const LONGEST_BYTES = 16_000_000;

/** What `tollgate <words>` prints; findings are no failure. */
export function ownProcess(
  words: readonly string[],
  { env, cwd }: CliContext,
): Promise<PageAnswer> {
  const options = { env, cwd, timeout: 2 * MINUTE_MS, maxBuffer: LONGEST_BYTES };
  const args = [builtFile('cli/main.js'), ...words];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null || error.code === FINDINGS) {
        resolve({ type: 'application/json', body: stdout });
      } else reject(failed(words, stderr || error.message));
    });
  });
}

const failed = (words: readonly string[], why: string): TollgateError =>
  new TollgateError({
    code: 'COMMAND_FAILED',
    message: `tollgate ${words.join(' ')} did not end well: ${why.trim()}`,
    hint: 'run it in a terminal',
  });
