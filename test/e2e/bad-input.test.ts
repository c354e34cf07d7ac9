// What goes wrong says so, with a path and a hint, and by default stops the agent rather than letting it
// spend unseen. Real files, real hook processes.
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { runGuarded, tollgate, tollgateOk } from '../support/tollgate.ts';

const HOOKS = join(import.meta.dirname, '..', '..', 'dist', 'hooks');
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await createSandbox();
  await tollgateOk(sandbox, ['init', '--yes', '--session-soft', '0.05', '--session-hard', '0.10']);
});
afterEach(() => sandbox.cleanup());

const ledger = () => join(sandbox.tollgateHome, 'ledger.db');

function hook(name: string, event: Record<string, unknown>) {
  return sandbox.run(process.execPath, [join(HOOKS, `${name}.cjs`)], {
    stdin: JSON.stringify({ session_id: 's1', cwd: sandbox.repo, ...event }),
  });
}

const askForTool = () =>
  hook('pre-tool-use', {
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_use_id: 't1',
    tool_input: { command: 'ls' },
  });

describe('a ledger that cannot be used halts, and says how to mend it', () => {
  const damages: Readonly<Record<string, { damage: () => void; says: RegExp }>> = {
    'written by a newer Tollgate': {
      damage: () => {
        const db = new Database(ledger());
        db.pragma('user_version = 9999');
        db.close();
      },
      says: /newer Tollgate.*update Tollgate/s,
    },
    'a folder in its place': {
      damage: () => {
        for (const suffix of ['', '-wal', '-shm']) rmSync(ledger() + suffix, { force: true });
        mkdirSync(ledger());
      },
      says: /not a plain file/,
    },
  };

  test.each(Object.entries(damages))('%s', async (_name, { damage, says }) => {
    damage();
    const tool = await askForTool();
    expect(tool.exitCode).toBe(2);
    const said = JSON.parse(tool.stdout) as { continue: boolean; systemMessage: string };
    expect(said.continue).toBe(false);
    expect(said.systemMessage).toMatch(says);
    const prompt = await hook('user-prompt-submit', {
      hook_event_name: 'UserPromptSubmit',
      prompt: 'go',
    });
    expect(prompt.exitCode).toBe(2);
    expect(JSON.parse(prompt.stdout)).toMatchObject({ decision: 'block' });
    const status = await tollgate(sandbox, ['status']);
    expect(status.exitCode).toBe(2);
    expect(status.stderr).toMatch(/hint: /);
  });
});

test('with onFailure warn the agent goes on, and the person is told each time', async () => {
  writeFileSync(
    join(sandbox.repo, '.claude', 'tollgate.json'),
    JSON.stringify({ onFailure: 'warn', budgets: [{ id: 'session', hard: '0.10' }] }),
  );
  const db = new Database(ledger());
  db.pragma('user_version = 9999');
  db.close();
  for (let time = 0; time < 2; time += 1) {
    const tool = await askForTool();
    expect(tool.exitCode).toBe(0);
    expect(JSON.parse(tool.stdout)).toMatchObject({
      systemMessage: expect.stringContaining('newer'),
    });
  }
});

test('an event of many pipes full of letters is read to its end', async () => {
  const { stdout } = await hook('pre-tool-use', {
    hook_event_name: 'PreToolUse',
    tool_name: 'Write',
    tool_use_id: 't1',
    tool_input: { content: 'ä€'.repeat(60_000), file_path: ledger() },
  });
  expect(JSON.parse(stdout)).toMatchObject({
    hookSpecificOutput: { permissionDecision: 'deny' },
  });
});

test('an event that cannot be read halts', async () => {
  for (const stdin of ['', '{', '[]', '{"hook_event_name":"PreToolUse"}', '{"session_id":"s"}']) {
    const run = await sandbox.run(process.execPath, [join(HOOKS, 'pre-tool-use.cjs')], { stdin });
    expect(run.exitCode, stdin).toBe(2);
    expect(JSON.parse(run.stdout), stdin).toMatchObject({ continue: false });
  }
});

test('a wrong dollar amount is named with file, line and remedy; the last good ceiling holds', async () => {
  await askForTool();
  const file = join(sandbox.repo, '.claude', 'tollgate.json');
  writeFileSync(file, '{\n  "budgets": [\n    { "id": "session", "hard": "ten" }\n  ]\n}\n');
  const config = await tollgate(sandbox, ['config']);
  expect(config.exitCode).toBe(2);
  expect(config.stderr).toContain(`${file}:3:`);
  expect(config.stderr).toContain('budgets[0].hard');
  const prompt = await hook('user-prompt-submit', {
    hook_event_name: 'UserPromptSubmit',
    prompt: 'go',
  });
  expect(prompt.exitCode).toBe(0);
  expect(prompt.stdout).toContain('budgets[0].hard');
  expect(prompt.stdout).toContain('last configuration without mistakes holds');
});

