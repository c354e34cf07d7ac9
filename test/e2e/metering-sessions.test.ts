// Sessions that go on, part ways, are compacted or broken off: each ledger total is the client's, none counts twice.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { billedNanoUsd } from '../support/billed.ts';
import { runClaude } from '../support/claude.ts';
import { type ClaudeTty, openClaudeTty } from '../support/claude-tty.ts';
import { readLedger } from '../support/guarded.ts';
import {
  expectMetered,
  type MeteredSandbox,
  openMeteredSandbox,
  totalOf,
} from '../support/metered.ts';
import { plainAnswer, scenario, toolLoop } from '../support/scenarios.ts';

const close: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const each of close.splice(0).reverse()) await each();
});

async function meter(...args: Parameters<typeof openMeteredSandbox>): Promise<MeteredSandbox> {
  const metered = await openMeteredSandbox(...args);
  close.push(metered.close);
  return metered;
}

async function openTty({ sandbox, stub }: MeteredSandbox, sessionId: string): Promise<ClaudeTty> {
  const extraArgs = ['--session-id', sessionId];
  const tty = await openClaudeTty({ home: sandbox.home, cwd: sandbox.repo, stub, extraArgs });
  close.push(tty.close);
  return tty;
}

/** What the ledger says all sessions have spent, in nano-dollars. */
const sumOf = ({ sandbox }: MeteredSandbox): number =>
  readLedger(sandbox).sessions.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);

describe('a session that goes on', { timeout: 120_000 }, () => {
  test('resumed twice', async () => {
    const metered = await meter(toolLoop({ turns: 1 }));
    const first = await metered.run();
    expectMetered(metered, totalOf(first));
    const resume = first.result.session_id;
    expectMetered(metered, totalOf(await metered.run({ prompt: 'on', resume })));
    const ledger = expectMetered(metered, totalOf(await metered.run({ prompt: 'on', resume })));
    expect(ledger.sessions).toMatchObject([{ requestCount: 6, inheritedNanoUsd: 0 }]);
    expect(ledger.entries.every(({ provenance }) => provenance === 'metered')).toBe(true);
  });

  test('a fork takes over what its parent spent, and a fork of the fork what both did', async () => {
    const metered = await meter(toolLoop({ turns: 1 }));
    const parent = await metered.run();
    const fork = await metered.run({
      prompt: 'other way',
      resume: parent.result.session_id,
      forkSession: true,
    });
    const child = await metered.run({
      prompt: 'third way',
      resume: fork.result.session_id,
      forkSession: true,
    });
    const ledger = expectMetered(metered, totalOf(parent), totalOf(fork), totalOf(child));
    const billed = billedNanoUsd(metered.stub.served);
    expect(ledger.sessions).toMatchObject([
      { requestCount: 2, inheritedNanoUsd: 0, parentSessionId: null },
      { requestCount: 2, inheritedNanoUsd: billed / 3, parentSessionId: parent.result.session_id },
      { requestCount: 2, inheritedNanoUsd: (billed / 3) * 2 },
    ]);
    expect(sumOf(metered)).toBe(billed);
  });

  test('a parent that goes on after its fork', async () => {
    const metered = await meter(toolLoop({ turns: 1 }));
    const parent = await metered.run();
    const resume = parent.result.session_id;
    const fork = await metered.run({ prompt: 'other way', resume, forkSession: true });
    const again = await metered.run({ prompt: 'on', resume });
    const forkAgain = await metered.run({ prompt: 'on', resume: fork.result.session_id });
    expectMetered(metered, totalOf(again), totalOf(forkAgain));
    expect(sumOf(metered)).toBe(billedNanoUsd(metered.stub.served));
  });
});

describe('a client that forgets', { timeout: 120_000 }, () => {
  test('a fork of a session that still runs starts at what the client wrote down last: nothing', async () => {
    const metered = await meter(toolLoop({ turns: 1, finalText: 'all steps done' }));
    const parentId = randomUUID();
    const tty = await openTty(metered, parentId);
    await tty.submit('please begin');
    await tty.waitFor(/all steps done/);
    const fork = await metered.run({ prompt: 'other way', resume: parentId, forkSession: true });
    const ledger = expectMetered(metered, totalOf(fork));
    expect(ledger.sessions[1]).toMatchObject({ inheritedNanoUsd: 0, requestCount: 2 });
    expect(sumOf(metered)).toBe(billedNanoUsd(metered.stub.served));
    await tty.submit('/exit');
    await tty.waitForExit();
    expectMetered(metered, totalOf(fork));
    expect(sumOf(metered)).toBe(billedNanoUsd(metered.stub.served));
  });

  test('killed and resumed, its total lacks what the killed run spent: the ledger does not', async () => {
    const kill = toolLoop({
      turns: 2,
      // The client writes its lines some hundred milliseconds late; killed before, nobody could know.
      command: (step) => (step === 1 ? 'sleep 2; kill -9 $PPID; sleep 5' : 'true'),
    });
    const metered = await meter((request) =>
      request.promptText === 'on'
        ? { text: 'done', usage: { input_tokens: 1_000 } }
        : kill(request),
    );
    const { home, repo: cwd } = metered.sandbox;
    const killed = await runClaude({ home, cwd, stub: metered.stub, prompt: 'go' });
    expect(killed.result).toBeNull();
    const resume = metered.stub.served[0]?.sessionId ?? '';
    const { result } = await metered.run({ prompt: 'on', resume });
    expect(result.total_cost_usd).toBeCloseTo(0.005, 9);
    const totalUsd = billedNanoUsd(metered.stub.served) / 1e9;
    const ledger = expectMetered(metered, { sessionId: resume, totalUsd });
    expect(ledger.entries.every(({ provenance }) => provenance === 'metered')).toBe(true);
  });
});

