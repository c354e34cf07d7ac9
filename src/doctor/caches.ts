// Cache files in the state folder that no program uses any more: each update leaves its own behind.
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../domain/time.ts';
import type { Check } from './check.ts';

const FOLDERS = ['code-cache', 'config-cache'];
const UNUSED_MS = 30 * DAY_MS;

export const caches: Check = {
  name: 'caches',
  run: ({ stateHome: path, now }) => {
    const count = staleFiles(path, now).length;
    return {
      summary: count === 0 ? 'none stale' : `${count} stale`,
      facts: { staleCount: count },
      findings: count === 0 ? [] : [{ code: 'STALE_CACHES', path, values: { count } }],
    };
  },
  fix: (_finding, { stateHome, now }) => {
    const stale = staleFiles(stateHome, now);
    for (const file of stale) unlinkSync(file);
    return `${stale.length} stale cache files were removed`;
  },
};

function staleFiles(stateHome: string, now: number): string[] {
  return FOLDERS.flatMap((name) => filesIn(join(stateHome, name))).filter((file) => {
    const { atimeMs, mtimeMs } = statSync(file);
    return Math.max(atimeMs, mtimeMs) < now - UNUSED_MS;
  });
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return []; // no cache yet
  }
}
