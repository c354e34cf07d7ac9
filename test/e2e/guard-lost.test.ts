// A guard that is broken in mid-session, on the real client; and sessions in which it is not, which must not be disturbed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openClaudeTty } from '../support/claude-tty.ts';
import type { Script } from '../support/messages-api-stub.ts';
import { openMeteredSandbox } from '../support/metered.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { backgroundSubagents, fiveParallelTools, toolLoop } from '../support/scenarios.ts';
import { runTamperShape } from '../support/tamper-run.ts';
import { TAMPER_SHAPES } from '../support/tamper-shapes.ts';

const LONG = { timeout: 400_000 };
const budgets = [{ id: 'session', hard: '5.00' }];

/** Sessions whose guard was found to be off. */
const lostIn = ({ tollgateHome }: Sandbox): readonly string[] => {
  const folder = join(tollgateHome, 'guard-lost');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** What is left of watchdogs once they have had time to end. */
async function leftIn({ tollgateHome }: Sandbox): Promise<readonly string[]> {
  const folder = join(tollgateHome, 'watchdog');
  for (let waited = 0; waited < 20_000 && readdirSync(folder).length > 0; waited += 200) {
    await sleep(200);
  }
  return readdirSync(folder);
}

const shapeOf = (id: string) => {
  const shape = TAMPER_SHAPES.find((each) => each.id === id);
  if (shape === undefined) throw new Error(`no shape ${id}`);
  return shape;
};

test.each(['settings-removed', 'watchdog-killed', 'transcript-link'])(
  '%s is held where the shell guard cannot read it',
  LONG,
  async (id) => {
    expect(await runTamperShape(shapeOf(id), 'print', true)).toMatchObject({ id, outcome: 'held' });
  },
);

test('a client inside the session that runs without hooks is refused', LONG, async () => {
  expect(await runTamperShape(shapeOf('nested-bare'))).toMatchObject({ outcome: 'held' });
});

// `node scripts/run-ts.mjs test/bench/tamper-real.ts --terminal --hidden` runs all of them.
test('program-stub is held where somebody sits at the client', LONG, async () => {
  const run = await runTamperShape(shapeOf('program-stub'), 'terminal', true);
  expect(run).toMatchObject({ outcome: 'held' });
});

test.each<[string, Script]>([
  ['five tools at once', fiveParallelTools(undefined, 3)],
  ['subagents in the background', backgroundSubagents(2)],
])('no alarm for %s, and nothing of the watchdog is left', LONG, async (_, script) => {
  const open = await openMeteredSandbox(script, { budgets });
  try {
    const run = await open.run({ allowedTools: ['Bash', 'Agent'] });
    expect(run.result.terminal_reason).toBe('completed');
    expect(lostIn(open.sandbox)).toEqual([]);
    expect(await leftIn(open.sandbox)).toEqual([]);
  } finally {
    await open.close();
  }
});

test('no alarm for a person who breaks off, clears and goes on', LONG, async () => {
  const script = toolLoop({ turns: 3, command: (step) => (step === 1 ? 'sleep 30' : 'true') });
  const { sandbox, stub, close } = await openMeteredSandbox(script, { budgets });
  const tty = await openClaudeTty({ home: sandbox.home, cwd: sandbox.repo, stub });
  try {
    await tty.submit('first');
    await stub.waitForServed(2, 60_000);
    await sleep(2_000);
    await tty.key('escape');
    await tty.submit('/clear');
    await sleep(1_000);
    await tty.submit('second');
    await stub.waitForServed(4, 60_000);
    await tty.key('escape');
    await sleep(1_500);
    expect(lostIn(sandbox)).toEqual([]);
  } finally {
    await tty.close();
  }
  expect(await leftIn(sandbox)).toEqual([]);
  await close();
});
