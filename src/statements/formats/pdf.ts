// A statement as a PDF: A4, an embedded font, tables that go on over pages. Rule: no text is cut off and no letter is missing in silence; the same
// statement gives the same bytes.
import { readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';
import { printable } from '../../reports/formats/width.ts';
import { findBuiltFile } from '../../runtime/built-file.ts';
import { type StatementDocument, type StatementTable, statementDocument } from '../document.ts';
import type { Statement } from '../statement.ts';

const MARGIN = 48;
const WIDTH = 595.28 - 2 * MARGIN;
/** Space for the number of the page. */
const FOOT = 30;
const BOTTOM = 841.89 - MARGIN - FOOT;
const GREY = '#5c5c57';
const RULE = '#deded9';
/** Points of a cell above and below its text. */
const PAD = 3;
const NUMBER_WIDTH = 88;

type Pdf = PDFKit.PDFDocument;

export function pdfOf(statement: Statement, logo: Uint8Array | null): Promise<Uint8Array> {
  const document = statementDocument(statement);
  const made = new Date(document.madeAt);
  const pdf = new PDFDocument({
    ...{ size: 'A4', margin: MARGIN, bufferPages: true, lang: document.language },
    // Its standard fonts are read from files beside it, and lack letters.
    font: null as unknown as string,
    info: {
      Keywords: statement.number ?? 'draft',
      ...{ Title: document.title, Author: statement.sender?.name ?? 'Tollgate' },
      ...{ Producer: 'Tollgate', Creator: 'Tollgate', CreationDate: made, ModDate: made },
    },
  });
  pdf.registerFont('text', fontFile('DejaVuSansCondensed.ttf'));
  pdf.registerFont('bold', fontFile('DejaVuSansCondensed-Bold.ttf'));
  pdf.page.margins.bottom = 0;
  pdf.on('pageAdded', () => {
    pdf.page.margins.bottom = 0;
  });
  const chunks: Uint8Array[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  write(pdf, document, logo);
  pdf.end();
  return done;
}

/** In a build beside the other files, else in the package that it comes from. */
function fontFile(name: string): Buffer {
  return readFileSync(
    findBuiltFile(`fonts/${name}`) ??
      findBuiltFile(`node_modules/dejavu-fonts-ttf/ttf/${name}`) ??
      name,
  );
}

function write(pdf: Pdf, document: StatementDocument, logo: Uint8Array | null): void {
  const { title, draftNote, tables, notes, footer, pageText } = document;
  if (logo !== null) {
    pdf.image(Buffer.from(logo), MARGIN, MARGIN, { fit: [170, 52] });
    pdf.y = MARGIN + 64;
  }
  paragraph(pdf, title, { font: 'bold', size: 18 });
  if (draftNote !== null) paragraph(pdf, draftNote, { font: 'bold', size: 9.5, color: '#b3261e' });
  parties(pdf, document);
  for (const [name, value] of document.facts) fact(pdf, name, value);
  for (const table of tables) drawTable(pdf, table);
  pdf.y += 14;
  for (const note of notes) paragraph(pdf, `• ${note}`, { size: 8, color: GREY });
  if (footer !== null) {
    pdf.y += 6;
    for (const line of footer.split('\n')) paragraph(pdf, line, { size: 9 });
  }
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page);
    const top = 841.89 - MARGIN;
    pdf.font('text').fontSize(8).fillColor(GREY);
    pdf.text(shown(pdf, title), MARGIN, top, { width: WIDTH - 120, height: 10, ellipsis: true });
    pdf.text(pageText(page + 1, count), MARGIN, top, { width: WIDTH, align: 'right' });
  }
}

interface Look {
  readonly font?: 'text' | 'bold';
  readonly size: number;
  readonly color?: string;
}

/** Text over the whole width; what does not fit on the page goes on the next. */
function paragraph(pdf: Pdf, text: string, { font = 'text', size, color = '#1d1d1b' }: Look): void {
  pdf.font(font).fontSize(size).fillColor(color);
  const height = pdf.heightOfString(shown(pdf, text), { width: WIDTH });
  makeSpace(pdf, height);
  pdf.text(shown(pdf, text), MARGIN, pdf.y, { width: WIDTH });
  pdf.y += 4;
}