const withConfig = (text: string) =>
  writeFileSync(join(sandbox.repo, '.claude', 'tollgate.json'), text);

/** Nothing is known any more of what `init` wrote and a person accepted with it. */
const forgetAccepted = () => {
  for (const folder of [sandbox.tollgateHome, join(sandbox.home, '.config', 'tollgate')]) {
    for (const name of readdirSync(folder)) {
      if (/^(config-cache|ledger)/.test(name)) rmSync(join(folder, name), { recursive: true });
    }
  }
};

test('a ceiling that cannot be read, with none from before, halts prompts and tools', async () => {
  forgetAccepted();
  withConfig('{ "budgets": [{ "id": "session", "hard": 5.00 }] }');
  const prompt = await hook('user-prompt-submit', {
    hook_event_name: 'UserPromptSubmit',
    prompt: 'go',
  });
  expect(prompt.exitCode).toBe(2);
  expect(JSON.parse(prompt.stdout)).toMatchObject({ decision: 'block' });
  expect(prompt.stderr).toContain('no ceiling can be enforced');
  expect(prompt.stderr).toContain('budgets[0].hard');
  for (let time = 0; time < 2; time += 1) {
    const tool = await askForTool();
    expect(tool.exitCode).toBe(2);
    expect(JSON.parse(tool.stdout)).toMatchObject({ continue: false });
  }
});

test('in print mode Claude Code sends nothing then, and says why', async () => {
  forgetAccepted();
  withConfig('{ "budgets": [{ "id": "session", "hard": 5.00 }] }');
  const stub = await startMessagesApiStub(toolLoop({ turns: 3 }));
  try {
    const run = await runGuarded(sandbox, { stub, prompt: 'go' });
    expect(stub.served).toHaveLength(0);
    expect(`${run.stdout}${run.stderr}`).toContain('no ceiling can be enforced');
  } finally {
    await stub.close();
  }
});

test('a configuration without a ceiling is no last good value for one', async () => {
  withConfig('{}');
  expect((await askForTool()).exitCode).toBe(0);
  withConfig('{ "budgets": [{ "id": "session", "hrad": "5.00" }] }');
  expect((await askForTool()).exitCode).toBe(2);
});

describe('another program that runs our hooks', () => {
  const cursor = {
    conversation_id: 'c1',
    cursor_version: '2026.08.11',
    workspace_roots: [] as string[],
    transcript_path: null,
  };
  const askAsCursor = (name: string) =>
    hook('pre-tool-use', { ...cursor, hook_event_name: name, tool_name: 'Shell' });

  test('is told once, refused nothing and never a session', async () => {
    const first = await askAsCursor('preToolUse');
    expect(first.exitCode).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({ systemMessage: expect.stringContaining('Cursor') });
    expect(await askAsCursor('PreToolUse')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await tollgateOk(sandbox, ['report', '--json'])).not.toContain('"s1"');
    const db = new Database(ledger(), { readonly: true });
    expect(db.prepare('SELECT count(*) AS n FROM session').get()).toEqual({ n: 0 });
    db.close();
  });

  test('is refused where the configuration says so', async () => {
    withConfig('{ "foreignHosts": "refuse", "budgets": [{ "id": "session", "hard": "5.00" }] }');
    for (let time = 0; time < 2; time += 1) {
      const tool = await askAsCursor('preToolUse');
      expect(tool.exitCode).toBe(2);
      expect(JSON.parse(tool.stdout)).toMatchObject({
        hookSpecificOutput: { permissionDecision: 'deny' },
      });
    }
  });
});

test('the ledger belongs to its owner alone, whatever the umask', async () => {
  await askForTool();
  for (const name of readdirSync(sandbox.tollgateHome)) {
    const { mode } = statSync(join(sandbox.tollgateHome, name));
    expect(mode & 0o077, name).toBe(0);
  }
  expect(statSync(sandbox.tollgateHome).mode & 0o077).toBe(0);
  chmodSync(ledger(), 0o644);
  await askForTool();
  expect(statSync(ledger()).mode & 0o077).toBe(0);
});
