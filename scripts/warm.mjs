// Makes V8's code caches of what was just built, by running it once over sample transcripts: the first hook and the
// first report on a machine then need not compile. Rule: only a shortcut; a build without them works the same.
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
    const run = (file, words, input = '') =>
      spawnSync(process.execPath, [join(dist, file), ...words], { cwd: home, env, input });
    for (const words of [['sync'], ['report'], ['status']]) run('cli/main.js', words);
    const transcript = readdirSync(projects, { recursive: true }).find((name) =>
      name.endsWith('.jsonl'),
    );
    const event = {
      hook_event_name: 'PreToolUse',
      session_id: 'sample',
      transcript_path: join(projects, transcript),
      cwd: home,
      tool_name: 'Bash',
      tool_input: { command: 'ls' },
      tool_use_id: 'toolu_sample',
    };
    // A ledger of its own, which has not read the transcript yet.
    env.TOLLGATE_HOME = join(home, 'hook-state');
    run('hooks/pre-tool-use.cjs', [], JSON.stringify(event));
    for (const made of [state, env.TOLLGATE_HOME]) {
      const caches = join(made, 'code-cache');
      if (!existsSync(caches)) continue;
      mkdirSync(join(dist, 'code-cache'), { recursive: true });
      for (const name of readdirSync(caches)) {
        const to = join(dist, 'code-cache', name);
        copyFileSync(join(caches, name), to);
        chmodSync(to, 0o644);
      }
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