function makeSpace(pdf: Pdf, height: number): boolean {
  if (pdf.y + height <= BOTTOM) return false;
  pdf.addPage();
  pdf.y = MARGIN;
  return true;
}

function parties(pdf: Pdf, { parties: all }: StatementDocument): void {
  const width = (WIDTH - 24) / 2;
  const top = pdf.y + 8;
  let bottom = top;
  for (const [index, { heading, lines }] of all.entries()) {
    const x = MARGIN + index * (width + 24);
    pdf.font('text').fontSize(8).fillColor(GREY).text(shown(pdf, heading), x, top, { width });
    pdf
      .fontSize(10)
      .fillColor('#1d1d1b')
      .text(shown(pdf, lines.join('\n')), x, pdf.y, { width });
    bottom = Math.max(bottom, pdf.y);
  }
  pdf.y = bottom + 12;
}

function fact(pdf: Pdf, name: string, value: string): void {
  pdf.font('text').fontSize(9);
  const options = { width: WIDTH - 120 };
  makeSpace(pdf, pdf.heightOfString(shown(pdf, value), options));
  const top = pdf.y;
  pdf.fillColor(GREY).text(shown(pdf, name), MARGIN, top, { width: 112 });
  pdf.fillColor('#1d1d1b').text(shown(pdf, value), MARGIN + 120, top, options);
  pdf.y = Math.max(pdf.y, top) + 2;
}

interface Cell {
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
}

function drawTable(pdf: Pdf, { heading, columns, rows, foot }: StatementTable): void {
  const first = WIDTH - NUMBER_WIDTH * (columns.length - 1);
  const cells = columns.map(
    ({ isNumber }, index): Cell => ({
      x: MARGIN + (index === 0 ? 0 : first + NUMBER_WIDTH * (index - 1)),
      width: index === 0 ? first - 10 : NUMBER_WIDTH - 4,
      align: isNumber ? 'right' : 'left',
    }),
  );
  const head = columns.map(({ title }) => title);
  pdf.y += 16;
  // A heading stands with at least two rows below it.
  makeSpace(pdf, 70);
  paragraph(pdf, heading, { font: 'bold', size: 11 });
  drawRow(pdf, cells, head, 'bold', head);
  for (const row of rows) drawRow(pdf, cells, row, 'text', head);
  for (const row of foot) drawRow(pdf, cells, row, 'bold', head);
}

/** One row; the head is repeated where it begins a page. A row that is longer than a page goes on over pages. */
function drawRow(
  pdf: Pdf,
  cells: readonly Cell[],
  row: readonly string[],
  font: 'text' | 'bold',
  head: readonly string[],
): void {
  pdf.font(font).fontSize(8.5);
  const heights = cells.map(({ width }, index) =>
    pdf.heightOfString(shown(pdf, row[index] ?? ''), { width }),
  );
  const height = Math.max(...heights) + 2 * PAD;
  if (makeSpace(pdf, height) && row !== head) drawRow(pdf, cells, head, 'bold', head);
  const top = pdf.y;
  pdf.font(font).fontSize(8.5).fillColor('#1d1d1b');
  for (const [index, { x, width, align }] of cells.entries()) {
    pdf.text(shown(pdf, row[index] ?? ''), x, top + PAD, { width, align });
  }
  pdf.y = top + height;
  pdf
    .moveTo(MARGIN, pdf.y)
    .lineTo(MARGIN + WIDTH, pdf.y)
    .lineWidth(0.5)
    .strokeColor(row === head ? '#1d1d1b' : RULE)
    .stroke();
}

/** What fontkit says of an embedded font; the types of the library leave it out. */
interface WithFont {
  readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
}

/** Text with the code of each letter that the font lacks in its place. */
function shown(pdf: Pdf, text: string): string {
  const { font } = (pdf as unknown as WithFont)._font;
  const lines = text.split('\n').map(printable);
  return lines.join('\n').replace(/[^\x20-\x7e\n]/gu, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return font.hasGlyphForCodePoint(code) ? letter : `[U+${code.toString(16).toUpperCase()}]`;
  });
}
