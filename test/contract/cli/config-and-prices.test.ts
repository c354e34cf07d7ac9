// `tollgate config` says what is in force in words, and from which file; `tollgate price` says what a model costs, and refuses what is no usage.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const wide = { columns: 300 };

test('every setting of a person is told in words, budgets with their file', async () => {
  const folder = join(sandbox.home, '.config/tollgate');
  const file = join(folder, 'config.json');
  mkdirSync(folder, { recursive: true });
  const own = {
    timeZone: 'Europe/Berlin',
    budgets: [
      { id: 'day', period: 'day', scope: { per: 'developer' }, soft: '15', hard: '20' },
      { id: 'look', period: '5h', hard: '3', mode: 'observe' },
      { id: 'window', plan: 'five-hour', soft: '70%' },
      { id: 'autumn', period: { from: '2026-09-01', until: '2026-12-15' }, hard: '900' },
    ],
    routing: [
      { id: 'late', when: { spent: '80%' }, action: 'haiku' },
      { id: 'batch', when: { batch: true, background: false, model: 'opus' }, action: 'sonnet' },
      { id: 'large', when: { expected: '2.00', agentType: 'Explore', work: '*x*' }, action: 'ask' },
    ],
    pricing: { multiplier: '0.8', models: { 'house-1': { input: '1', output: '2' } } },
  };
  writeFileSync(file, JSON.stringify(own));
  const text = await cliOk(sandbox, ['config'], wide);
  for (const line of [
    `  user      ${file}`,
    '  day  each developer, by day (Europe/Berlin): warns at $15.00, halts at $20.00',
    '  look  everything, by rolling: would halt at $3.00',
    '  window  everything, by five-hour window: warns at 70%',
    '  autumn  everything, by dates 2026-09-01 to 2026-12-15 (Europe/Berlin): halts at $900.00',
    `    from ${file}`,
    '  pricing             own prices of house-1; times 0.8; unknown models as the most expensive of their family',
    'Routing: 3 rules',
    '  late  80 % spent: haiku',
    '  batch  on opus, in the foreground, nobody there: sonnet',
    '  large  agent type Explore, work *x*, $2.00 expected: ask',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toMatch(new RegExp(`  timeZone +Europe/Berlin \\(from ${file}\\)\n`));
  const schema = JSON.parse(await cliOk(sandbox, ['config', '--schema']));
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(own)));
});

const price = (words: readonly string[], stdin = '') =>
  runCli(sandbox, ['price', ...words], {
    ...wide,
    stdin: Readable.from([stdin]) as unknown as NodeJS.ReadStream,
  });

test('a card and a usage are told in dollars, as JSON and as lines; an unknown model is marked', async () => {
  const card = JSON.parse((await price(['claude-opus-4-7', '--json'])).stdout);
  expect(card).toMatchObject({
    ...{ schema: 'tollgate/price@1', pricedAs: 'claude-opus-4-7', unknownModel: false },
    usdPerMillionTokens: { input: 5, output: 25, cacheRead: 0.5 },
  });
  const unknown = await price(['house-9', '--unknown-as', 'claude-haiku-4-5']);
  expect(unknown.stderr).toBe(
    'tollgate: house-9 has no price; it is counted as claude-haiku-4-5\n',
  );
  // A whole line of a transcript will do.
  const usage = { input_tokens: 1_000, output_tokens: 2_000 };
  const line = JSON.stringify({ message: { usage } });
  const lines = await price(['claude-opus-4-7', '--usage', '-'], line);
  expect(lines.stdout).toMatch(/^ {2}input +1000 × \$5\/M +.*\n/);
  expect(lines.stdout).toMatch(/claude-opus-4-7: \$0\.0550 \(55000000 nano-dollars\) by /);
  const priced = JSON.parse((await price(['house-9', '--usage', '-', '--json'], line)).stdout);
  expect(priced).toMatchObject({ unknownModel: true, costUsd: expect.any(Number) });
  expect((await price(['house-9', '--usage', '-'], line)).stderr).toContain('it was counted as');
});

test.each([
  ['{', 'stdin: it is not JSON'],
  ['7', 'stdin: it is not an object'],
  ['{"a":1}', 'stdin: it holds no usage object'],
  ['{"response":{"usage":{"input_tokens":5}}}', 'stdin: it holds no usage object'],
])('the usage %j is refused with why', async (text, told) => {
  const { exitCode, stdout, stderr } = await price(['opus', '--usage', '-'], text);
  expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining(told)]);
  expect(stderr).toContain('hint: give a JSON object with input_tokens');
});

test('a file that is not there and a date that is none are refused', async () => {
  expect((await price(['opus', '--usage', 'nowhere.json'])).stderr).toContain('ENOENT');
  const { exitCode, stderr } = await price(['opus', '--at', 'soon']);
  expect([exitCode, stderr]).toEqual([
    2,
    'tollgate: --at soon is not a date\n  hint: write it like 2026-09-30\n',
  ]);
});
