// Pages and letters of a PDF, counted without following its references. An estimate: what is encrypted or unusual is taken by its size.

export interface PdfSize {
  readonly pageCount: number;
  readonly charCount: number;
}

/** Unpacked at most, so that a large document does not hold the hook up; pages that are left are taken to be like those seen. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
/** Where no page can be seen: pages of text with a picture or two. */
const BYTES_PER_UNSEEN_PAGE = 50_000;
const CHARS_PER_UNSEEN_PAGE = 2_500;
/** A stream's dictionary stands right before it. */
const DICTIONARY_CHARS = 1_000;
const PAGE = /\/Type\s*\/Page(?![A-Za-z])/g;
/** Strings that a page shows: in parentheses, or in hexadecimal digits. */
const SHOWN = /\((?:[^()\\]|\\[\s\S])*\)|<[0-9A-Fa-f\s]+>/g;

/** Pages and letters of a PDF in base64. */
export function pdfSizeOf(base64: string): PdfSize {
  const file = Buffer.from(base64, 'base64');
  const text = file.toString('latin1');
  let pageCount = countOf(text, PAGE);
  let charCount = 0;
  let textStreamCount = 0;
  let room = MAX_UNPACKED_BYTES;
  for (let at = nextStream(text, 0); at >= 0 && room > 0; at = nextStream(text, at)) {
    const stream = unpacked(file, text, at, room);
    room -= stream.length;
    if (dictionaryOf(text, at).includes('/ObjStm')) pageCount += countOf(stream, PAGE);
    const chars = charsShown(stream);
    charCount += chars;
    if (chars > 0) textStreamCount += 1;
  }
  if (pageCount === 0) {
    pageCount = Math.max(1, Math.ceil(file.length / BYTES_PER_UNSEEN_PAGE));
    charCount = Math.max(charCount, pageCount * CHARS_PER_UNSEEN_PAGE);
  }
  const isCut = room <= 0 && textStreamCount > 0;
  return { pageCount, charCount: isCut ? (charCount / textStreamCount) * pageCount : charCount };
}

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Where the bytes of the next stream begin; -1: there is none. */
function nextStream(text: string, from: number): number {
  for (let at = text.indexOf('stream', from); at >= 0; at = text.indexOf('stream', at + 6)) {
    const isBegin = text.slice(at - 3, at) !== 'end';
    if (isBegin && text[at + 6] === '\r' && text[at + 7] === '\n') return at + 8;
    if (isBegin && text[at + 6] === '\n') return at + 7;
  }
  return -1;
}

function dictionaryOf(text: string, streamAt: number): string {
  const before = text.slice(Math.max(0, streamAt - DICTIONARY_CHARS), streamAt);
  return before.slice(Math.max(0, before.lastIndexOf(' obj')));
}

/** A stream as text; empty where it is a picture or a font, or packed in another way. */
function unpacked(file: Buffer, text: string, at: number, room: number): string {
  const dictionary = dictionaryOf(text, at);
  if (/\/Image|\/Length1|\/FontFile|\/XRef/.test(dictionary)) return '';
  const end = text.indexOf('endstream', at);
  const bytes = file.subarray(at, end < 0 ? file.length : end);
  if (!dictionary.includes('/Filter')) return bytes.toString('latin1');
  if (!dictionary.includes('/FlateDecode')) return '';
  try {
    // Loaded here, since few results are documents.
    const { inflateSync } = process.getBuiltinModule('node:zlib');
    return inflateSync(bytes, { maxOutputLength: room }).toString('latin1');
  } catch {
    return '';
  }
}

/** Letters in the strings of a page's content; fonts with large alphabets take four digits for each. */
function charsShown(stream: string): number {
  if (!/\bT[jJ]\b/.test(stream)) return 0;
  return (stream.match(SHOWN) ?? []).reduce(
    (sum, shown) => sum + (shown[0] === '(' ? shown.length - 2 : (shown.length - 2) / 4),
    0,
  );
}
