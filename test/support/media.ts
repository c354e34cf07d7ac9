// Images and PDFs for tests, made on the spot.
import { crc32, deflateSync } from 'node:zlib';

/** A PNG of noise, which weighs nearly three bytes a pixel. */
export function noisePng(width: number, height: number): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0, state = 1; y < height; y++) {
    for (let x = 1; x <= width * 3; x++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      rows[y * (width * 3 + 1) + x] = state >>> 24;
    }
  }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** How a PDF is written: its streams packed, its pages in an object stream. */
export interface PdfForm {
  readonly isPacked: boolean;
  readonly isHidden: boolean;
}

/** A PDF with these lines of text on its pages. */
export function pdfOf(
  pages: readonly (readonly string[])[],
  { isPacked, isHidden }: PdfForm = { isPacked: true, isHidden: false },
): Buffer {
  const parts: Buffer[] = [];
  const offsets: number[] = [];
  let length = 0;
  const write = (bytes: Buffer | string) => {
    const part = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    parts.push(part);
    length += part.length;
  };
  const object = (id: number, dictionary: string, stream: Buffer | null = null) => {
    offsets[id] = length;
    write(`${id} 0 obj\n${dictionary}\n`);
    if (stream) for (const part of ['stream\n', stream, '\nendstream\n']) write(part);
    write('endobj\n');
  };
  const packed = (text: string, more = '') => {
    const bytes = isPacked ? deflateSync(Buffer.from(text)) : Buffer.from(text);
    const filter = isPacked ? '/Filter /FlateDecode ' : '';
    return [`<< /Length ${bytes.length} ${filter}${more}>>`, bytes] as const;
  };
  write('%PDF-1.5\n');
  object(1, '<< /Type /Catalog /Pages 2 0 R >>');
  object(3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const kids = pages.map((_, index) => `${4 + 2 * index} 0 R`);
  object(2, `<< /Type /Pages /Count ${pages.length} /Kids [${kids.join(' ')}] >>`);
  const hidden: string[] = [];
  pages.forEach((lines, index) => {
    const id = 4 + 2 * index;
    const resources = '/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792]';
    const page = `<< /Type /Page /Parent 2 0 R ${resources} /Contents ${id + 1} 0 R >>`;
    if (isHidden) hidden.push(page);
    else object(id, page);
    const shown = lines.map((line) => `(${line}) Tj T*`).join('\n');
    object(id + 1, ...packed(`BT /F1 10 Tf 50 780 Td 12 TL\n${shown}\nET`));
  });
  if (isHidden) object(4 + 2 * pages.length, ...packed(hidden.join('\n'), '/Type /ObjStm '));
  const table = length;
  write(`xref\n0 ${offsets.length}\n0000000000 65535 f \n`);
  for (const offset of offsets.slice(1)) {
    write(`${String(offset ?? 0).padStart(10, '0')} 00000 n \n`);
  }
  write(`trailer << /Size ${offsets.length} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`);
  return Buffer.concat(parts);
}
