// `tollgate doctor` and `tollgate drill` on a real installation, healthy and broken in one way at a time.
import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate, tollgateOk } from '../support/tollgate.ts';
import { writeTranscript } from '../support/transcript.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  await tollgateOk(sandbox, ['init', '--yes', '--session-hard', '5']);
});
afterEach(() => sandbox.cleanup());

const inRepo = (name: string) => join(sandbox.repo, '.claude', name);
const LAUNCHER = 'tollgate-hook.cjs';

interface Report {
  readonly schema: string;
  readonly isFine: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly findings: readonly { readonly code: string; readonly severity: string }[];
    readonly fixed: readonly string[];
  }[];
}

/** The codes of errors and warnings, the exit code, and what was mended. */
async function examine(...options: string[]) {
  const run = await tollgate(sandbox, ['doctor', '--json', ...options]);
  const report = JSON.parse(run.stdout) as Report;
  const findings = report.checks.flatMap((each) => each.findings);
  const codes = findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code);
  expect(report.schema).toBe('tollgate/doctor@1');
  expect(report.isFine).toBe(codes.length === 0);
  return {
    codes: [...new Set(codes)],
    exitCode: run.exitCode,
    fixed: report.checks.flatMap((each) => each.fixed),
  };
}

async function fireDrill() {
  const run = await tollgate(sandbox, ['drill', '--json']);
  const { schema, isClosed, openEvents, hooks } = JSON.parse(run.stdout) as {
    schema: string;
    isClosed: boolean;
    openEvents: string[];
    hooks: { event: string; closes: boolean; exitCode: number }[];
  };
  expect(schema).toBe('tollgate/drill@1');
  return { isClosed, openEvents, hooks, exitCode: run.exitCode };
}

describe('doctor', { timeout: 120_000 }, () => {
  test('a healthy installation is fine, and looking changes nothing', async () => {
    expect(await examine()).toEqual({ codes: [], exitCode: 0, fixed: [] });
    expect(await tollgateOk(sandbox, ['status', '--json'])).toContain('"sessions": []');
  });

  test('the hook file is gone: found, and mended on request', async () => {
    rmSync(inRepo(LAUNCHER));
    expect(await examine()).toMatchObject({ codes: ['HOOK_FILE_MISSING'], exitCode: 1 });
    expect(await examine('--fix')).toMatchObject({ codes: [], exitCode: 0 });
    expect(statSync(inRepo(LAUNCHER)).isFile()).toBe(true);
  });

  test('the hook file does not run', async () => {
    writeFileSync(inRepo(LAUNCHER), 'throw new Error("broken")');
    expect(await examine()).toMatchObject({ codes: ['HOOK_FAILED'], exitCode: 1 });
  });

  test('disableAllHooks', async () => {
    writeFileSync(inRepo('settings.local.json'), '{"disableAllHooks":true}');
    expect(await examine()).toMatchObject({ codes: ['HOOKS_DISABLED'], exitCode: 1 });
  });

  test('comments in the settings', async () => {
    const text = await sandbox.run('cat', [inRepo('settings.json')]);
    writeFileSync(inRepo('settings.json'), `// ours\n${text.stdout}`);
    expect(await examine()).toMatchObject({ codes: ['SETTINGS_SKIPPED'], exitCode: 1 });
  });

  test('nothing is installed', async () => {
    rmSync(inRepo('settings.json'));
    expect(await examine()).toMatchObject({ codes: ['HOOKS_NOT_INSTALLED'], exitCode: 1 });
  });

  test('the same hooks in two scopes', async () => {
    await tollgateOk(sandbox, ['init', '--yes', '--scope', 'user']);
    expect(await examine()).toMatchObject({ codes: ['DOUBLE_INSTALLATION'], exitCode: 1 });
  });

  test('an unreadable ledger', async () => {
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(sandbox.tollgateHome, `ledger.db${suffix}`), { force: true });
    }
    writeFileSync(join(sandbox.tollgateHome, 'ledger.db'), 'no database'.repeat(200), {
      mode: 0o600,
    });
    const { codes, exitCode } = await examine();
    expect({ damaged: codes.includes('LEDGER_DAMAGED'), exitCode }).toEqual({
      damaged: true,
      exitCode: 1,
    });
  });

  test('a ledger that others may read: found, and mended on request', async () => {
    chmodSync(join(sandbox.tollgateHome, 'ledger.db'), 0o644);
    expect(await examine()).toMatchObject({ codes: ['LEDGER_PERMISSIONS'], exitCode: 1 });
    chmodSync(join(sandbox.tollgateHome, 'ledger.db'), 0o644);
    expect(await examine('--fix')).toMatchObject({ codes: [], exitCode: 0 });
    expect(statSync(join(sandbox.tollgateHome, 'ledger.db')).mode & 0o777).toBe(0o600);
  });

  test('a mistaken configuration', async () => {
    writeFileSync(inRepo('tollgate.json'), '{"budgets":[{"id":"session","hard":5.00}]}');
    expect(await examine()).toMatchObject({ codes: ['CONFIG_MISTAKE'], exitCode: 1 });
  });

  test('a session that never ran a hook; one that did is fine', async () => {
    const transcript = writeTranscript(sandbox, 'aaaa0001-0000-4000-8000-000000000001');
    transcript.prompt('p-1', Date.now() + 1_000);
    expect(await examine()).toMatchObject({ codes: ['SESSIONS_WITHOUT_EVENTS'], exitCode: 1 });
    const event = { session_id: transcript.sessionId, transcript_path: transcript.path };
    await runHook(
      sandbox,
      'UserPromptSubmit',
      { ...event, prompt: 'go' },
      { CLAUDE_PID: String(process.pid) },
    );
    expect(await examine()).toMatchObject({ codes: [], exitCode: 0 });
  });

  test('a session of another repository is none of this installation', async () => {
    const elsewhere = { home: sandbox.home, repo: sandbox.home };
    writeTranscript(elsewhere, 'bbbb0001-0000-4000-8000-000000000001').prompt(
      'p-1',
      Date.now() + 1_000,
    );
    expect(await examine()).toMatchObject({ codes: [], exitCode: 0 });
  });
});

