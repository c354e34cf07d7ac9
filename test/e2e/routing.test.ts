// Routing on the real client: past its stage of the budget a subagent asked for Opus runs on Haiku, and what that saved is in the ledger; one that a
// rule refuses does not start; a spawn shows its price.
import { afterEach, expect, test } from 'vitest';
import { openLedger } from '../../src/wire.ts';
import { type ClaudeTty, openClaudeTty } from '../support/claude-tty.ts';
import { guard, readLedger } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { scenario, startAgents, toolLoop } from '../support/scenarios.ts';
import { runGuarded } from '../support/tollgate.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub;
let tty: ClaudeTty | null = null;

afterEach(async () => {
  await tty?.close();
  tty = null;
  await stub.close();
  await sandbox.cleanup();
});

const subagent = () =>
  scenario({
    main: startAgents([{ marker: 'sub', model: 'opus' }]),
    subagents: { sub: toolLoop({ turns: 2 }) },
  });

test('past the stage a subagent asked for Opus runs on Haiku, and before it does not', async () => {
  for (const { hard, family } of [
    { hard: '0.13', family: 'haiku' },
    { hard: '50.00', family: 'opus' },
  ]) {
    sandbox = await createSandbox();
    stub = await startMessagesApiStub(subagent());
    const routing = [{ id: 'late', when: { spent: '20%' }, action: 'haiku' }];
    await guard(sandbox, {
      budgets: [{ id: 'session', hard }],
      config: { safety: 'none', routing },
    });
    const { result } = await runGuarded(sandbox, { stub, prompt: 'go' });
    expect(result?.terminal_reason).toBe('completed');
    const models = stub.served.flatMap(({ agentId, model }) => (agentId === null ? [] : [model]));
    expect(models.length).toBeGreaterThan(0);
    expect(models.every((model) => model.includes(family))).toBe(true);

    const store = openLedger(sandbox.tollgateHome, sandbox.env());
    const reroutings = store.readReroutings({});
    store.close();
    if (family === 'opus') expect(reroutings).toEqual([]);
    else {
      const [rerouting] = reroutings;
      expect(rerouting).toMatchObject({
        rule: 'late',
        agentType: 'general-purpose',
        givenModel: 'haiku',
      });
      expect(rerouting?.askedModel).toContain('opus');
      const own = readLedger(sandbox).entries.filter(({ agentId }) => agentId !== null);
      expect(rerouting?.outcome).toMatchObject({
        requestCount: own.length,
        spentNanoUsd: own.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
      });
      const { spentNanoUsd = 0, askedNanoUsd = 0 } = rerouting?.outcome ?? {};
      console.log(`rerouted: $${spentNanoUsd / 1e9} instead of $${askedNanoUsd / 1e9}`);
      expect(askedNanoUsd).toBeGreaterThan(5 * spentNanoUsd);
      await stub.close();
      await sandbox.cleanup();
    }
  }
});

test('a rule refuses a subagent with its price', async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(subagent());
  const routing = [{ id: 'no-agents', when: { agentType: 'general-*' }, action: 'refuse' }];
  await guard(sandbox, { config: { routing } });
  const { result } = await runGuarded(sandbox, { stub, prompt: 'go' });
  expect(result?.permission_denials).toHaveLength(1);
  expect(stub.served.filter(({ agentId }) => agentId !== null)).toEqual([]);
  expect(readLedger(sandbox).decisions.flatMap(({ codes }) => codes)).toContain('SPAWN_REFUSED');
});

test('in the terminal a fan-out shows its price before it starts, and a rule asks', async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(subagent());
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
  await runGuarded(sandbox, { stub, prompt: 'go' });
  await stub.close();

  const pair = startAgents([{ marker: 'sub' }, { marker: 'sub' }]);
  // What the screen says when the first of them asks for its first response.
  let atStart = '';
  const sub = toolLoop({ turns: 2 });
  stub = await startMessagesApiStub(
    scenario({
      main: pair,
      subagents: {
        sub: (request) => {
          atStart ||= tty?.screen() ?? '';
          return sub(request);
        },
      },
    }),
  );
  const extraEnv = { TOLLGATE_HOME: sandbox.tollgateHome };
  const options = { home: sandbox.home, cwd: sandbox.repo, stub, extraEnv };
  tty = await openClaudeTty({ ...options, allowedTools: ['Agent', 'Bash'] });
  await tty.submit('go');
  await tty.waitFor(/general-purpose has cost \$0\.\d+ on average, 1 so far/);
  await tty.waitFor(/\$0\.\d+ of \$5\.00/);
  expect(atStart).toMatch(/general-purpose has cost/);
  await tty.close();

  const routing = [{ id: 'ask-me', when: { agentType: 'general-*' }, action: 'ask' }];
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }], config: { routing } });
  const before = stub.served.length;
  tty = await openClaudeTty(options);
  await tty.submit('go');
  await tty.waitFor(/routing rule ask-me/);
  expect(stub.served.slice(before).filter(({ agentId }) => agentId !== null)).toEqual([]);
}, 120_000);
