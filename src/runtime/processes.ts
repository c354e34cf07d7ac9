// What the system says about processes. Rule: where it cannot tell, the answer is 'unknown', never "nothing"; a caller takes the safe
// way then, and `tollgate doctor` names what is untold. Systems differ in processes/ and nowhere else.
import { basename } from 'node:path';
import { proc } from './processes/proc.ts';
import type { ProcessTable } from './processes/process-table.ts';
import { ps } from './processes/ps.ts';
import { windows } from './processes/windows.ts';

const tables: Readonly<Partial<Record<NodeJS.Platform, ProcessTable>>> = {
  linux: proc,
  android: proc,
  win32: windows,
};
const table = tables[process.platform] ?? ps;

/** Whether asking costs a hook next to nothing: elsewhere a program is started for it. */
export const asksQuickly = table === proc;

export const {
  untold,
  startOf,
  identityOf,
  isIdleForGood,
  workOf,
  allProcesses,
  childrenOf,
  programOf,
  workingFolderOf,
  commandLineOf,
  environmentOf,
  terminalOf,
  terminalDeviceOf,
  sessionLeaderOf,
  controllingTerminalOf,
  holdersOfTerminal,
  fileOf,
  holdsOtherEnd,
  fileLockHolder,
  bootId,
  writeError,
} = table;

const MAX_ANCESTORS = 64;

/** The ids of the processes above `pid`, nearest first; ends with 'unknown' where the system tells no further. */
export function ancestorsOf(pid: number): readonly (number | 'unknown')[] {
  const found: (number | 'unknown')[] = [];
  for (let current = pid; current > 1 && found.length < MAX_ANCESTORS; ) {
    const parent = table.parentOf(current);
    found.push(parent);
    if (parent === 'unknown') break;
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

const SHELL = /^(ash|bash|busybox|dash|fish|ksh|sh|zsh)(\d|\.|$)/;

/** Whether the process is a shell. */
export const isShell = (pid: number): boolean => SHELL.test(basename(programOf(pid)));

/**
 * Whether the outermost process above `pid`, below the first of the system, is as old as all of `others` that live: nothing
 * that one of them has started can be. False where the system does not tell.
 */
export function isRootedBefore(pid: number, others: readonly number[]): boolean {
  const above = ancestorsOf(pid).filter((each) => each !== 'unknown' && each > 1);
  const rootedAt = startOf(Number(above.at(-1) ?? pid));
  return others.filter(isAlive).every((other) => {
    const startedAt = startOf(other);
    return rootedAt !== 'unknown' && startedAt !== 'unknown' && rootedAt <= startedAt;
  });
}

/** What takes processes in whose own parent has ended. */
const TAKES_IN = /^systemd$/;

/**
 * Whether the outermost process above `pid` may have been started by one of `others` and then cut off from it: it is this user's, younger, and
 * the system keeps both in one group. False where the system has no such groups.
 */
export function mayComeFrom(pid: number, others: readonly number[]): boolean {
  const above = [pid, ...ancestorsOf(pid)];
  // Who comes into a container from outside has nobody above, and not its first process.
  if (above.at(-1) === 0 && !above.includes(1)) return false;
  const own = above.filter(
    (each) => each !== 'unknown' && each > 1 && !TAKES_IN.test(basename(programOf(each))),
  );
  const outermost = Number(own.at(-1) ?? pid);
  const belonging = table.belongingOf(outermost);
  if (belonging === 'unknown' || belonging.user !== process.getuid?.()) return false;
  const startedAt = startOf(outermost);
  return others.filter(isAlive).some((other) => {
    const theirs = table.belongingOf(other);
    if (theirs === 'unknown' || theirs.group !== belonging.group) return false;
    // The system tells starts in hundredths of a second.
    return startedAt === 'unknown' || startedAt >= Number(startOf(other));
  });
}

/** More of them name the start of the machine, and nobody. */
const MAX_NAMED = 4;

/** Where a process is, for people: ` on pts/3 via bash, sshd`, ` without a terminal via sh, cron`; empty where the system does not tell. */
export function placeOf(pid: number): string {
  const terminal = controllingTerminalOf(pid);
  if (terminal === 'unknown') return '';
  const named = { none: ' without a terminal', other: ' on a terminal' };
  const where = typeof terminal === 'number' ? ` on pts/${terminal}` : named[terminal];
  const above = ancestorsOf(pid).flatMap((each) => {
    const program = each === 'unknown' ? each : programOf(each);
    return program === 'unknown' ? [] : basename(program);
  });
  // A shell that a shell has started is said once.
  const programs = above.filter((each, index) => each !== above[index - 1]).slice(0, MAX_NAMED);
  return programs.length === 0 ? where : `${where} via ${programs.join(', ')}`;
}
