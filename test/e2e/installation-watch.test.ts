// A program that is changed in mid-session, file by file: the hooks that are left say so at the turn's end, with what puts it back.
import { appendFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configure, readLedger } from '../support/guarded.ts';
import { createSandbox } from '../support/sandbox.ts';
import { prompt } from '../support/transcript-lines.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('a stub in the place of one hook, and settings without hooks, are told once', async () => {
  const sandbox = await createSandbox();
  try {
    await configure(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
    const program = join(sandbox.root, 'tollgate');
    cpSync(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(program, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'));
    const init = [join(program, 'dist/cli/main.js'), 'init', '--yes', '--scope', 'local'];
    const done = await sandbox.run(process.execPath, init, { timeoutMs: 120_000 });
    expect(done.exitCode, done.stderr).toBe(0);
    const transcript_path = join(sandbox.home, 's1.jsonl');
    writeFileSync(transcript_path, prompt('t1'));
    const say = async (event: string, file: string) => {
      const stdin = JSON.stringify({
        ...{ session_id: 's1', transcript_path, cwd: sandbox.repo, prompt_id: 'p1' },
        ...{ hook_event_name: event, prompt: 'go', source: 'startup' },
      });
      const hook = join(program, 'dist/hooks', file);
      const { stdout } = await sandbox.run(process.execPath, [hook], { stdin });
      return stdout === '' ? '' : String(JSON.parse(stdout).systemMessage ?? '');
    };
    expect(await say('SessionStart', 'session-start.cjs')).not.toContain('not what was installed');
    const stubbed = join(program, 'dist/hooks/pre-tool-use.cjs');
    writeFileSync(stubbed, 'process.exit(0);\n');
    const told = await say('Stop', 'stop.cjs');
    expect(told).toContain(`${stubbed} changed without an upgrade`);
    expect(told).toContain('tollgate init');
    expect(await say('UserPromptSubmit', 'user-prompt-submit.cjs')).not.toContain('changed');
    const settings = join(sandbox.repo, '.claude/settings.local.json');
    appendFileSync(settings, '\n');
    expect(await say('Stop', 'stop.cjs')).not.toContain('not what was installed');
    const text = readFileSync(settings, 'utf8').replaceAll('pre-tool-use', 'pre-tool-use2');
    writeFileSync(settings, text);
    expect(await say('Stop', 'stop.cjs')).toContain('tollgate init --repair');
    expect(readLedger(sandbox).decisions.flatMap(({ codes }) => codes)).toEqual([
      'INSTALLATION_CHANGED',
      'INSTALLATION_CHANGED',
    ]);
  } finally {
    await sandbox.cleanup();
  }
});
