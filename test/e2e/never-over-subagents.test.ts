// Never over, on the real client: three subagents in the background and the main loop spend from one ceiling,
// and after the halt nothing of the session asks the model again until a person grants more.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { billedNanoUsd, billedUsd } from '../support/billed.ts';
import { runClaude } from '../support/claude.ts';
import { guard, readLedger } from '../support/guarded.ts';
import {
  type MessagesApiStub,
  type Script,
  startMessagesApiStub,
} from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { scenario, startAgents, toolLoop } from '../support/scenarios.ts';

const CEILING_NANO_USD = 100_000_000;
const close: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const each of close.splice(0).reverse()) await each();
});

/** A message costs $0.003 to $0.01, as a seeded wheel turns. */
function moneyWheel(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const share = state / 0x7fffffff;
    return {
      input_tokens: 20,
      output_tokens: 40 + Math.round(280 * share ** 2),
      cache_read_input_tokens: 3_500,
      cache_creation_input_tokens: 10 + Math.round(20 * share),
    };
  };
}

/** A main loop that starts `count` subagents in the background and goes on; everybody is stubborn. */
function crowd(count: number, seed: number): Script {
  const usage = moneyWheel(seed);
  const pace = { delayMs: 40 };
  const main: Script = (request) => {
    if (request.stepIndex > 0) return toolLoop({ turns: 60, usage, pace })(request);
    const tools = Array.from({ length: count }, (_, index) => ({
      name: 'Agent',
      input: {
        description: `part ${index}`,
        prompt: 'Do your part. SCEN:sub',
        subagent_type: 'general-purpose',
        run_in_background: true,
      },
    }));
    return { text: 'starting', tools, usage: usage() };
  };
  const sub = toolLoop({ turns: 60, usage, pace });
  return scenario({ main, subagents: { sub }, notified: toolLoop({ turns: 5, usage, pace }) });
}

async function open(script: Script): Promise<{ sandbox: Sandbox; stub: MessagesApiStub }> {
  const sandbox = await createSandbox();
  close.push(sandbox.cleanup);
  const stub = await startMessagesApiStub(script);
  close.push(stub.close);
  return { sandbox, stub };
}

function haltedAt(sandbox: Sandbox): number {
  const db = new Database(join(sandbox.tollgateHome, 'ledger.db'), { readonly: true });
  try {
    const rows = db.prepare('SELECT halted_at_ms AS at FROM latch').all() as { at: number }[];
    expect(rows).toHaveLength(1);
    return rows[0]?.at ?? 0;
  } finally {
    db.close();
  }
}

describe('three background subagents and the main loop under $0.10', { timeout: 180_000 }, () => {
  test.each([1, 2, 3])('ends at or under it, with seed %i', async (seed) => {
    const { sandbox, stub } = await open(crowd(3, seed));
    await guard(sandbox, { budgets: [{ id: 'session', period: 'session', hard: '0.10' }] });
    const options = {
      home: sandbox.home,
      cwd: sandbox.repo,
      stub,
      extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
    };
    const run = await runClaude({ ...options, prompt: 'go', timeoutMs: 120_000 });
    const billed = billedNanoUsd(stub.served);
    const at = haltedAt(sandbox);
    const late = stub.served.filter(({ receivedAt }) => receivedAt > at);
    console.log(
      `seed ${seed}: $${billedUsd(stub.served).toFixed(5)} in ${stub.served.length} requests, ` +
        `${late.length} after the halt, by agent ${JSON.stringify(countBy(stub.served))}`,
    );
    expect(run.timedOut).toBe(false);
    expect(billed).toBeLessThanOrEqual(CEILING_NANO_USD);
    expect(billed).toBeGreaterThan(CEILING_NANO_USD / 2);
    // A loop that was allowed just before another one halted the session may still ask, once.
    expect(mostOfOne(late)).toBeLessThanOrEqual(1);
    expect(new Set(stub.served.map(({ agentId }) => agentId)).size).toBe(4);

    // Resumed, it stays halted: nothing is asked.
    const { length } = stub.served;
    const resume = run.result?.session_id ?? '';
    const again = await runClaude({ ...options, prompt: 'go on', resume });
    expect(again.result?.result ?? again.stdout).toContain('tollgate grant');
    expect(stub.served).toHaveLength(length);
    const ledger = readLedger(sandbox);
    expect(ledger.sessions[0]?.costNanoUsd).toBe(billed);
    expect(ledger.decisions.filter(({ kind }) => kind === 'halt')).toHaveLength(1);
  });
});

describe('under $0.10, and nothing after the halt', { timeout: 120_000 }, () => {
  const usage = moneyWheel(11);
  const stubborn = (pace = {}) => toolLoop({ turns: 60, usage, pace });
  test.each<[string, number, Script]>([
    ['five tools in each message', 0, toolLoop({ turns: 60, usage, parallel: 5 })],
    ['messages that end long after their tools began', 0, stubborn({ tailMs: 500 })],
    [
      'a subagent in the foreground',
      0,
      scenario({ main: startAgents([{ marker: 'sub' }], usage), subagents: { sub: stubborn() } }),
    ],
    // Two loops at once: one may have been allowed just before the other one halts the session.
    [
      'a subagent of a subagent',
      1,
      scenario({
        main: startAgents([{ marker: 'outer' }], usage),
        subagents: {
          outer: startAgents([{ marker: 'inner' }, { marker: 'inner' }], usage),
          inner: stubborn(),
        },
      }),
    ],
  ])('%s', async (_, mostLate, script) => {
    const { sandbox, stub } = await open(script);
    await guard(sandbox, { budgets: [{ id: 'session', period: 'session', hard: '0.10' }] });
    const extraEnv = { TOLLGATE_HOME: sandbox.tollgateHome };
    const run = await runClaude({
      home: sandbox.home,
      cwd: sandbox.repo,
      stub,
      extraEnv,
      prompt: 'go',
    });
    const at = haltedAt(sandbox);
    console.log(`$${billedUsd(stub.served).toFixed(5)} in ${stub.served.length} requests`);
    expect(run.timedOut).toBe(false);
    expect(billedNanoUsd(stub.served)).toBeLessThanOrEqual(CEILING_NANO_USD);
    const late = stub.served.filter(({ receivedAt }) => receivedAt > at);
    expect(mostOfOne(late)).toBeLessThanOrEqual(mostLate);
  });
});

function countBy(served: MessagesApiStub['served']): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { agentId } of served)
    counts[agentId ?? 'main'] = (counts[agentId ?? 'main'] ?? 0) + 1;
  return counts;
}

/** How many requests the loop made that made most of them. */
const mostOfOne = (served: MessagesApiStub['served']): number =>
  Math.max(0, ...Object.values(countBy(served)));
