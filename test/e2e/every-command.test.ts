// What holds for every command: help that fits, and one JSON document where it is asked for.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CliContext } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands/commands.ts';
import { BUNDLE_SCHEMA, bundleText } from '../../src/exchange/bundle.ts';
import { machineKey } from '../../src/exchange/machine-key.ts';
import { displayWidth } from '../../src/reports/formats/width.ts';
import { runCli } from '../support/in-process-cli.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { HALTED_BY_HAND, openShop, SHOP_NOW, WORKING } from '../support/shop.ts';

let shop: Sandbox;
beforeAll(async () => {
  shop = await openShop();
  await writeFile(join(shop.root, 'usage.json'), '{"input_tokens":1000,"output_tokens":500}');
  const end = { madeAt: SHOP_NOW, name: 'other', developer: null };
  const key = machineKey(join(shop.root, 'other-key.json'));
  const { machineId, publicKey } = key;
  const head = { schema: BUNDLE_SCHEMA, machineId, publicKey } as const;
  const bundle = [...bundleText(head, [], end, key.privateKey)].join('');
  await writeFile(join(shop.root, 'bundle.jsonl'), bundle);
});
afterAll(() => shop.cleanup());

const stdin = (text: string): Partial<CliContext> => ({
  stdin: Readable.from([text]) as unknown as NodeJS.ReadStream,
});

/** Words behind each command that make it say something; `run` prints its JSON on stderr. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  init: ['--dry-run', '--yes'],
  uninstall: ['--dry-run'],
  completions: ['bash'],
  label: ['--session', WORKING, 'client=acme', '--yes'],
  price: ['opus', '--usage', 'USAGE'],
  sync: ['--from', 'CLAUDE'],
  export: ['--out', 'EXPORT'],
  import: ['BUNDLE'],
  grant: ['1', '--session', WORKING, '--yes'],
  halt: ['--session', HALTED_BY_HAND],
  resume: ['--session', HALTED_BY_HAND],
  why: [WORKING],
  statement: ['--all', '--month', '2026-11'],
  run: ['--', process.execPath, '-e', ''],
};
const wordsOf = (name: string): string[] =>
  (WORDS[name] ?? []).map((word) =>
    word
      .replace('USAGE', join(shop.root, 'usage.json'))
      .replace('EXPORT', join(shop.root, 'export.jsonl'))
      .replace('BUNDLE', join(shop.root, 'bundle.jsonl'))
      .replace('CLAUDE', join(shop.home, '.claude')),
  );

const NAMES = COMMANDS.map(({ name }) => name);
/** The dashboard serves until it is ended. */
const ENDING = NAMES.filter((name) => name !== 'dashboard');

describe.each([80, 50])('at %i columns', (columns) => {
  test.each(['', ...NAMES])('the help of "%s" fits', async (name) => {
    const { exitCode, stdout } = await runCli(shop, [name, '--help'].filter(Boolean), { columns });
    expect(exitCode).toBe(0);
    const wide = stdout.split('\n').filter((line) => displayWidth(line) > columns);
    expect(wide).toEqual([]);
  });
});

test.each(ENDING)('tollgate %s prints one JSON document with its schema', async (name) => {
  for (const words of [
    [name, '--json', ...wordsOf(name)],
    ['--json', name, ...wordsOf(name)],
  ]) {
    const { stdout, stderr } = await runCli(shop, words, { now: SHOP_NOW, ...stdin('') });
    const document = JSON.parse(name === 'run' ? stderr : stdout) as { schema: string };
    expect(document.schema, stderr).toMatch(new RegExp(`^tollgate/${name}@\\d+$`));
  }
});

test.each(ENDING.filter((name) => !['mcp', 'statusline', 'run'].includes(name)))(
  'tollgate %s --quiet prints nothing where nothing fails',
  async (name) => {
    const { exitCode, stdout, stderr } = await runCli(shop, [name, ...wordsOf(name), '--quiet'], {
      now: SHOP_NOW,
      ...stdin(''),
    });
    expect(exitCode === 2 ? '' : stdout + stderr).toBe('');
  },
);

test('a command that fails says so, however quiet', async () => {
  const { exitCode, stderr } = await runCli(shop, ['report', '--by', 'x', '--quiet']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--by x is not known');
});

test('help of a command is its --help', async () => {
  const [byWord, byOption] = await Promise.all([
    runCli(shop, ['help', 'status']),
    runCli(shop, ['status', '--help']),
  ]);
  expect(byWord).toEqual(byOption);
  expect(byWord.stdout).toContain('--session <id>');
  expect((await runCli(shop, ['help'])).stdout).toBe((await runCli(shop, ['--help'])).stdout);
});

test('an example that was broken can still be pasted', async () => {
  const { stdout } = await runCli(shop, ['report', '--help'], { columns: 50 });
  expect(stdout).toContain(
    "tollgate report --by session --where \\\n      branch='feat/*' --top 10\n",
  );
});
