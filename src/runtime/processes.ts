// What the system says about processes. Rule: where it cannot tell, the answer is 'unknown', never "nothing".
// Only Linux has /proc; elsewhere all but `isAlive` is 'unknown'.
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';

/** Clock ticks per second in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const MAX_ANCESTORS = 64;

/** The ids of the processes above `pid`, nearest first; ends with 'unknown' where the system tells no further. */
export function ancestorsOf(pid: number): readonly (number | 'unknown')[] {
  const found: (number | 'unknown')[] = [];
  for (let current = pid; current > 1 && found.length < MAX_ANCESTORS; ) {
    const parent = Number(statFields(current)?.[1] ?? Number.NaN);
    if (!Number.isInteger(parent)) return [...found, 'unknown'];
    found.push(parent);
    current = parent;
  }
  return found;
}

/** Whether a process with this id exists, also another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began. */
export function startOf(pid: number): EpochMs | 'unknown' {
  const ticks = Number(statFields(pid)?.[19] ?? Number.NaN);
  const boot = /^btime (\d+)$/m.exec(read('/proc/stat') ?? '')?.[1];
  if (boot === undefined || !Number.isFinite(ticks)) return 'unknown';
  return Number(boot) * SECOND_MS + (ticks / TICKS_PER_SECOND) * SECOND_MS;
}

/** The environment the process was started with, as `NAME=value` with NUL bytes between. */
export function environmentOf(pid: number): string | 'unknown' {
  return read(`/proc/${pid}/environ`) ?? 'unknown';
}

/** When the terminal on the process's stdin was last read from; 'none': its stdin is no terminal. */
export function terminalOf(pid: number): { readonly readAt: EpochMs } | 'none' | 'unknown' {
  try {
    const file = `/proc/${pid}/fd/0`;
    if (!/^\/dev\/(pts\/\d+|tty\w*|console)$/.test(readlinkSync(file))) return 'none';
    return { readAt: statSync(file).atimeMs };
  } catch {
    return 'unknown';
  }
}

/** The fields of /proc/<pid>/stat from the state on; the name before them may hold spaces and parentheses. */
function statFields(pid: number): readonly string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}
