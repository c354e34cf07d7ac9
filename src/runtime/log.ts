// What Tollgate writes down about itself, for whoever has to find out why. Rule: never what was typed,
// never a key; and never loaded by a hook that has nothing to complain of.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

/** Appends one line to `tollgate.log` in the state folder; a log that cannot be written is no failure. */
export function logFailure(
  stateHome: string,
  error: unknown,
  about: Record<string, unknown>,
): void {
  try {
    const file = join(stateHome, 'tollgate.log');
    const destination = pino.destination({ dest: file, sync: true, mkdir: true });
    const redact = { paths: ['*.apiKey', '*.token', '*.authorization'], censor: '[removed]' };
    pino({ base: null, redact }, destination).error({ err: error, ...about }, 'failed');
    chmodSync(file, 0o600);
  } catch {
    // The caller tells the person anyway; the log is a second witness.
  }
}
