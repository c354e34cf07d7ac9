// One answer for an event that two installations of Tollgate answer at the same time: a plugin and a settings file, say.
// Rule: an answer is dropped only where another installation has given one of the same kind for the same event; who was
// first always answers again, and where nothing can be remembered both answer.
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { AgentEvent } from '../agents/agent.ts';
import { textHash } from '../domain/text-hash.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** `closes`: nothing goes on. `remark`: something is said. `command`: a command of a person is carried out. */
export type AnswerKind = 'closes' | 'remark' | 'command';

/** Hooks of one event run at the same time, ten seconds at most; an event without an id may come again later. */
const SAME_EVENT_MS = 15 * SECOND_MS;

const folderOf = (stateHome: string): string => `${stateHome}/answered`;

/**
 * Whether an installation gives its answer. `installation` names it: the program that Claude Code started.
 * Where two answer, the first one does.
 */
export function isFirstToAnswer(
  event: AgentEvent,
  kind: AnswerKind,
  stateHome: string,
  installation: string,
): boolean {
  const file = `${folderOf(stateHome)}/${nameOf(event, kind)}`;
  try {
    mkdirSync(folderOf(stateHome), { recursive: true, mode: 0o700 });
    const handle = openSync(file, 'wx', 0o600);
    try {
      writeSync(handle, installation);
    } finally {
      closeSync(handle);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
  }
  return isOwnOrOld(file, installation);
}

function isOwnOrOld(file: string, installation: string): boolean {
  try {
    const isOld = Date.now() - statSync(file).mtimeMs > SAME_EVENT_MS;
    if (isOld) writeFileSync(file, installation, { mode: 0o600 });
    return isOld || readFileSync(file, 'utf8') === installation;
  } catch {
    return true;
  }
}

/** Removes what is no longer needed; for the beginning or the end of a session. */
export function forgetAnswers(stateHome: string): void {
  const folder = folderOf(stateHome);
  try {
    for (const name of readdirSync(folder)) {
      const file = `${folder}/${name}`;
      if (statSync(file).mtimeMs < Date.now() - MINUTE_MS) unlinkSync(file);
    }
  } catch {
    // No folder yet, or a file that another process removed.
  }
}

/** What makes the event one of its kind, and the same for each installation. */
function nameOf(event: AgentEvent, kind: AnswerKind): string {
  const { moment, sessionId, agentId, turnId, tool, toolUseIds, source, prompt } = event;
  // A resident gate is told less of a tool call than a command hook is.
  const what = tool?.useId || toolUseIds.join() || [turnId, source, prompt];
  return textHash(JSON.stringify([kind, moment, sessionId, agentId, what]))
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('');
}
