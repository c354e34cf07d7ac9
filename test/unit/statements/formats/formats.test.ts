// Every format against a file that somebody has looked at. To change them: vitest -u, and look at what changed, the PDF as a picture.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decimalText, parseDecimal } from '../../../../src/statements/amounts.ts';
import { STATEMENT_FORMATS } from '../../../../src/statements/formats/formats.ts';
import { sampleStatement } from '../../../support/statement-samples.ts';

const GOLDEN = join(import.meta.dirname, '../../../fixtures/golden');
const rendered = async (name: string, ...of: Parameters<typeof sampleStatement>) => {
  const format = STATEMENT_FORMATS.find((each) => each.name === name);
  return Buffer.from((await format?.render(sampleStatement(...of), null)) ?? '');
};

test.each(STATEMENT_FORMATS.filter(({ name }) => name !== 'pdf'))(
  'a statement as $name',
  async ({ name, extension }) => {
    const text = (await rendered(name)).toString();
    await expect(text).toMatchFileSnapshot(join(GOLDEN, `statement-${name}.${extension}`));
  },
);

test.each([
  ['en', 'USD'],
  ['fr', 'EUR'],
  ['de', 'JPY'],
] as const)('a statement in %s and %s', async (language, currency) => {
  const text = (await rendered('markdown', 2, { language, currency, rounding: 'line' })).toString();
  await expect(text).toMatchFileSnapshot(join(GOLDEN, `statement-${language}.md`));
});

test('amounts of CSV, Excel and FOCUS add up to the total', async () => {
  const { total } = sampleStatement();
  const sumOf = (cells: readonly string[]) =>
    decimalText(
      cells.reduce((sum, cell) => sum + parseDecimal(cell), 0n),
      2,
    );
  const lines = async (name: string) =>
    (await rendered(name)).toString().trim().split('\r\n').slice(1);
  expect(sumOf((await lines('csv')).map((line) => line.split(',').at(-2) ?? ''))).toBe(total);
  expect(sumOf((await lines('focus')).map((line) => line.split(',')[0] ?? ''))).toBe(total);
  const german = await lines('excel');
  expect(sumOf(german.map((line) => line.split(';').at(-2)?.replace(',', '.') ?? ''))).toBe(total);
});

test('no cell of a spreadsheet is a formula', async () => {
  for (const name of ['csv', 'excel', 'focus']) {
    const text = (await rendered(name)).toString();
    expect(text).toContain("'=HYPERLINK");
    expect(text).not.toMatch(/(^|[,;"])=/m);
  }
});

describe('the PDF', () => {
  test('has the same bytes each time, and the pages it takes', async () => {
    const [first, again] = [await rendered('pdf', 40), await rendered('pdf', 40)];
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(first)).toBe(hash(again));
    expect(first.subarray(0, 5).toString()).toBe('%PDF-');
    expect(/\/Type \/Pages\n\/Count (\d+)/.exec(first.toString('latin1'))?.[1]).toBe('3');
    expect(first.toString('latin1')).toContain('(2026-0007)');
  });

  test('puts no text outside of its pages, with 400 lines and long names', async () => {
    const bytes = await rendered('pdf', 400);
    const streams = [...bytes.toString('latin1').matchAll(/\/FlateDecode\n>>\nstream\n/g)];
    const pages = streams.flatMap(({ index, 0: head }) => {
      try {
        return inflateSync(bytes.subarray(index + head.length)).toString('latin1');
      } catch {
        return []; // a font
      }
    });
    const places = pages.flatMap((page) =>
      [...page.matchAll(/1 0 0 1 (\S+) (\S+) Tm/g)].map(([, x, y]) => [Number(x), Number(y)]),
    );
    expect(places.length).toBeGreaterThan(1_600);
    const outside = places.filter(([x = 0, y = 0]) => x < 48 || x > 547 || y < 30 || y > 800);
    expect(outside).toEqual([]);
  });
});
