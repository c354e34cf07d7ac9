// A program that is changed in mid-session, file by file: the hooks that are left say so at the turn's end, with what puts it back.
import { appendFileSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configure, readLedger } from '../support/guarded.ts';
import { createSandbox, type RunResult } from '../support/sandbox.ts';
import { prompt } from '../support/transcript-lines.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What `--repair` says and does about settings that were changed. */
async function repair(
  settings: string,
  changed: string,
  cli: (...words: readonly string[]) => Promise<RunResult>,
): Promise<void> {
  const asked = await cli('init', '--repair');
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
  const shown = await cli('init', '--repair', '--dry-run');
  expect([shown.exitCode, shown.stdout]).toEqual([0, '']);
  expect(shown.stderr).toContain(`${settings}`);
  expect(shown.stderr).toContain('tollgate: nothing was changed\n');
  expect(readFileSync(settings, 'utf8')).toBe(changed);
  const { stdout } = await cli('init', '--repair', '--yes', '--json');
  const { schema, faults, repaired, launcher } = JSON.parse(stdout);
  expect({ schema, launcher }).toEqual({ schema: 'tollgate/repair@1', launcher: null });
  expect(new Set(faults.map(({ file }: { file: string }) => file))).toEqual(new Set([settings]));
  expect(repaired).toMatchObject([{ file: settings, how: 'mended' }]);
  expect(readFileSync(repaired[0].keptIn, 'utf8')).toBe(changed);
  const mended = readFileSync(settings, 'utf8');
  expect(mended).toMatch(/pre-tool-use\b/);
  expect((await cli('init', '--repair', '--yes')).stdout).toBe(
    'The hooks are as they were installed; there is nothing to repair.\n',
  );
  rmSync(settings);
  const back = await cli('init', '--repair', '--yes');
  expect(back.stdout).toBe(`${settings} has the bytes it was installed with again.\n`);
  expect(readFileSync(settings, 'utf8')).toBe(mended);
}

test('a stub in the place of one hook, and settings without hooks, are told once', async () => {
  const sandbox = await createSandbox();
  try {
    await configure(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
    const program = join(sandbox.root, 'tollgate');
    cpSync(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(program, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'));
    const cli = (...words: readonly string[]) =>
      sandbox.run(process.execPath, [join(program, 'dist/cli/main.js'), ...words], {
        timeoutMs: 120_000,
      });
    const done = await cli('init', '--yes', '--scope', 'local');
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
    await repair(settings, text, cli);
  } finally {
    await sandbox.cleanup();
  }
});
