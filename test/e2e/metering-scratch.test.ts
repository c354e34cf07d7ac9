import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { billedNanoUsd } from '../support/billed.ts';
import { findTranscript, runClaude } from '../support/claude.ts';
import { openClaudeTty } from '../support/claude-tty.ts';
import { readLedger } from '../support/guarded.ts';
import { openMeteredWorld, totalOf } from '../support/metered.ts';
import { ordinaryUsage, plainAnswer, scenario, toolLoop } from '../support/scenarios.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of close.splice(0).reverse()) await each();
});

test.runIf(process.env.S === 'esc')('esc', { timeout: 200_000 }, async () => {
  const texts = [
    'a',
    'ab',
    'abcd',
    'abcde',
    'äöü',
    '日本語日本',
    'word '.repeat(21),
    'x'.repeat(5000),
  ];
  for (const model of ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-opus-5-5'])
    for (const text of texts) {
      const m = await openMeteredWorld(
        scenario({ main: () => ({ text, usage: {}, tailMs: 20_000 }) }),
      );
      close.push(m.close);
      const run = await runClaude({
        home: m.world.home,
        cwd: m.world.repo,
        stub: m.stub,
        prompt: 'x',
        model,
        timeoutMs: 1500,
        extraArgs: ['--output-format', 'json'],
      });
      const l = readLedger(m.world);
      console.log(
        model,
        JSON.stringify(text.slice(0, 10)),
        Buffer.byteLength(text),
        text.length,
        run.result?.total_cost_usd,
        l.sessions[0]?.clientTotalNanoUsd,
        l.sessions[0]?.byProvenance,
      );
    }
});

test.runIf(process.env.S === 'fork')('fork of running', { timeout: 200_000 }, async () => {
  const m = await openMeteredWorld(toolLoop({ turns: 1, finalText: 'all steps done' }));
  close.push(m.close);
  const id = randomUUID();
  const tty = await openClaudeTty({
    home: m.world.home,
    cwd: m.world.repo,
    stub: m.stub,
    extraArgs: ['--session-id', id],
  });
  close.push(tty.close);
  await tty.submit('please begin');
  await tty.waitFor(/all steps done/);
  const one = billedNanoUsd(m.stub.served);
  const fork = await m.run({ prompt: 'other', resume: id, forkSession: true });
  console.log(
    'one',
    one,
    'fork total',
    fork.result.total_cost_usd,
    'billed',
    billedNanoUsd(m.stub.served),
  );
  console.log(readLedger(m.world).sessions);
  await tty.submit('more');
  await m.stub.waitForServed(6);
  await new Promise((r) => setTimeout(r, 1500));
  await tty.submit('/exit');
  await tty.waitForExit();
  console.log(readLedger(m.world).sessions, billedNanoUsd(m.stub.served));
  for (const s of readLedger(m.world).sessions) {
    const p = await findTranscript(m.world.home, s.sessionId);
    console.log(
      s.sessionId,
      readFileSync(p!, 'utf8')
        .split('\n')
        .filter((l) => l.includes('"cost-state"'))
        .map((l) => l.slice(0, 120)),
    );
  }
});

test.runIf(process.env.S === 'kill')('killed then resumed', { timeout: 200_000 }, async () => {
  const m = await openMeteredWorld(
    toolLoop({
      turns: 3,
      command: (s) => (s === 2 ? 'kill -9 $CLAUDE_PID; kill -9 $PPID; sleep 5' : 'echo a'),
    }),
  );
  close.push(m.close);
  const run = await runClaude({
    home: m.world.home,
    cwd: m.world.repo,
    stub: m.stub,
    prompt: 'x',
    timeoutMs: 15_000,
  });
  console.log(run.exitCode, run.stdout, run.stderr, readLedger(m.world).sessions);
  const id = m.stub.served[0]!.sessionId!;
  const p = await findTranscript(m.world.home, id);
  console.log(
    readFileSync(p!, 'utf8')
      .split('\n')
      .map((l) => l.slice(0, 60)),
  );
  const m2 = await m.run({ prompt: 'again', resume: id, allowedTools: ['Read'] });
  console.log(m2.result.total_cost_usd, readLedger(m.world), billedNanoUsd(m.stub.served));
});
