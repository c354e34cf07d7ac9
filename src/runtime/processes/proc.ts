// What Linux tells about processes, in /proc. Rule: the one file that reads /proc.
import { appendFileSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { type EpochMs, SECOND_MS } from '../../domain/time.ts';
import type { ProcessTable, ProcessWork } from './process-table.ts';

/** Clock ticks per second in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

function parentOf(pid: number): number | 'unknown' {
  const parent = Number(statFields(pid)?.[1] ?? Number.NaN);
  return Number.isInteger(parent) ? parent : 'unknown';
}

function startOf(pid: number): EpochMs | 'unknown' {
  const ticks = Number(statFields(pid)?.[19] ?? Number.NaN);
  const boot = /^btime (\d+)$/m.exec(read('/proc/stat') ?? '')?.[1];
  if (boot === undefined || !Number.isFinite(ticks)) return 'unknown';
  return Number(boot) * SECOND_MS + (ticks / TICKS_PER_SECOND) * SECOND_MS;
}

const identityOf = (pid: number): string | 'unknown' => statFields(pid)?.[19] ?? 'unknown';

function isIdleForGood(pid: number): boolean {
  return 'TtZX'.includes(statFields(pid)?.[0] ?? ' ');
}

function workOf(pid: number): ProcessWork | null {
  const fields = statFields(pid);
  if (fields === null) return null;
  const ticks = Number(fields[11]) + Number(fields[12]);
  const program = read(`/proc/${pid}/comm`)?.trim() ?? '';
  const cpuMs = (ticks / TICKS_PER_SECOND) * SECOND_MS;
  return { program, isRunnable: fields[0] === 'R', cpuMs };
}

function childrenOf(pid: number): readonly number[] | 'unknown' {
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

function programOf(pid: number): string | 'unknown' {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return 'unknown';
  }
}

function commandLineOf(pid: number): readonly string[] | 'unknown' {
  return read(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1) ?? 'unknown';
}

function environmentOf(pid: number): string | 'unknown' {
  return read(`/proc/${pid}/environ`) ?? 'unknown';
}

function terminalOf(pid: number): { readonly readAt: EpochMs } | 'none' | 'unknown' {
  try {
    const file = `/proc/${pid}/fd/0`;
    if (!/^\/dev\/(pts\/\d+|tty\w*|console)$/.test(readlinkSync(file))) return 'none';
    return { readAt: statSync(file).atimeMs };
  } catch {
    return 'unknown';
  }
}

function terminalDeviceOf(pid: number): string | null {
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

function sessionLeaderOf(pid: number): number | 'unknown' {
  const leader = Number(statFields(pid)?.[3] ?? 0);
  return leader > 0 ? leader : 'unknown';
}

function controllingTerminalOf(pid: number): number | 'other' | 'none' | 'unknown' {
  const device = Number(statFields(pid)?.[4] ?? Number.NaN);
  if (!Number.isInteger(device)) return 'unknown';
  if (device === 0) return 'none';
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  const isPseudo = major >= 136 && major <= 143;
  return isPseudo ? (major - 136) * 256 + minor : 'other';
}

const allProcesses = (): readonly number[] =>
  namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const holdersOfTerminal = (number: number): readonly number[] =>
  allProcesses().filter((pid) => holdsTerminal(String(pid), number));

function workingFolderOf(pid: number): string | 'unknown' {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return 'unknown';
  }
}

function fileOf(pid: number, fd: number | string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return null;
  }
}

const filesOf = (pid: number): readonly string[] =>
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

/** Whether a process holds the other end of a pipe, or of a pair of sockets, which are numbered one after the other. */
function holdsOtherEnd(holder: number, pid: number, fd: number): boolean {
  const own = fileOf(pid, fd) ?? '';
  const held = filesOf(holder);
  const socket = Number(/^socket:\[(\d+)\]$/.exec(own)?.[1] ?? Number.NaN);
  if (Number.isNaN(socket)) return own.startsWith('pipe:') && held.includes(own);
  return [socket - 1, socket + 1].some((each) => held.includes(`socket:[${each}]`));
}

function fileLockHolder(inode: number, byte: number): number | null {
  const held = new RegExp(`POSIX\\s+ADVISORY\\s+WRITE\\s+(\\d+)\\s+\\S+:${inode}\\s+${byte}\\s`);
  const pid = Number(held.exec(read('/proc/locks') ?? '')?.[1]);
  return pid > 0 ? pid : null;
}

function belongingOf(pid: number): { user: number; group: string } | 'unknown' {
  try {
    return {
      user: statSync(`/proc/${pid}`).uid,
      group: readFileSync(`/proc/${pid}/cgroup`, 'latin1'),
    };
  } catch {
    return 'unknown';
  }
}

/** What Linux tells. */
export const proc: ProcessTable = {
  untold: [],
  parentOf,
  startOf,
  identityOf,
  isIdleForGood,
  workOf,
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
  allProcesses,
  belongingOf,
  bootId: () => read('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
  writeError: (pid, text) => appendFileSync(`/proc/${pid}/fd/2`, text),
};
