// What a system can be asked about its processes. Rule: what it cannot tell is 'unknown' (or `null`), never "nothing", and is
// named in `untold`.
import type { EpochMs } from '../../domain/time.ts';

/** What a process does. */
export interface ProcessWork {
  /** Its name as the system has it. */
  readonly program: string;
  /** It runs, or waits for a processor only. */
  readonly isRunnable: boolean;
  /** How long it has had a processor. */
  readonly cpuMs: number;
}

/** Something that a system does not tell of its processes. */
export type Untold =
  | 'clock'
  | 'environment'
  | 'files'
  | 'identity'
  | 'keyboard'
  | 'lock holder'
  | 'nested clients'
  | 'terminal holder';

export interface ProcessTable {
  /** What is not to be had here, for `tollgate doctor`. */
  readonly untold: readonly Untold[];
  readonly parentOf: (pid: number) => number | 'unknown';
  /** When the process began. */
  readonly startOf: (pid: number) => EpochMs | 'unknown';
  /** Tells a process from an earlier one with the same id, whatever the clock does. */
  readonly identityOf: (pid: number) => string | 'unknown';
  /** Whether the process was stopped (SIGSTOP) or is a zombie: it does nothing. */
  readonly isIdleForGood: (pid: number) => boolean;
  /** What a process does and has done; `null` where it is gone or the system does not tell. */
  readonly workOf: (pid: number) => ProcessWork | null;
  /** All that run. */
  readonly allProcesses: () => readonly number[] | 'unknown';
  readonly childrenOf: (pid: number) => readonly number[] | 'unknown';
  /** The file that the process runs. */
  readonly programOf: (pid: number) => string | 'unknown';
  /** The folder the process is in. */
  readonly workingFolderOf: (pid: number) => string | 'unknown';
  /** The words the process was started with. */
  readonly commandLineOf: (pid: number) => readonly string[] | 'unknown';
  /** The environment the process was started with, as `NAME=value` with NUL bytes between. */
  readonly environmentOf: (pid: number) => string | 'unknown';
  /** When the process's terminal was last read from; 'none': it has none. */
  readonly terminalOf: (pid: number) => { readonly readAt: EpochMs } | 'none' | 'unknown';
  /** The device of the terminal a process runs in; `null`: it has none, or the system does not tell. */
  readonly terminalDeviceOf: (pid: number) => string | null;
  /** The process that leads the session of `pid`, itself perhaps; 'unknown' also where it is outside of this container. */
  readonly sessionLeaderOf: (pid: number) => number | 'unknown';
  /** The process's own terminal: its number among the pseudo-terminals, `other` for one of another kind. */
  readonly controllingTerminalOf: (pid: number) => number | 'other' | 'none' | 'unknown';
  /** The processes that hold the other end of a pseudo-terminal, as far as this user may look. */
  readonly holdersOfTerminal: (number: number) => readonly number[] | 'unknown';
  /** What a process has open under a number: a path, `socket:[…]` or `pipe:[…]`; `null`: nothing, or not told. */
  readonly fileOf: (pid: number, fd: number | string) => string | null;
  /** Whether a process holds the other end of the pipe or socket that another has open under a number. */
  readonly holdsOtherEnd: (holder: number, pid: number, fd: number) => boolean | 'unknown';
  /** Who holds the write lock on a byte of a file; `null`: nobody, or not told. */
  readonly fileLockHolder: (inode: number, byte: number) => number | null;
  /** Whose a process is, and the group that the system keeps it in whatever it starts or leaves: a login, a window, a service. */
  readonly belongingOf: (
    pid: number,
  ) => { readonly user: number; readonly group: string } | 'unknown';
  /** Changes with each start of the machine; `null`: not told. */
  readonly bootId: () => string | null;
  /** Writes to another process's error output. Throws where that cannot be done. */
  readonly writeError: (pid: number, text: string) => void;
}
