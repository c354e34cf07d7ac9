// Folders of Claude Code on the Windows around a WSL: one person, two homes, and each system counts its own only.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { localPath, type PathSystem } from '../../../runtime/local-path.ts';

const WINDOWS_HOMES = 'C:\\Users';

/** Those with transcripts in them; none where this is no WSL, or its drives cannot be read. */
export function otherHomes(system: PathSystem): readonly string[] {
  const homes = system.wslName === null ? null : localPath(WINDOWS_HOMES, system);
  if (homes === null) return [];
  return namesIn(homes)
    .map((name) => join(homes, name, '.claude'))
    .filter((folder) => existsSync(join(folder, 'projects')));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not mounted, or not ours to see
  }
}
