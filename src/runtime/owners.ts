// Whose files may be believed. Windows has no such owners: every file counts as one's own there.
import { statSync } from 'node:fs';

/**
 * Whether a file of this user id is this user's, or belongs to whoever owns the home folder: in a container root often
 * works in another user's home, and who owns that home can change the settings too.
 */
export function isOwnUid(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid() || uid === homeOwner();
}

function homeOwner(): number | null {
  const home = process.env.HOME;
  if (!home) return null;
  try {
    return statSync(home, { throwIfNoEntry: false })?.uid ?? null;
  } catch {
    return null; // a folder on the way that this user may not enter
  }
}
