// What the system says about processes. Rule: where it cannot tell, the answer is 'unknown', never "nothing".
// Only Linux has /proc; elsewhere all but `isAlive` is 'unknown'.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
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

/** Tells a process from an earlier one with the same id, whatever the clock does. */
export const identityOf = (pid: number): string | 'unknown' => statFields(pid)?.[19] ?? 'unknown';

/** Whether the process was stopped (SIGSTOP) or is a zombie: it does nothing. */
export function isIdleForGood(pid: number): boolean {
  return 'TtZX'.includes(statFields(pid)?.[0] ?? ' ');
}

/** What a process does. */
export interface ProcessWork {
  /** Its name as the system has it. */
  readonly program: string;
  /** It runs, or waits for a processor only. */
  readonly isRunnable: boolean;
  /** How long it has had a processor. */
  readonly cpuMs: number;
}

/** What a process does and has done; `null` where it is gone or the system does not tell. */
export function workOf(pid: number): ProcessWork | null {
  const fields = statFields(pid);
  if (fields === null) return null;
  const ticks = Number(fields[11]) + Number(fields[12]);
  const program = read(`/proc/${pid}/comm`)?.trim() ?? '';
  const cpuMs = (ticks / TICKS_PER_SECOND) * SECOND_MS;
  return { program, isRunnable: fields[0] === 'R', cpuMs };
}

/** The processes started by `pid`; 'unknown' where the system does not tell. */
export function childrenOf(pid: number): readonly number[] | 'unknown' {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
        .split(' ')
        .filter((word) => word !== '')
        .map(Number),
    );
  } catch {
    return 'unknown';
  }
}

/** The file that the process runs. */
export function programOf(pid: number): string | 'unknown' {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return 'unknown';
  }
}

const SHELL = /^(ash|bash|busybox|dash|fish|ksh|sh|zsh)(\d|\.|$)/;

/** Whether the process is a shell. */
export const isShell = (pid: number): boolean => SHELL.test(basename(programOf(pid)));

/** The words the process was started with. */
export function commandLineOf(pid: number): readonly string[] | 'unknown' {
  return read(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1) ?? 'unknown';
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

/** The device of the terminal a process runs in; `null`: it has none, or the system does not tell. */
export function terminalDeviceOf(pid: number): string | null {
  for (const fd of [0, 1, 2]) {
    try {
      const file = readlinkSync(`/proc/${pid}/fd/${fd}`);
      if (/^\/dev\/(pts\/\d+|tty\w*)$/.test(file)) return file;
    } catch {
      // Not Linux, or another user's.
    }
  }
  return null;
}

/** The process that leads the session of `pid`, itself perhaps; 'unknown' also where it is outside of this container. */
export function sessionLeaderOf(pid: number): number | 'unknown' {
  const leader = Number(statFields(pid)?.[3] ?? 0);
  return leader > 0 ? leader : 'unknown';
}

/** The process's own terminal: its number among the pseudo-terminals, `other` for one of another kind. */
export function controllingTerminalOf(pid: number): number | 'other' | 'none' | 'unknown' {
  const device = Number(statFields(pid)?.[4] ?? Number.NaN);
  if (!Number.isInteger(device)) return 'unknown';
  if (device === 0) return 'none';
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  const isPseudo = major >= 136 && major <= 143;
  return isPseudo ? (major - 136) * 256 + minor : 'other';
}

/** More of them name the start of the machine, and nobody. */
const MAX_NAMED = 4;

/** Where a process is, for people: ` on pts/3 via bash, sshd`, ` without a terminal via sh, cron`; empty where the system does not tell. */
export function placeOf(pid: number): string {
  const terminal = controllingTerminalOf(pid);
  if (terminal === 'unknown') return '';
  const named = { none: ' without a terminal', other: ' on a terminal' };
  const where = typeof terminal === 'number' ? ` on pts/${terminal}` : named[terminal];
  const programs = ancestorsOf(pid)
    .flatMap((each) => {
      const program = each === 'unknown' ? each : programOf(each);
      return program === 'unknown' ? [] : basename(program);
    })
    .slice(0, MAX_NAMED);
  return programs.length === 0 ? where : `${where} via ${programs.join(', ')}`;
}

/** The processes that hold the other end of a pseudo-terminal, as far as this user may look. */
export function holdersOfTerminal(number: number): readonly number[] {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => holdsTerminal(pid, number)).map(Number);
}

/** What a process has open under a number: a path, `socket:[…]` or `pipe:[…]`; `null`: nothing, or the system does not tell. */
export function fileOf(pid: number, fd: number | string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return null;
  }
}

/** Everything that a process has open. Empty also where the system does not tell. */
export const filesOf = (pid: number): readonly string[] =>
  namesIn(`/proc/${pid}/fd`).flatMap((fd) => fileOf(pid, fd) ?? []);

function holdsTerminal(pid: string, number: number): boolean {
  return namesIn(`/proc/${pid}/fd`).some((fd) => {
    try {
      if (!/^\/dev\/(pts\/)?ptmx$/.test(readlinkSync(`/proc/${pid}/fd/${fd}`))) return false;
    } catch {
      return false; // closed meanwhile
    }
    const about = read(`/proc/${pid}/fdinfo/${fd}`) ?? '';
    return Number(/^tty-index:\s*(\d+)/m.exec(about)?.[1] ?? Number.NaN) === number;
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
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
