// The front end's files, as the build has put them beside the program. Rule: read once, by name; no address names a path.
import { readFileSync } from 'node:fs';
import type { WebFile } from '../../dashboard/dashboard.ts';
import { builtFile } from '../../runtime/built-file.ts';

const TYPES: Readonly<Record<string, string>> = {
  '/index.html': 'text/html; charset=utf-8',
  '/app.js': 'text/javascript; charset=utf-8',
  '/app.css': 'text/css; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
};

export function readWebFiles(): ReadonlyMap<string, WebFile> {
  return new Map(
    Object.entries(TYPES).map(([name, type]) => [
      name,
      { type, body: readFileSync(builtFile(`dashboard${name}`)) },
    ]),
  );
}
