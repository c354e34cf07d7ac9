// Places where Tollgate was installed and its hooks are gone, though nobody has uninstalled it.
import { existsSync } from 'node:fs';
import { readBytes, targetOf } from './files.ts';
import { ourEntries } from './gate-mode.ts';
import { type RecordedPlace, readInstallation } from './installation-record.ts';

/** Their settings files, but for one project's own. A project whose folder is gone is none of them. */
export function unguardedPlaces(stateHome: string, besides: string): readonly string[] {
  const isElsewhere = ({ projectRoot }: RecordedPlace): boolean =>
    projectRoot === null || (projectRoot !== besides && existsSync(projectRoot));
  return readInstallation(stateHome)
    .places.filter((place) => isElsewhere(place) && hasLostHooks(place))
    .map(({ settingsPath }) => settingsPath);
}

function hasLostHooks({ settingsPath, entries }: RecordedPlace): boolean {
  try {
    const text = readBytes(targetOf(settingsPath))?.toString('utf8') ?? '';
    const found = new Set(ourEntries(text).map(({ event }) => event));
    return entries.some(({ event }) => !found.has(event));
  } catch {
    return true; // no settings that could be read
  }
}
