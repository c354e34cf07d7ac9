// `tollgate watch` in a real terminal beside the real client: it shows the running session, and its keys halt, grant
// and resume it; the terminal is as it was afterwards. For scripts it prints once.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guard, readLedger } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { openPty, type Pty } from '../support/pty.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { CLI, readStatus, runGuarded, tollgateOk } from '../support/tollgate.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub;
let pty: Pty | null = null;

beforeEach(async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(toolLoop({ turns: 60, pace: { delayMs: 300 } }));
  await guard(sandbox, {
    budgets: [{ id: 'session', scope: { per: 'session' }, soft: '40.00', hard: '50.00' }],
  });
});
afterEach(async () => {
  await pty?.close();
  pty = null;
  await stub.close();
  await sandbox.cleanup();
});

interface Watched {
  readonly schema: string;
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly state: string;
    readonly model: string;
    readonly branch: string;
    readonly costNanoUsd: number;
    readonly ceilingNanoUsd: number;
    readonly burnNanoUsdPerHour: number;
    readonly runOutAt: number;
  }[];
}
const watched = async (): Promise<Watched> =>
  JSON.parse(await tollgateOk(sandbox, ['watch', '--json'])) as Watched;

const openWatch = (rows = 30, columns = 120): Pty =>
  openPty(process.execPath, [CLI, 'watch'], {
    cwd: sandbox.repo,
    env: sandbox.env(),
    rows,
    columns,
  });

test('shows the running session, halts it, and gives the terminal back', async () => {
  const running = runGuarded(sandbox, { stub, prompt: 'go' });
  await stub.waitForServed(2);
  pty = openWatch();
  await pty.waitFor(/1 running/);
  await pty.waitFor(
    /▶ \w{8} Acme\/Shop @ main +claude-opus-4-7 +█░+ \$0\.\d+ \/ \$50\.00 +\$\d+\.\d\d.*working/,
  );
  expect(pty.output()).toContain('\x1b[?1049h');

  const [before] = (await watched()).sessions;
  expect(before).toMatchObject({
    ...{ state: 'working', model: 'claude-opus-4-7', branch: 'main' },
    ceilingNanoUsd: 50_000_000_000,
  });
  expect(before?.burnNanoUsdPerHour).toBeGreaterThan(0);
  expect(before?.runOutAt).toBeGreaterThan(Date.now());

  // A grant by key: an amount that is none is refused, the next one counts.
  pty.send('g');
  await pty.waitFor(/Raise the ceiling by \$/);
  pty.send('.\r');
  await pty.waitFor(/is not an amount/);
  pty.send('g2.5x0\r');
  await pty.waitFor(/\$2\.50 granted, ceiling \$52\.50/);
  await pty.waitFor(/\/ \$52\.50/);

  pty.send('h');
  await pty.waitFor(/halted by hand/);
  const { result } = await running;
  expect(result?.terminal_reason).toBe('hook_stopped');
  expect(stub.served.length).toBeLessThan(60);
  const decisions = readLedger(sandbox).decisions.filter(({ moment }) => moment === 'by-hand');
  expect(decisions).toMatchObject([{ kind: 'halt', codes: ['HALTED_BY_PERSON'] }]);

  // The session has ended, so it leaves the view.
  await pty.waitFor(/No session is running/);
  pty.send('q');
  expect(await pty.waitForExit()).toBe(0);
  expect(pty.output().endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
});

test('resumes by key, and only what was halted by hand', async () => {
  const running = runGuarded(sandbox, { stub, prompt: 'go' });
  await stub.waitForServed(1);
  pty = openWatch();
  await pty.waitFor(/1 running/);
  pty.send('r');
  await pty.waitFor(/is not halted/);
  // In one breath: between two, the client may meet the halt and be gone.
  pty.send('hr');
  await pty.waitFor(/may go on/);
  pty.send('\x03');
  expect(await pty.waitForExit()).toBe(0);
  const decisions = readLedger(sandbox).decisions.filter(({ moment }) => moment === 'by-hand');
  expect(decisions.map(({ kind }) => kind)).toEqual(['halt', 'allow']);
  await tollgateOk(sandbox, ['halt', '--all']).catch(() => undefined);
  await running;
});

test('a signal gives the terminal back, too', async () => {
  pty = openWatch(10, 60);
  await pty.waitFor(/No session is running/);
  process.kill(pty.pid(), 'SIGTERM');
  expect(await pty.waitForExit()).toBe(0);
  expect(pty.output()).toContain('\x1b[?1049l');
});

test('without a terminal it prints once', async () => {
  expect(await watched()).toEqual({
    schema: 'tollgate/watch@1',
    at: expect.any(Number),
    dayNanoUsd: null,
    sessions: [],
  });
  expect(await tollgateOk(sandbox, ['watch'])).toBe('No session is running on this machine.\n');
  const running = runGuarded(sandbox, { stub, prompt: 'go' });
  await stub.waitForServed(2);
  const table = await tollgateOk(sandbox, ['watch', '--once']);
  expect(table).toMatch(/Acme\/Shop @ main +claude-opus-4-7/);
  expect(table).not.toContain('\x1b');
  await tollgateOk(sandbox, ['halt']);
  await running;
  expect((await readStatus(sandbox))[0]?.haltedAt).toEqual(expect.any(Number));
});
