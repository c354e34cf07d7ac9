// A budget in the five-hour window of a plan, with the real client: the limits that the API tells it reach the ledger by its status line, a
// session halts at its share of the window, and goes on after the reset without a grant.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClaudeTty } from '../support/claude-tty.ts';
import { guard } from '../support/guarded.ts';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { CLI } from '../support/tollgate.ts';

let sandbox: Sandbox;
const open: (() => Promise<void>)[] = [];

beforeEach(async () => {
  sandbox = await createSandbox();
  open.push(sandbox.cleanup);
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** What the API tells subscribers of their plan. Source: client 2.1.330, which reads these headers, 2026-11-28. */
const limitHeaders = (usedRatio: number, resetsAt: number) => ({
  'anthropic-ratelimit-unified-status': 'allowed',
  'anthropic-ratelimit-unified-5h-status': 'allowed',
  'anthropic-ratelimit-unified-5h-utilization': String(usedRatio),
  'anthropic-ratelimit-unified-5h-reset': String(resetsAt),
});

test('halted at 90 % of the five-hour window, and not any more after its reset', async () => {
  const inSeconds = (seconds: number) => Math.ceil(Date.now() / 1_000) + seconds;
  let usedRatio = 0.5;
  let resetsAt = inSeconds(3_600);
  const stub = await startMessagesApiStub(() => ({
    text: `at ${usedRatio}`,
    usage: { input_tokens: 100, output_tokens: 300 },
    headers: limitHeaders(usedRatio, resetsAt),
  }));
  open.push(stub.close);
  const command = `'${process.execPath}' '${CLI}' statusline`;
  await guard(sandbox, {
    budgets: [{ id: 'window', plan: 'five-hour', soft: '70%', hard: '90%' }],
    settings: { statusLine: { type: 'command', command } },
  });
  const tty = await openClaudeTty({
    ...{ home: sandbox.home, cwd: sandbox.repo, stub },
    // A subscriber is who has a token of the login; the key must go.
    extraEnv: {
      TOLLGATE_HOME: sandbox.tollgateHome,
      ANTHROPIC_API_KEY: '',
      CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-not-a-token',
    },
  });
  open.push(() => tty.close());
  await tty.submit('one');
  await tty.waitFor(/at 0\.5/);
  await tty.waitFor(/50% \/ 90%/);
  usedRatio = 0.9;
  // The newest reading counts, of the reset too.
  resetsAt = inSeconds(25);
  await tty.submit('two');
  await tty.waitFor(/at 0\.9/);
  await tty.waitFor(/90% \/ 90%/);
  const served = stub.served.length;
  await tty.submit('three');
  await tty.waitFor(/halted this session: 90% used/);
  expect(stub.served).toHaveLength(served);
  const firstReset = resetsAt;
  usedRatio = 0.01;
  resetsAt = inSeconds(5 * 3_600);
  while (Date.now() / 1_000 <= firstReset) await new Promise((done) => setTimeout(done, 500));
  await tty.submit(' four');
  await tty.waitFor(/at 0\.01/);
  await tty.waitFor(/1% \/ 90%/);
  const status = await sandbox.run(process.execPath, [CLI, 'status', '--json']);
  const [session] = JSON.parse(status.stdout).sessions;
  expect(session.haltedAt).toBeNull();
  expect(session.budgets[0].plan).toMatchObject({ window: 'five-hour', ceilingRatio: 0.9 });
}, 240_000);
