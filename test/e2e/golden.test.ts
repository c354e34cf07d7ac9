// Every output of every command at 80 and 50 columns, piped and on a terminal, against files that somebody has looked at.
// To change them: npx vitest run test/e2e/golden.test.ts -u, and look at what changed.
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/commands.ts';
import { displayWidth } from '../../src/reports/formats/width.ts';
import { type CliResult, runCli } from '../support/in-process-cli.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { HALTED, HALTED_BY_HAND, openShop, SHOP_NOW, SHOP_ROOT, WORKING } from '../support/shop.ts';

const GOLDEN = join(import.meta.dirname, '../fixtures/golden');
const ESCAPES = /\x1b\[[0-9;]*m/g;

/** The words of each file's command lines. */
const READING: Readonly<Record<string, readonly (readonly string[])[]>> = {
  status: [['status'], ['status', '--session', HALTED], ['status', '--all', '--check']],
  watch: [['watch', '--once']],
  report: [
    ['report'],
    ['report', '--by', 'session'],
    ['report', '--by', 'project'],
    ['report', '--by', 'session,model'],
    ['report', '--by', 'model', '--breakdown', '--top', '1'],
    ['report', '--format', 'markdown'],
    ['report', '--format', 'csv'],
    ['report', '--by', 'day,session,model', '--format', 'csv'],
    ['report', '--since', 'last-year', '--until', 'last-year'],
    ['report', '--by', 'sesion'],
    ['report', '--since', 'soon'],
  ],
  why: [['why', HALTED]],
  digest: [
    ['digest'],
    ['digest', '--week', '2026-11-21'],
    ['digest', '--day', '2026-11-21', '--format', 'markdown'],
    ['digest', '--day', '2026-11-19'],
    ['digest', '--day', 'soon'],
    ['digest', '--to', 'team'],
  ],
  pr: [['pr'], ['pr', '--format', 'line']],
  trailer: [['trailer', '--all']],
  price: [
    ['price', 'claude-opus-4-7'],
    ['price', 'gpt-9'],
    ['price', 'opus', '--usage', '-'],
  ],
  reconcile: [['reconcile']],
  replay: [['replay'], ['replay', '--config', 'nowhere.json']],
  config: [['config']],
  doctor: [['doctor']],
  drill: [['drill']],
  statusline: [['statusline'], ['statusline', '--segment']],
  init: [['init', '--dry-run', '--yes']],
  uninstall: [['uninstall', '--dry-run']],
  run: [['run', '--', '/bin/true']],
  mistakes: [
    ['repot'],
    ['report', '--bogus'],
    ['grant'],
    ['grant', 'x'],
    ['status', '--session', 'zz'],
  ],
};
/** Those that change something: each on a shop of its own. */
const CHANGING: Readonly<Record<string, readonly (readonly string[])[]>> = {
  sync: [['sync']],
  grant: [
    ['grant', '2', '--session', HALTED, '--yes'],
    ['grant', '--revoke', '--session', HALTED, '--yes'],
  ],
  halt: [
    ['halt', '--session', WORKING],
    ['halt', '--session', WORKING],
    ['resume', '--session', WORKING],
  ],
  resume: [
    ['resume', '--session', HALTED_BY_HAND],
    ['resume', '--session', HALTED],
    ['resume', '--session', HALTED_BY_HAND],
  ],
  label: [
    ['label', '--session', WORKING, 'client=acme', '--yes'],
    ['label', '--session', WORKING, '--undo', '--yes'],
  ],
};

const LOOKS = [80, 50].flatMap((columns) =>
  [false, true].map((isTerminal) => ({ columns, isTerminal })),
);
type Look = (typeof LOOKS)[number];

function run(shop: Sandbox, words: readonly string[], { columns, isTerminal }: Look) {
  const input = words.includes('--usage')
    ? '{"input_tokens":1000,"output_tokens":500}'
    : JSON.stringify({ session_id: WORKING, cwd: shop.repo });
  return runCli(shop, words, {
    ...{ columns, isTerminal, isFancy: isTerminal, now: SHOP_NOW },
    env: shop.env({ COLUMNS: String(columns) }),
    stdin: Readable.from([input]) as unknown as NodeJS.ReadStream,
  });
}

/** Output in which nothing differs between machines. */
function stable(text: string, shop: Sandbox): string {
  return text
    .replaceAll(shop.root, SHOP_ROOT)
    .replace(/(✓ node .*\n)[\s\S]*?(?=[✓!✗] driver)/, '$1')
    .replace(/\b\d+\.\d+\.\d+\b/g, '0.0.0')
    .replace(/\b\d+\.\d MB/g, '0.0 MB')
    .replaceAll('\x1b', '␛');
}

function rendered(words: readonly string[], { exitCode, stdout, stderr }: CliResult): string {
  const told = stderr === '' ? '' : `--- stderr\n${stderr}`;
  return `$ tollgate ${words.join(' ')}\n${stdout}${told}--- ${exitCode}\n`;
}

const titleOf = ({ columns, isTerminal }: Look): string =>
  `═══ ${columns} columns, ${isTerminal ? 'on a terminal' : 'piped'}\n`;

async function golden(
  name: string,
  looks: readonly Look[],
  shopFor: () => Promise<Sandbox>,
  leave: boolean,
): Promise<void> {
  let text = '';
  for (const look of looks) {
    const shop = await shopFor();
    text += titleOf(look);
    for (const words of [...(READING[name] ?? []), ...(CHANGING[name] ?? [])]) {
      text += `${stable(rendered(words, await run(shop, words, look)), shop)}\n`;
    }
    if (leave) await shop.cleanup();
  }
  await expect(text).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
}

describe.skipIf(process.platform === 'win32')('what commands print', () => {
  let shop: Sandbox;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.cleanup());

  test.each(Object.keys(READING))('%s', async (name) => {
    await golden(name, LOOKS, async () => shop, false);
  });

  test.each(Object.keys(CHANGING))('%s', async (name) => {
    // The widest apart of them: each needs a shop of its own.
    await golden(name, [LOOKS[0], LOOKS[3]] as Look[], openShop, true);
  });

  test.each([80, 50])('help at %i columns', async (columns) => {
    let text = '';
    for (const name of ['', ...COMMANDS.map((each) => each.name)]) {
      const words = [...(name === '' ? [] : [name]), '--help'];
      text += rendered(words, await run(shop, words, { columns, isTerminal: true }));
    }
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `help-${columns}.txt`));
  });

  test('tables and prose on a terminal fit, but for names that cannot be broken', async () => {
    const TABLES = [
      'status',
      'watch',
      'report',
      'why',
      'price',
      'doctor',
      'drill',
      'statusline',
      'reconcile',
      'replay',
      'config',
    ];
    for (const look of LOOKS.filter(({ isTerminal }) => isTerminal)) {
      for (const words of TABLES.flatMap((name) => READING[name] ?? [])) {
        if (words.includes('--format')) continue;
        const { stdout } = await run(shop, words, look);
        const wide = stdout
          .replace(ESCAPES, '')
          .split('\n')
          // A path is not broken, so that it can be copied.
          .filter((line) => displayWidth(line) > look.columns && !line.includes('/tmp/'));
        expect(wide, words.join(' ')).toEqual([]);
      }
    }
  });
});
