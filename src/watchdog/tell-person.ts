// Tells the person at a client, when no hook can: on the client's error output, else on that of whoever started it, else on the
// desktop. Rule: never waits, never throws.

import { startDetached } from '../runtime/detached.ts';
import { ancestorsOf, writeError } from '../runtime/processes.ts';

/** Programs above a client that may be the person's: a script, an editor, a shell. */
const MAX_ANCESTORS = 8;
const TITLE = 'Tollgate: something is wrong with a session';

/** Shows a text. */
export function tellPerson(hostPid: number, text: string, env: NodeJS.ProcessEnv): void {
  const pids = [hostPid, ...ancestorsOf(hostPid).slice(0, MAX_ANCESTORS)];
  if (!pids.some((pid) => pid !== 'unknown' && isTold(pid, `\n${text}\n`))) {
    showOnDesktop(text, env);
  }
}

/** False where the system has no such place, it is another person's, or it is a socket: a program that was started by Node hands one on. */
function isTold(pid: number, text: string): boolean {
  try {
    writeError(pid, text);
    return true;
  } catch {
    return false;
  }
}

function showOnDesktop(text: string, env: NodeJS.ProcessEnv): void {
  const { notificationProgram } =
    require('../alerts/desktop.ts') as typeof import('../alerts/desktop.ts');
  const { file, words, variables } = notificationProgram(TITLE, text, process.platform);
  // Where there is no such program, status, doctor and the next prompt tell.
  startDetached(file, words, { env: { ...env, ...variables } });
}
