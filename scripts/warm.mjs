// Makes V8's code caches of the command line that was just built, by running it once over sample transcripts: the first
// sync and the first report on a machine then need not compile. Rule: only a shortcut; a build without them works the
// same. Hooks make their own: a cache of what other events ran is slower to load than it saves.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `dist` is a build, `transcripts` a folder of sessions; without one nothing is made. */
export function warm(dist, transcripts) {
  if (!existsSync(transcripts)) return;
  const home = mkdtempSync(join(tmpdir(), 'tollgate-build-'));
  try {
    const projects = join(home, '.claude', 'projects');
    cpSync(transcripts, projects, { recursive: true });
    const state = join(home, 'state');
    const env = { HOME: home, PATH: process.env.PATH, TOLLGATE_HOME: state, TOLLGATE_GH: 'off' };
    for (const command of ['sync', 'report', 'status']) {
      spawnSync(process.execPath, [join(dist, 'cli/main.js'), command], { cwd: home, env });
    }
    const caches = join(state, 'code-cache');
    if (!existsSync(caches)) return;
    mkdirSync(join(dist, 'code-cache'), { recursive: true });
    for (const name of readdirSync(caches)) {
      const to = join(dist, 'code-cache', name);
      copyFileSync(join(caches, name), to);
      chmodSync(to, 0o644);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
