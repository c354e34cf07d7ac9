// A progress bar on stderr, on a terminal only. Rule: it is redrawn at most ten times a second, and leaves nothing behind.
import type { CliContext } from './command.ts';

const REDRAW_MS = 100;
const BAR_COLUMNS = 28;
const BYTES_PER_MB = 1_000_000;

/** Shows how much of something is done. */
export interface ProgressBar {
  readonly show: (doneBytes: number) => void;
  readonly end: () => void;
}

/** `context` is `null` where nothing is to be shown. */
export function progressBar(
  totalBytes: number,
  label: string,
  context: Pick<CliContext, 'env'> | null,
): ProgressBar {
  const { stderr } = process;
  if (context === null || !stderr.isTTY || context.env.TERM === 'dumb') {
    return { show: () => {}, end: () => {} };
  }
  let drawnAt = 0;
  const erase = '\r\u001b[2K';
  return {
    show: (doneBytes) => {
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      const ratio = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1;
      const full = Math.round(ratio * BAR_COLUMNS);
      const bar = '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full);
      const amounts = `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
      stderr.write(`${erase}${label} ${bar} ${Math.round(ratio * 100)} %  ${amounts}`);
    },
    end: () => {
      if (drawnAt > 0) stderr.write(erase);
    },
  };
}

const megabytes = (bytes: number): string => (bytes / BYTES_PER_MB).toFixed(0);
