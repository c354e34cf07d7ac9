// Never over, on the real client: eight sessions at once on one day's budget, and a ninth that comes late.
import { afterEach, expect, test } from 'vitest';
import { billedNanoUsd, billedUsd } from '../support/billed.ts';
import { runClaude } from '../support/claude.ts';
import { guard, noonZone, readLedger } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';

const SESSIONS = 8;
const CEILING_NANO_USD = 2_000_000_000;
let sandbox: Sandbox;
let stub: MessagesApiStub;

afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

/** $0.02 to $0.08 a message, by a seeded wheel; one in ten is three times as dear. */
function usageWheel(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  return () => ({
    input_tokens: 20,
    output_tokens: Math.round((300 + 1_700 * next()) * (next() < 0.1 ? 3 : 1)),
    cache_read_input_tokens: 20_000,
    cache_creation_input_tokens: 300,
  });
}

test('eight sessions on one $2 day end at or under it', { timeout: 300_000 }, async () => {
  sandbox = await createSandbox();
  const usage = usageWheel(7);
  stub = await startMessagesApiStub(toolLoop({ turns: 60, usage, pace: { delayMs: 150 } }));
  await guard(sandbox, {
    budgets: [{ id: 'day', period: 'day', hard: '2.00' }],
    config: { timeZone: noonZone() },
  });
  const options = {
    home: sandbox.home,
    cwd: sandbox.repo,
    stub,
    timeoutMs: 240_000,
    extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
  };
  const runs = await Promise.all(
    Array.from({ length: SESSIONS }, (_, index) =>
      runClaude({ ...options, prompt: `session ${index}` }),
    ),
  );
  const billed = billedNanoUsd(stub.served);
  console.log(
    `eight sessions: $${billedUsd(stub.served).toFixed(4)} of $2.00 in ${stub.served.length} requests`,
  );
  expect(runs.every(({ timedOut }) => !timedOut)).toBe(true);
  expect(new Set(runs.map(({ result }) => result?.session_id)).size).toBe(SESSIONS);
  expect(billed).toBeLessThanOrEqual(CEILING_NANO_USD);
  expect(billed).toBeGreaterThan(0.6 * CEILING_NANO_USD);

  // A newcomer has no history of its own: what others' first requests cost tells whether it may begin.
  const { length } = stub.served;
  const late = await runClaude({ ...options, prompt: 'one more' });
  console.log(`a ninth: ${stub.served.length - length} requests; ${late.result?.result ?? ''}`);
  expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(CEILING_NANO_USD);
  const ledger = readLedger(sandbox);
  expect(ledger.entries.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(
    billedNanoUsd(stub.served),
  );
});
