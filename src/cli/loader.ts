#!/usr/bin/env node
// Becomes `dist/cli/main.js`: loads the command line, from V8's code cache for commands that are run again and again. The
// build puts the command line itself beside it.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stateHome } from '../config/paths.ts';
import { cacheFileOf, compileFile } from '../runtime/code-cache.ts';

/** Names the command line's code; put in by the build. */
declare const CLI_FINGERPRINT: string;

/** Commands that people or their editors wait for. */
const KEPT: ReadonlySet<string> = new Set(['report', 'status', 'statusline', 'why', 'sync']);

const named = process.argv[2] ?? '';
const home = stateHome(process.env);
// Each of these commands compiles its own part of the code; all others share one cache. The build has made some.
const cachesOf = (name: string): [string, string] => {
  const inState = cacheFileOf(home, `${name}-${CLI_FINGERPRINT}`);
  return [inState, join(__dirname, '..', 'code-cache', basename(inState))];
};
// The first sync of a machine has all transcripts to read; one that reads nothing needs no threads.
if (named === 'sync' && !existsSync(join(home, 'ledger.db'))) {
  const { startScanThreads } =
    require('../ingest/sync/start-threads.ts') as typeof import('../ingest/sync/start-threads.ts');
  startScanThreads(join(__dirname, '..', 'scan-worker.cjs'));
}
const commandLine = compileFile(
  join(__dirname, 'tollgate.cjs'),
  cachesOf(KEPT.has(named) ? named : 'cli'),
  cachesOf('sync'),
);
commandLine.run(require);
if (commandLine.isCold) {
  process.once('exit', (code) => {
    // Nothing is left behind where there is no ledger, and nothing half of a command that failed.
    if (code === 0 && existsSync(join(home, 'ledger.db'))) commandLine.remember();
  });
}
