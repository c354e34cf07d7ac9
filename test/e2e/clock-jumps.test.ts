// A clock that jumps opens no window of a budget again: far ahead and back, and far back. The hooks see a shifted clock; the
// uptime of the machine is the real one.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import { guard } from '../support/guarded.ts';
import { type HookAnswer, runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { prompt, response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

/** A session under a ceiling by the month; says what it costs, and sends its prompts on a day some days from today. */
async function monthly() {
  await guard(sandbox, { budgets: [{ id: 'month', period: 'month', hard: '1.00' }] });
  const transcript_path = join(sandbox.home, 's1.jsonl');
  writeFileSync(transcript_path, prompt('t1'));
  let count = 0;
  const clock = join(sandbox.root, 'clock.cjs');
  writeFileSync(
    clock,
    'const { now } = Date; Date.now = () => now() + Number(process.env.SHIFT_MS);\n',
  );
  return {
    spend(usd: number, shiftDays = 0) {
      count += 1;
      const line = response({ id: `m${count}`, output: usd * 40_000, input: 0 });
      const at = new Date(Date.now() + shiftDays * DAY_MS).toISOString();
      appendFileSync(transcript_path, line.replace(/"timestamp":"[^"]*"/, `"timestamp":"${at}"`));
    },
    ask(shiftDays = 0): Promise<HookAnswer> {
      const event = { session_id: 's1', transcript_path, prompt: 'go on', prompt_id: `p${count}` };
      const env = { NODE_OPTIONS: `--require ${clock}`, SHIFT_MS: String(shiftDays * DAY_MS) };
      return runHook(sandbox, 'UserPromptSubmit', event, env);
    },
  };
}

const isHalt = ({ output }: HookAnswer): boolean => output?.decision === 'block';

test('forty days ahead is told, and back again the month that is spent stays closed', async () => {
  const { spend, ask } = await monthly();
  await ask();
  spend(1);
  expect(isHalt(await ask())).toBe(true);
  const ahead = await ask(40);
  expect(JSON.stringify(ahead.output)).toContain('40 days further');
  expect(isHalt(await ask())).toBe(true);
});

test('what is spent ahead of time counts in both months after the clock is right again', async () => {
  const { spend, ask } = await monthly();
  await ask();
  spend(0.3);
  expect(isHalt(await ask())).toBe(false);
  expect(isHalt(await ask(40))).toBe(false);
  spend(0.7);
  expect(isHalt(await ask())).toBe(true);
});

test('four hundred days back opens no earlier month, and is told', async () => {
  const { spend, ask } = await monthly();
  await ask();
  spend(1);
  expect(isHalt(await ask())).toBe(true);
  const back = await ask(-400);
  expect(isHalt(back)).toBe(true);
  expect(JSON.stringify(back.output)).toContain('400 days behind');
});

test('what is spent while the clock is back counts in the newest month', async () => {
  const { spend, ask } = await monthly();
  await ask();
  spend(0.5);
  expect(isHalt(await ask(-400))).toBe(false);
  spend(0.5, -400);
  expect(isHalt(await ask(-400))).toBe(true);
});

test('without a mark of the clock a month far ahead is not believed', async () => {
  const { ask } = await monthly();
  await ask(2_000);
  rmSync(join(sandbox.tollgateHome, 'clock.json'));
  expect(isHalt(await ask())).toBe(false);
});
