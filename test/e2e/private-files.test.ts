// The state folder and everything in it belong to one user: wider modes are mended and told, what others may have written is
// refused or not read, and nothing is written through a link.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guard } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate } from '../support/tollgate.ts';
import { prompt, response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const modeOf = (path: string) => statSync(path).mode & 0o777;
const inState = (name: string) => join(sandbox.tollgateHome, name);

/** A session that has begun; its event. */
async function begin() {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
  const transcript_path = join(sandbox.home, 's1.jsonl');
  writeFileSync(transcript_path, `${prompt('t1')}${response({ id: 'm1' })}`);
  const event = { session_id: 's1', transcript_path, prompt: 'go on', prompt_id: 'p2' };
  await runHook(sandbox, 'UserPromptSubmit', event);
  const tool = { tool_name: 'Read', tool_input: { file_path: '/x' }, tool_use_id: 'toolu_1' };
  await runHook(sandbox, 'PreToolUse', { ...event, ...tool });
  return event;
}

/** Every file and folder below the state folder. */
function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...below(path)] : [path];
  });
}

test('everything is private from the beginning, whatever the umask', async () => {
  const event = await begin();
  process.umask(0);
  await runHook(sandbox, 'Stop', event);
  process.umask(0o022);
  expect(modeOf(sandbox.tollgateHome)).toBe(0o700);
  const open = below(sandbox.tollgateHome).filter((path) => (modeOf(path) & 0o077) !== 0);
  expect(open).toEqual([]);
});

test('a readable folder and files that others may read are made private, and that is told', async () => {
  const event = await begin();
  chmodSync(sandbox.tollgateHome, 0o755);
  chmodSync(inState('ledger.db'), 0o644);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(inState(`ledger.db${suffix}`))) chmodSync(inState(`ledger.db${suffix}`), 0o666);
  }
  const told = await runHook(sandbox, 'UserPromptSubmit', event);
  expect(told.exitCode).toBe(0);
  expect(told.output?.systemMessage).toContain(inState('ledger.db'));
  expect(modeOf(sandbox.tollgateHome)).toBe(0o700);
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-shm']) {
    if (existsSync(inState(name))) expect(modeOf(inState(name))).toBe(0o600);
  }
});

test('a folder that others may write in is refused, with the command that helps', async () => {
  await begin();
  chmodSync(sandbox.tollgateHome, 0o777);
  const { exitCode, stderr } = await tollgate(sandbox, ['status']);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(`chmod 700 '${sandbox.tollgateHome}'`);
});

test('a folder that is a link is refused', async () => {
  await begin();
  renameSync(sandbox.tollgateHome, `${sandbox.tollgateHome}-elsewhere`);
  symlinkSync(`${sandbox.tollgateHome}-elsewhere`, sandbox.tollgateHome);
  const { exitCode, stderr } = await tollgate(sandbox, ['status']);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('is not a folder of its own');
});

test.runIf(process.getuid?.() === 0)("another user's ledger is refused", async () => {
  await begin();
  chownSync(inState('ledger.db'), 12_345, 12_345);
  const { exitCode, stderr } = await tollgate(sandbox, ['status']);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('belongs to another user');
});

test.runIf(process.getuid?.() === 0)(
  'root who works in the home of another user, as in containers, uses that ledger',
  async () => {
    const event = await begin();
    for (const path of [sandbox.home, sandbox.tollgateHome, ...below(sandbox.tollgateHome)]) {
      chownSync(path, 12_345, 12_345);
    }
    const { exitCode, output } = await runHook(sandbox, 'UserPromptSubmit', event);
    expect(exitCode).toBe(0);
    expect(output?.continue).not.toBe(false);
    expect((await tollgate(sandbox, ['status'])).exitCode).toBe(0);
  },
);

test('the log, caches and leases are not written through links, and not read through them', async () => {
  const event = await begin();
  const victim = join(sandbox.root, 'victim');
  writeFileSync(victim, 'mine');
  rmSync(inState('tollgate.log'), { force: true });
  symlinkSync(victim, inState('tollgate.log'));
  const folders = ['config-cache', 'leases', 'last-totals', 'code-cache'].filter((name) =>
    existsSync(inState(name)),
  );
  for (const folder of folders) {
    for (const name of readdirSync(inState(folder))) {
      rmSync(join(inState(folder), name));
      symlinkSync(victim, join(inState(folder), name));
    }
  }
  const tool = { tool_name: 'Read', tool_input: { file_path: '/x' }, tool_use_id: 'toolu_2' };
  expect((await runHook(sandbox, 'PreToolUse', { ...event, ...tool })).exitCode).toBe(0);
  // A ledger that cannot be used is written down in the log.
  for (const suffix of ['', '-wal', '-shm']) rmSync(inState(`ledger.db${suffix}`), { force: true });
  mkdirSync(inState('ledger.db'));
  await runHook(sandbox, 'UserPromptSubmit', event);
  expect(readFileSync(victim, 'utf8')).toBe('mine');
});

test('a cached configuration that others may write is not believed', async () => {
  const event = await begin();
  const folder = inState('config-cache');
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  const loosened = readFileSync(file, 'utf8').replace('5000000000', '9000000000');
  writeFileSync(file, loosened);
  chmodSync(file, 0o666);
  await runHook(sandbox, 'UserPromptSubmit', event);
  expect(readFileSync(file, 'utf8')).not.toContain('9000000000');
  expect(modeOf(file)).toBe(0o600);
});

test('a cached configuration that does not say what the files say is replaced when the turn ends, and that is told', async () => {
  const event = await begin();
  const folder = inState('config-cache');
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  writeFileSync(file, readFileSync(file, 'utf8').replace('5000000000', '9000000000'));
  const told = await runHook(sandbox, 'Stop', event);
  expect(told.output?.systemMessage).toContain('cached configuration');
  expect(readFileSync(file, 'utf8')).not.toContain('9000000000');
  const next = await runHook(sandbox, 'Stop', event);
  expect(next.output?.systemMessage).not.toContain('cached configuration');
});