describe('an interactive session', { timeout: 120_000 }, () => {
  test('compacted: an estimate at once, the exact amount when it ends', async () => {
    const metered = await meter(toolLoop({ turns: 1, finalText: 'all steps done' }));
    const sessionId = randomUUID();
    const tty = await openTty(metered, sessionId);
    await tty.submit('please begin');
    await tty.waitFor(/all steps done/);
    await tty.submit('/compact');
    await tty.waitFor(/Compacted/);
    await tty.submit('one more thing');
    await metered.stub.waitForServed(5);
    await tty.waitFor(/Tollgate|all steps done/);
    await tty.submit('/exit');
    await tty.waitForExit();
    const totalUsd = billedNanoUsd(metered.stub.served) / 1e9;
    const ledger = expectMetered(metered, { sessionId, totalUsd });
    expect(metered.stub.served.filter(({ kind }) => kind === 'side')).toHaveLength(1);
    const hidden = ledger.entries.filter(({ kind }) => kind === 'correction');
    expect(hidden.map(({ reason }) => reason)).toEqual([
      'compaction',
      'settled',
      'estimate-settled',
    ]);
    expect(hidden.every(({ model, agentId }) => model === null && agentId === null)).toBe(true);
    expect(ledger.sessions[0]?.byProvenance.estimated).toBe(0);
  });

  test('cleared: what follows is a session of its own, from nothing', async () => {
    const metered = await meter(toolLoop({ turns: 1, finalText: 'all steps done' }));
    const tty = await openTty(metered, randomUUID());
    await tty.submit('please begin');
    await tty.waitFor(/all steps done/);
    await tty.submit('/clear');
    await tty.waitForGone(/all steps done/);
    await tty.submit('once more');
    await tty.waitFor(/all steps done/);
    await tty.submit('/exit');
    await tty.waitForExit();
    const { served } = metered.stub;
    const ids = [...new Set(served.map((each) => each.sessionId ?? ''))];
    expect(ids).toHaveLength(2);
    const totals = ids.map((sessionId) => {
      const own = served.filter((each) => each.sessionId === sessionId);
      return { sessionId, totalUsd: billedNanoUsd(own) / 1e9 };
    });
    const ledger = expectMetered(metered, ...totals);
    expect(ledger.sessions.map(({ hostTotalNanoUsd }) => hostTotalNanoUsd)).toEqual(
      totals.map(({ totalUsd }) => totalUsd * 1e9),
    );
  });

  test('broken off with Esc: the cut-off answer is estimated as the client does', async () => {
    const slow = plainAnswer('a few words only');
    const metered = await meter(
      scenario({
        main: (request) =>
          request.promptText === 'talk for long'
            ? { text: 'a few words only', usage: { input_tokens: 100 }, tailMs: 20_000 }
            : slow(request),
      }),
    );
    const sessionId = randomUUID();
    const tty = await openTty(metered, sessionId);
    await tty.submit('talk for long');
    await tty.waitFor(/● a few words/);
    await tty.key('escape');
    await tty.waitFor(/Interrupted/);
    await tty.submit('be brief');
    await metered.stub.waitForServed(1);
    await tty.submit('/exit');
    await tty.waitForExit();
    // The client counts a third of the characters as tokens: 16 characters, 5 tokens.
    const served = metered.stub.served.map((each) =>
      each.completedAt === null ? { ...each, usage: { ...each.usage, output_tokens: 5 } } : each,
    );
    const ledger = expectMetered(metered, { sessionId, totalUsd: billedNanoUsd(served) / 1e9 });
    expect(ledger.entries.map(({ interrupted, provenance }) => [interrupted, provenance])).toEqual([
      [true, 'estimated'],
      [false, 'metered'],
    ]);
  });
});
