// The sign that a client has its resident gate: a file named after the client's process, with the server's in it.
// Rule: a sign whose process is gone is no sign; that it cannot be written costs a client its resident gate, no more.
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';

const folderOf = (stateHome: string): string => `${stateHome}/resident`;

/** A plugin's server and one of the settings may serve the same client; each has hooks of its own. */
const fileOf = (stateHome: string, hostPid: number | null, isPlugin: boolean): string =>
  `${folderOf(stateHome)}/${hostPid ?? ''}${isPlugin ? '-plugin' : ''}`;

/** Shows that this process serves a client; call what it returns at the end. */
export function writeHeartbeat(
  stateHome: string,
  hostPid: number | null,
  isPlugin: boolean,
): () => void {
  const file = fileOf(stateHome, hostPid, isPlugin);
  try {
    mkdirSync(folderOf(stateHome), { recursive: true, mode: 0o700 });
    writeFileSync(file, String(process.pid), { mode: 0o600 });
  } catch {
    return () => {};
  }
  return () => {
    try {
      // A server that the client has started meanwhile has put its own sign there.
      if (readFileSync(file, 'utf8') === String(process.pid)) unlinkSync(file);
    } catch {
      // gone already
    }
  };
}

/** Whether a client has its resident gate now. */
export function hasHeartbeat(
  stateHome: string,
  hostPid: number | null,
  isPlugin: boolean,
): boolean {
  try {
    const pid = Number(readFileSync(fileOf(stateHome, hostPid, isPlugin), 'utf8'));
    return Number.isInteger(pid) && pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
