// What macOS (and other systems with neither /proc nor Windows) tells about processes: by `ps`, and `lsof` for open files. Rule:
// programs by their own paths, never by PATH. Formats as ps(1) of macOS 15 and lsof(8) describe them; tried on no Mac.
import { statSync } from 'node:fs';
import { type EpochMs, SECOND_MS } from '../../domain/time.ts';
import type { ProcessTable } from './process-table.ts';

/** One process as `ps` shows it. */
export interface PsRow {
  readonly pid: number;
  readonly parent: number;
  /** Letters of ps: `T` stopped, `Z` zombie, `R` runnable, `s` leads a session. */
  readonly state: string;
  /** A name below /dev; `null`: no terminal. */
  readonly terminal: string | null;
  readonly startedAt: EpochMs;
  readonly cpuMs: number;
  /** Path on macOS, name elsewhere. */
  readonly program: string;
}

/** One open file as `lsof -F ftdn` shows it. */
export interface LsofFile {
  readonly fd: string;
  readonly type: string;
  readonly device: string;
  readonly name: string;
}

const PS = '/bin/ps';
const LSOF = '/usr/sbin/lsof';
const COLUMNS = 'pid=,ppid=,stat=,tty=,lstart=,time=,comm=';
/** A hook and a watchdog ask several things of one process at once. */
const KEPT_MS = SECOND_MS;

/** The rows of `ps -o pid=,ppid=,stat=,tty=,lstart=,time=,comm=` with LC_ALL=C and TZ=UTC; other lines are left out. */
export function parsePs(text: string): readonly PsRow[] {
  const row =
    /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+\w{3}\s+(\w{3}\s+\d+\s+\d+:\d\d:\d\d\s+\d{4})\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s+(.*\S)\s*$/;
  return text.split(/\r?\n/).flatMap((line) => {
    const [
      ,
      pid,
      parent,
      state = '',
      terminal = '',
      start,
      days,
      hours,
      minutes,
      seconds,
      program,
    ] = row.exec(line) ?? [];
    const startedAt = Date.parse(`${start} UTC`);
    if (program === undefined || Number.isNaN(startedAt)) return [];
    const whole = (Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes);
    return {
      ...{ pid: Number(pid), parent: Number(parent), state, startedAt, program },
      terminal: /^(\?+|-)$/.test(terminal) ? null : terminal,
      cpuMs: (whole * 60 + Number(seconds)) * SECOND_MS,
    };
  });
}

/** The files in an answer of `lsof -F ftdn`. */
export function parseLsof(text: string): readonly LsofFile[] {
  return text
    .split(/^f(?=\S+$)/m)
    .slice(1)
    .map((block) => {
      const [fd = '', ...lines] = block.split('\n');
      const field = (letter: string) =>
        lines.find((line) => line.startsWith(letter))?.slice(1) ?? '';
      return { fd, type: field('t'), device: field('d'), name: field('n') };
    });
}

/** What is open under a number, as `ProcessTable` has it. */
export function fileIn(files: readonly LsofFile[], fd: number | string): string | null {
  const found = files.find((each) => each.fd === String(fd));
  if (found === undefined) return null;
  const kind = { unix: 'socket', PIPE: 'pipe' }[found.type];
  return kind === undefined ? found.name : `${kind}:[${found.device}]`;
}

/** Whether the other end of what is open under a number of `own` is in `held`: it is named by its address, `->0x…`. */
export function isOtherEndIn(
  held: readonly LsofFile[],
  own: readonly LsofFile[],
  fd: number,
): boolean {
  const far = /^->(0x[0-9a-f]+)$/.exec(own.find((each) => each.fd === String(fd))?.name ?? '')?.[1];
  return far !== undefined && held.some(({ device }) => device === far);
}

/**
 * The environment in a line of `ps -E -o command=`, by the line of `ps -o command=`: NUL bytes between; 'unknown' where the
 * system hides it, as it does for programs that are protected.
 */
export function parseEnvironment(withIt: string, command: string): string | 'unknown' {
  const rest = withIt.trimEnd().startsWith(command.trimEnd())
    ? withIt.trimEnd().slice(command.trimEnd().length).trim()
    : '';
  return rest === '' ? 'unknown' : `${rest.split(/ (?=[A-Za-z_]\w*=)/).join('\0')}\0`;
}

/** The words of a line of `ps -o command=`; blanks within a word cannot be told, but for those of the program's own path. */
export function parseCommand(command: string, program: string): readonly string[] {
  const line = command.trim();
  const rest = line.startsWith(program) ? line.slice(program.length) : null;
  const words = (text: string) => text.split(' ').filter((word) => word !== '');
  return rest === null || /^\S/.test(rest) ? words(line) : [program, ...words(rest)];
}

