// Pages and letters of PDFs in the forms writers use: plain, packed streams, pages hidden in object streams, hexadecimal strings.
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pdfSizeOf } from '../../../../../src/agents/claude-code/events/pdf-size.ts';
import { pdfOf } from '../../../../support/media.ts';

const LINE = 'Line 12: the quick brown fox jumps over the lazy dog, then it rests.';

test.each([
  { isPacked: false, isHidden: false },
  { isPacked: true, isHidden: false },
  { isPacked: true, isHidden: true },
])('30 pages of 40 lines, %o', (form) => {
  const size = pdfSizeOf(
    pdfOf(
      Array.from({ length: 30 }, () => Array(40).fill(LINE)),
      form,
    ).toString('base64'),
  );
  expect(size.pageCount).toBe(30);
  expect(size.charCount).toBe(30 * 40 * LINE.length);
});

test('strings in hexadecimal digits count four for a letter, pictures none', () => {
  const content = deflateSync(Buffer.from(`BT <${'0041'.repeat(500)}> Tj ET`));
  const picture = deflateSync(Buffer.alloc(50_000, 40));
  const file = Buffer.concat([
    Buffer.from('%PDF-1.7\n3 0 obj << /Type /Page >> endobj\n'),
    Buffer.from('4 0 obj << /Length 9 /Filter /FlateDecode >>\nstream\n'),
    content,
    Buffer.from(
      '\nendstream endobj\n5 0 obj << /Subtype /Image /Filter /FlateDecode >>\nstream\r\n',
    ),
    picture,
    Buffer.from('\nendstream endobj\n'),
  ]);
  expect(pdfSizeOf(file.toString('base64'))).toEqual({ pageCount: 1, charCount: 500 });
});

test('what shows no page is taken by its size', () => {
  const size = pdfSizeOf(Buffer.alloc(500_000, 1).toString('base64'));
  expect(size).toEqual({ pageCount: 10, charCount: 25_000 });
  expect(pdfSizeOf('')).toEqual({ pageCount: 1, charCount: 2_500 });
});
