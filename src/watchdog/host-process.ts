// The client as a process: whether it is still the same one, what it has started, and how it is told to stop. Rule: a signal goes only
// to the process that was meant.
import { basename } from 'node:path';
import { statOf } from '../runtime/files.ts';
import {
  allProcesses,
  childrenOf,
  commandLineOf,
  controllingTerminalOf,
  identityOf,
  isAlive,
  isShell,
  mayComeFrom,
  programOf,
} from '../runtime/processes.ts';

/** A process that cannot be mistaken for a later one with its id. */
export interface KnownProcess {
  readonly pid: number;
  /** See `identityOf`. */
  readonly identity: string;
}

/** What a runtime runs is named by its first word, not by its own file; so is a shell's script. */
const RUNTIME = /^(node|bun|deno)(\d|\.|$)/;
/** Ways of starting the client in which it makes no request. */
const NOT_A_SESSION =
  /^(mcp|doctor|update|upgrade|plugin|plugins|config|install|auth|setup-token|migrate-installer|--version|-v|--help|-h)$/;
/** Other programs inside the client's own file, which it runs under their names. */
const OTHER_PROGRAM = /^(rg|ripgrep|ugrep|bfs|fd)$/;
/** No other program is, by chance, as large as a client that holds its own runtime. */
const LARGE_BYTES = 20_000_000;
/** More descendants than that are not looked at. */
const MAX_DESCENDANTS = 500;

/** Whether a process is there, and is the one that was meant. */
export const isThere = ({ pid, identity }: KnownProcess): boolean =>
  isAlive(pid) && identityOf(pid) === identity;

/** Sends a signal; false where the process is gone. */
export function signal(target: KnownProcess, name: NodeJS.Signals): boolean {
  if (!isThere(target)) return false;
  try {
    return process.kill(target.pid, name);
  } catch {
    return false;
  }
}

/**
 * Those that a client may have started and cut off from itself: young, this user's, in its group, with nobody older above, and no terminal,
 * because one in a window that was opened since is a person's. Empty where the system does not tell.
 */
export function createStrayLook(host: KnownProcess): () => readonly KnownProcess[] {
  const program = programOf(host.pid);
  const older = new Set<number>();
  return () => {
    const running = allProcesses();
    if (running === 'unknown') return [];
    const found: KnownProcess[] = [];
    for (const pid of running) {
      if (older.has(pid) || pid === host.pid) continue;
      const identity = identityOf(pid);
      if (Number(identity) <= Number(host.identity)) older.add(pid);
      else if (isClient(pid, program) && isCutOff(pid, host)) found.push({ pid, identity });
    }
    return found;
  };
}

const isCutOff = (pid: number, host: KnownProcess): boolean =>
  controllingTerminalOf(pid) === 'none' && mayComeFrom(pid, [host.pid]);

/** Clients of the same kind that run below a client. Empty also where the system does not tell. */
export function clientsBelow(host: KnownProcess): readonly KnownProcess[] {
  const program = programOf(host.pid);
  const found: KnownProcess[] = [];
  const open = childrenIn(host.pid);
  for (let count = 0; count < MAX_DESCENDANTS; count += 1) {
    const pid = open.pop();
    if (pid === undefined) break;
    open.push(...childrenIn(pid));
    if (isClient(pid, program)) found.push({ pid, identity: identityOf(pid) });
  }
  return found;
}

function childrenIn(pid: number): number[] {
  const found = childrenOf(pid);
  return found === 'unknown' ? [] : [...found];
}

/** Whether a process runs a copy of the client's file: as many bytes, of a file as large as that. */
function isCopy(pid: number, hostProgram: string): boolean {
  const size = sizeOf(programOf(pid));
  return size > LARGE_BYTES && size === sizeOf(hostProgram);
}

const sizeOf = (file: string): number => statOf(file)?.size ?? 0;

function isClient(pid: number, hostProgram: string): boolean {
  const words = commandLineOf(pid);
  if (words === 'unknown' || words.length === 0) return false;
  const program = programOf(pid);
  const isRuntime = RUNTIME.test(basename(program)) || isShell(pid);
  const [own = '', ...rest] = isRuntime ? words.slice(1) : words;
  const isSame = !isRuntime && (program === hostProgram || isCopy(pid, hostProgram));
  if (!isSame && !/(^|[\\/])claude(-code)?(\.exe|\.js)?$|claude-code[\\/]cli\.js$/.test(own))
    return false;
  if (OTHER_PROGRAM.test(basename(own)) && !rest.includes('-p')) return false;
  return !NOT_A_SESSION.test(rest[0] ?? '');
}