/** Runs a program; `null` where it fails. */
function ask(file: string, args: readonly string[]): string | null {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  try {
    return execFileSync(file, args, {
      ...{ encoding: 'utf8', timeout: 5 * SECOND_MS, maxBuffer: 16 * 1024 * 1024 },
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return null;
  }
}

let known: { readonly at: number; readonly rows: ReadonlyMap<number, PsRow> } | null = null;

/** All processes, as they were within the last second; `needed`: one that may have begun since. */
function rows(needed?: number): ReadonlyMap<number, PsRow> {
  const at = performance.now();
  const isKnown = needed === undefined || known?.rows.has(needed);
  if (known !== null && isKnown && at - known.at < KEPT_MS) return known.rows;
  const found = parsePs(ask(PS, ['-A', '-ww', '-o', COLUMNS]) ?? '');
  known = { at, rows: new Map(found.map((row) => [row.pid, row])) };
  return known.rows;
}

const rowOf = (pid: number): PsRow | undefined => rows(pid).get(pid);

const commandOf = (pid: number, ...more: readonly string[]): string | null =>
  ask(PS, [...more, '-ww', '-o', 'command=', '-p', String(pid)]);

const openFiles = (pid: number): readonly LsofFile[] | null => {
  const text = ask(LSOF, ['-n', '-P', '-w', '-p', String(pid), '-F', 'ftdn']);
  return text === null ? null : parseLsof(text);
};

function environmentOf(pid: number): string | 'unknown' {
  const [command, withIt] = [commandOf(pid), commandOf(pid, '-E')];
  return command === null || withIt === null ? 'unknown' : parseEnvironment(withIt, command);
}

function commandLineOf(pid: number): readonly string[] | 'unknown' {
  const [command, program] = [commandOf(pid), rowOf(pid)?.program];
  return command === null || program === undefined ? 'unknown' : parseCommand(command, program);
}

function terminalDeviceOf(pid: number): string | null {
  const terminal = rowOf(pid)?.terminal ?? null;
  return terminal === null ? null : `/dev/${terminal}`;
}

function terminalOf(pid: number): { readonly readAt: EpochMs } | 'none' | 'unknown' {
  if (rowOf(pid) === undefined) return 'unknown';
  const device = terminalDeviceOf(pid);
  if (device === null) return 'none';
  const readAt = statSync(device, { throwIfNoEntry: false })?.atimeMs;
  return readAt === undefined ? 'unknown' : { readAt };
}

function sessionLeaderOf(pid: number): number | 'unknown' {
  const own = rowOf(pid);
  if (own === undefined) return 'unknown';
  if (own.state.includes('s')) return pid;
  if (own.terminal === null) return 'unknown';
  const same = [...rows().values()].filter(({ terminal }) => terminal === own.terminal);
  return same.find(({ state }) => state.includes('s'))?.pid ?? 'unknown';
}

function holdsOtherEnd(holder: number, pid: number, fd: number): boolean | 'unknown' {
  const [own, held] = [openFiles(pid), openFiles(holder)];
  return own === null || held === null ? 'unknown' : isOtherEndIn(held, own, fd);
}

function fileOf(pid: number, fd: number | string): string | null {
  return fileIn(openFiles(pid) ?? [], fd);
}

/** What `ps` and `lsof` tell. */
export const ps: ProcessTable = {
  untold: ['clock', 'environment', 'lock holder', 'terminal holder'],
  parentOf: (pid) => rowOf(pid)?.parent ?? 'unknown',
  startOf: (pid) => rowOf(pid)?.startedAt ?? 'unknown',
  identityOf: (pid) => rowOf(pid)?.startedAt.toString() ?? 'unknown',
  isIdleForGood: (pid) => /^[TZ]/.test(rowOf(pid)?.state ?? ''),
  workOf: (pid) => {
    const row = rowOf(pid);
    if (row === undefined) return null;
    return { program: row.program, isRunnable: row.state.startsWith('R'), cpuMs: row.cpuMs };
  },
  childrenOf: (pid) => {
    const all = [...rows().values()];
    return all.length === 0 ? 'unknown' : all.flatMap((row) => (row.parent === pid ? row.pid : []));
  },
  programOf: (pid) => rowOf(pid)?.program ?? 'unknown',
  workingFolderOf: () => 'unknown',
  commandLineOf,
  environmentOf,
  terminalOf,
  terminalDeviceOf,
  sessionLeaderOf,
  controllingTerminalOf: (pid) => {
    const row = rowOf(pid);
    if (row === undefined) return 'unknown';
    return row.terminal === null ? 'none' : 'other';
  },
  holdersOfTerminal: () => 'unknown',
  fileOf,
  holdsOtherEnd,
  fileLockHolder: () => null,
  allProcesses: () => 'unknown',
  belongingOf: () => 'unknown',
  bootId: () => null,
  writeError: (pid, text) => {
    const device = terminalDeviceOf(pid);
    if (device === null) throw new Error(`process ${pid} has no terminal`);
    process.getBuiltinModule('node:fs').appendFileSync(device, text);
  },
};