describe('drill', { timeout: 120_000 }, () => {
  test('the gate closes at every gate, and nothing is left of it in the ledger', async () => {
    const drilled = await fireDrill();
    expect(drilled).toMatchObject({ isClosed: true, openEvents: [], exitCode: 0 });
    expect(drilled.hooks.map(({ event, closes, exitCode }) => [event, closes, exitCode])).toEqual([
      ['UserPromptSubmit', true, 2],
      ['PreToolUse', true, 2],
      ['PostToolUse', true, 2],
    ]);
    expect(await tollgateOk(sandbox, ['status', '--json'])).toContain('"sessions": []');
  });

  test('the gate closes in the shell form of older clients', async () => {
    const { stdout } = await sandbox.run('cat', [inRepo('settings.json')]);
    const settings = JSON.parse(stdout) as {
      hooks: Record<string, { hooks: { command: string; args?: string[] }[] }[]>;
    };
    for (const [hook] of Object.values(settings.hooks).flatMap((groups) =>
      groups.map((group) => group.hooks),
    )) {
      if (hook?.args === undefined) throw new Error('every hook is one command with arguments');
      const [file, ...rest] = hook.args;
      hook.command = [hook.command, `"${file}"`, ...rest].join(' ');
      delete hook.args;
    }
    writeFileSync(inRepo('settings.json'), JSON.stringify(settings));
    expect(await fireDrill()).toMatchObject({ isClosed: true, exitCode: 0 });
  });

  test.each([
    ['removed', () => rmSync(inRepo('settings.json'))],
    ['disabled', () => writeFileSync(inRepo('settings.local.json'), '{"disableAllHooks":true}')],
  ])('it is open where the hooks are %s', async (_what, breakIt) => {
    breakIt();
    expect(await fireDrill()).toMatchObject({
      isClosed: false,
      openEvents: ['UserPromptSubmit', 'PreToolUse', 'PostToolBatch'],
      hooks: [],
      exitCode: 2,
    });
  });

  test('it is open where a hook only pretends to run', async () => {
    writeFileSync(inRepo(LAUNCHER), '');
    const { isClosed, hooks, exitCode } = await fireDrill();
    expect({ isClosed, exitCode }).toEqual({ isClosed: false, exitCode: 2 });
    expect(hooks.map(({ closes }) => closes)).toEqual([false, false, false]);
  });
});
