// A golden file per format, from one small ledger that has a bit of everything. To accept a change: vitest -u.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textCell } from '../../../src/reports/formats/csv.ts';
import { bar, countText, moneyCells, sparkline } from '../../../src/reports/formats/figures.ts';
import { FORMATS } from '../../../src/reports/formats/formats.ts';
import { markdownText } from '../../../src/reports/formats/markdown.ts';
import { cutTo, displayWidth, padTo, printable } from '../../../src/reports/formats/width.ts';
import { findReport } from '../../../src/reports/reports.ts';
import { correction, recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { type Ask, readTable } from './read-table.ts';

const GOLDEN = join(import.meta.dirname, '..', '..', 'fixtures', 'reports');
const ENDINGS: Readonly<Record<string, string>> = {
  text: 'txt',
  json: 'json',
  csv: 'csv',
  markdown: 'md',
  focus: 'focus.csv',
};

let ledger: ReturnType<typeof temporaryLedger>;
beforeAll(() => {
  ledger = temporaryLedger();
  const shop = {
    repository: 'github.com/Acme/Shop',
    developer: 'dana@acme.example',
    client: 'Acme',
  };
  recordAll(ledger.store, [
    request({
      id: 'msg_1',
      at: '2026-11-19T09:00:00Z',
      cost: 1_234_567_891,
      labels: { ...shop, branch: 'feat/ABC-7', ticket: 'ABC-7', labels: 'team=core' },
    }),
    request({
      id: 'msg_2',
      at: '2026-11-19T09:05:00Z',
      cost: 42_000_001,
      labels: {
        ...shop,
        branch: 'feat/ABC-7',
        model: 'claude-haiku-4-5',
        agentType: 'Explore',
        tool: 'Read',
      },
    }),
    request({
      id: 'msg_3',
      at: '2026-11-20T23:30:00Z',
      cost: 7_000_000_000,
      session: 'session-b',
      labels: { ...shop, branch: '=cmd|calc', client: '日本|商店' },
      usage: { cacheReadTokens: 1_234_567 },
    }),
    request({
      id: 'msg_4',
      at: '2026-11-21T10:00:00Z',
      cost: 500_000,
      session: 'session-c',
      unknownModel: true,
      labels: { model: 'some-model', branch: null },
    }),
    correction({
      id: 'settled:1',
      at: '2026-11-21T10:01:00Z',
      cost: 999,
      session: 'session-c',
      labels: { model: null },
    }),
  ]);
});
afterAll(() => ledger.remove());

describe.each(FORMATS)('$name', (format) => {
  test.each([
    ['by-day', ['day'], {}],
    ['by-client-breakdown', ['client'], { breakdown: true, top: 2 }],
    ['by-branch-and-model', ['branch', 'model'], {}],
  ] as const)('%s', async (name, by, more: Partial<Ask>) => {
    const asked = by.map((word) => findReport(word)).filter((each) => each !== null);
    const groups = format.groupsFor?.(asked) ?? asked;
    const table = readTable(ledger.store, { by: groups, timeZone: 'Europe/Berlin', ...more });
    const text = format.print(table, { isFancy: false, columns: 100 });
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `${name}.${ENDINGS[format.name]}`));
  });
});

describe('text on a terminal', () => {
  const text = FORMATS.find(({ name }) => name === 'text');
  const print = (by: string[], columns: number, isFancy = false) =>
    text?.print(readTable(ledger.store, { by }), { isFancy, columns }) ?? '';

  test('has colour and bars only where they are welcome', async () => {
    expect(print(['day'], 100)).not.toContain('\u001b');
    expect(print(['day'], 100)).not.toContain('█');
    await expect(print(['day'], 100, true)).toMatchFileSnapshot(join(GOLDEN, 'by-day.fancy.txt'));
  });

  test.each([30, 40, 60, 80, 200])('keeps within %d columns, amounts whole', (columns) => {
    for (const by of [['day'], ['client'], ['session'], ['branch'], ['day', 'model']]) {
      const output = print(by, columns);
      const lines = output.split('\n').slice(1);
      if (by.length === 1) {
        for (const line of lines.filter((each) => !each.startsWith('!'))) {
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        }
      }
      expect(output).toContain('$8.28');
    }
  });
});

describe('CSV that no spreadsheet executes', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['a;=1', '"a;\'=1"'],
    ['a\n=1', '"a\n\'=1"'],
    ['a,=1', '"a,\'=1"'],
    ['say "hi"', '"say ""hi"""'],
    ['feat/ABC-7', 'feat/ABC-7'],
    ['a=b', 'a=b'],
    ['', ''],
  ])('%j', (value, cell) => {
    expect(textCell(value)).toBe(cell);
  });
});

describe('Markdown', () => {
  test('a label can neither end its cell nor be markup', () => {
    expect(markdownText('a|b')).toBe('a\\|b');
    expect(markdownText('<script>')).toBe('\\<script\\>');
    expect(markdownText('[x](y)')).toBe('\\[x\\](y)');
    expect(markdownText('@dana')).not.toBe('@dana');
    expect(markdownText('a\nb')).not.toContain('\n');
  });
});

describe('figures', () => {
  test('what is not nothing never shows as nothing', () => {
    expect(moneyCells(5_000_000_000)(1)).toBe('<$0.01');
    expect(moneyCells(5_000_000_000)(0)).toBe('$0.00');
    expect(moneyCells(5_000_000_000)(-1)).toBe('-<$0.01');
    expect(moneyCells(900_000_000)(123_456_789)).toBe('$0.1235');
    expect(moneyCells(1e13)(1_234_567_890_000)).toBe('$1,234.57');
    expect(bar(1, 1_000_000, 10)).toBe('▏');
    expect(bar(0, 10, 10)).toBe('');
    expect(bar(10, 10, 4)).toBe('████');
    expect(sparkline([0, 1, 8], 9)).toBe('▁▁█');
  });

  test('counts are short', () => {
    expect([0, 999, 1_000, 12_345, 999_949, 1_234_567, 2e9].map(countText)).toEqual([
      '0',
      '999',
      '1.00k',
      '12.3k',
      '999.9k',
      '1.23M',
      '2.00G',
    ]);
  });
});

describe('width', () => {
  test.each([
    ['abc', 3],
    ['äöü', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👍🏽', 2],
    ['👨‍👩‍👧', 2],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['…', 1],
  ])('%s is %d wide', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('cuts and pads by columns', () => {
    expect(cutTo('日本語', 5)).toBe('日本…');
    expect(cutTo('日本語', 4)).toBe('日…');
    expect(padTo('日本', 6, 'right')).toBe('  日本');
    expect(cutTo('abc', 3)).toBe('abc');
  });

  test('nothing moves the cursor', () => {
    expect(printable('a\u001b[31mb\u202ec\n')).toBe('a·[31mb·c·');
  });
});
