// A pass as it lies in the state folder between two hooks of a session, with everything else that a decision went by: what
// the environment and the event said, and how every file that was read looked. Rule: whoever finds anything else than
// it says has no pass; a pass that cannot be written costs time, nothing else.
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AgentEvent } from '../../agents/agent.ts';
import type { Pass } from '../../domain/decision-lease.ts';
import { DAY_MS, type EpochMs } from '../../domain/time.ts';
import type { KeptPass } from '../../gate/lease.ts';
import type { PassGrounds } from '../../gate/lease-pricing.ts';
import { VERSION } from '../../runtime/version.ts';

/** Raised whenever the shape changes, or what a pass goes by. */
const LEASE_FILE_VERSION = 1;

/** A file that changed so shortly before may change once more and look the same. */
const SETTLED_MS = 1_000;

/** What of the environment a decision, and the labels of what it records, go by. */
const VARIABLES = [
  ...['HOME', 'XDG_CONFIG_HOME', 'CLAUDE_CONFIG_DIR', 'CLAUDE_PROJECT_DIR', 'CLAUDE_PID', 'TZ'],
  ...['GIT_CONFIG_GLOBAL', 'GITHUB_REF', 'TOLLGATE_LABELS', 'TOLLGATE_RUN_ID'],
];

/** The file's content. */
interface PassRecord extends KeptPass {
  readonly key: string;
  /** Path and look, in pairs. */
  readonly looks: readonly (readonly [path: string, look: string])[];
}

/** Where a session's pass is; `null` for an id that is no file's name. */
export function passFileOf(stateHome: string, sessionId: string): string | null {
  const isName = sessionId.length < 128 && !sessionId.includes('/') && !sessionId.includes('\\');
  return isName ? `${stateHome}/passes/${sessionId}.json` : null;
}

/** Reads a pass; `null` where it is none for this event, or something it went by is not what it was. */
export function parsePass(
  text: string,
  event: AgentEvent,
  env: NodeJS.ProcessEnv,
): KeptPass | null {
  const record = JSON.parse(text) as PassRecord;
  if (record.key !== keyOf(event, env)) return null;
  const isSame = record.looks.every(([path, look]) => {
    if (look === ABSENT) return !existsSync(path);
    return look === FOLDER ? existsSync(path) : seen(path).look === look;
  });
  return isSame ? record : null;
}

/** What a pass goes by beside files. */
function keyOf(event: AgentEvent, env: NodeJS.ProcessEnv): string {
  const { sessionId, transcriptPath, cwd, agentType } = event;
  const said = VARIABLES.map((name) => env[name] ?? null);
  return JSON.stringify([
    LEASE_FILE_VERSION,
    VERSION,
    sessionId,
    transcriptPath,
    cwd,
    agentType,
    ...said,
  ]);
}

/** Where there is nothing, and where there is a folder: what matters of it has paths of its own. */
const ABSENT = '';
const FOLDER = '/';

/** How a path looks, and when it changed last. */
function seen(path: string): { readonly look: string; readonly changedAt: EpochMs } {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return { look: ABSENT, changedAt: 0 };
    const { ino, size, ctimeMs } = stat;
    const isFolder = (stat.mode & constants.S_IFMT) === constants.S_IFDIR;
    return isFolder
      ? { look: FOLDER, changedAt: 0 }
      : { look: `${ino} ${size} ${ctimeMs}`, changedAt: ctimeMs };
  } catch (error) {
    return { look: String((error as NodeJS.ErrnoException).code), changedAt: 0 };
  }
}

/** What is kept of a decision. */
interface PassToKeep {
  readonly pass: Pass;
  readonly event: AgentEvent;
  /** `null`: it cannot be recorded with. */
  readonly grounds: PassGrounds | null;
  /** Every file that was looked at, whether or not it was there; `null`: nobody can say. */
  readonly paths: readonly string[] | null;
  /** Before any of them was read. */
  readonly startedAt: EpochMs;
}

/**
 * Keeps a pass, in the place of the one before it; where that cannot be, none is there any more. Whoever reads meanwhile
 * finds a text that cannot be parsed, which is none.
 */
export function writePass(
  stateHome: string,
  { paths, pass, event, grounds, startedAt }: PassToKeep,
  env: NodeJS.ProcessEnv,
): void {
  const file = passFileOf(stateHome, event.sessionId);
  const looks = paths === null ? null : looksOf(paths, startedAt);
  if (file === null) return;
  if (looks === null || grounds === null) {
    dropFile(file);
    return;
  }
  const record: PassRecord = { ...grounds, key: keyOf(event, env), looks, pass };
  try {
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(file, 'w', 0o600);
    try {
      writeSync(handle, JSON.stringify(record));
    } finally {
      closeSync(handle);
    }
  } catch {
    dropFile(file); // what was written of it is no pass
  }
}

/** How every path looks; `null` where one of them may have changed since it was read, or just before. */
function looksOf(paths: readonly string[], readAt: EpochMs): PassRecord['looks'] | null {
  const looks = new Map<string, string>();
  for (const path of paths) {
    if (looks.has(path)) continue;
    const { look, changedAt } = seen(path);
    if (changedAt > readAt - SETTLED_MS) return null;
    looks.set(path, look);
  }
  return [...looks];
}

/** Drops the pass of a session that begins or ends: it may go on from another one now. Old ones go with it. */
export function dropPass(stateHome: string, sessionId: string, now: EpochMs): void {
  const own = passFileOf(stateHome, sessionId);
  if (own === null || !existsSync(dirname(own))) return;
  dropFile(own);
  try {
    for (const name of readdirSync(dirname(own))) {
      const file = `${dirname(own)}/${name}`;
      if (seen(file).changedAt < now - DAY_MS) dropFile(file);
    }
  } catch {
    // no folder, or not ours to read
  }
}

/** Drops a session's pass, if it has one. */
export function dropStale(stateHome: string, sessionId: string): void {
  const file = passFileOf(stateHome, sessionId);
  if (file !== null && existsSync(file)) dropFile(file);
}

function dropFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // not there, or not ours to drop: whoever reads it finds that it does not hold
  }
}
