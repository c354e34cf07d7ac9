// The lines of a seal: packed, chained by hash, and checked. Rule: a line that says anything else than what it was written with is not
// believed, and neither is its place in the chain.
import { readFileSync } from 'node:fs';
import type { SealedContent } from '../sealing.ts';
import type { Restored } from './restored.ts';
import { headerOf, type SealHeader, type SealPlaces } from './seal-file.ts';

interface SealLine {
  readonly header: SealHeader;
  readonly packed: string;
}

// Loaded when they are used: a hook that only looks at the end of the seal needs neither.
const crypto = () => process.getBuiltinModule('node:crypto');
const zlib = () => process.getBuiltinModule('node:zlib');

export const hashOf = (text: string): string =>
  crypto().createHash('sha256').update(text).digest('hex');

function headOf({ head: _, ...header }: SealHeader, packed: string): string {
  return hashOf(`${JSON.stringify(header)}\n${packed}`);
}

/** The text of a line, and its header with the hash. */
export function formatLine(
  given: Omit<SealHeader, 'head'>,
  content: SealedContent | null,
  restored: Restored | null,
): { readonly text: string; readonly header: SealHeader } {
  const packed = zlib().deflateRawSync(JSON.stringify({ content, restored })).toString('base64');
  const header = { ...given, head: headOf({ ...given, head: '' }, packed) };
  return { text: `${packed} ${JSON.stringify(header)}\n`, header };
}

/** What a line holds. */
export function unpack({ packed }: SealLine): {
  readonly content: SealedContent | null;
  readonly restored: Restored | null;
} {
  return JSON.parse(zlib().inflateRawSync(Buffer.from(packed, 'base64')).toString()) as {
    content: SealedContent | null;
    restored: Restored | null;
  };
}

/** The lines of a file that are what they were written as, by their number. */
function intactLines(file: string): Map<number, SealLine[]> {
  const lines = new Map<number, SealLine[]>();
  for (const text of textOf(file).split('\n')) {
    const header = headerOf(text);
    const packed = text.slice(0, text.lastIndexOf(' '));
    if (header === null || headOf(header, packed) !== header.head) continue;
    lines.set(header.seq, [...(lines.get(header.seq) ?? []), { header, packed }]);
  }
  return lines;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // not there: the other place has it
  }
}

/** A seal as both of its places tell it. */
export interface WholeSeal {
  readonly lines: readonly SealLine[];
  /** Lines that neither place has any more as they were written. */
  readonly lostCount: number;
}

/** Reads both places; of two lines of one number the one that follows the line before counts. */
export function readSeal(places: SealPlaces): WholeSeal {
  const found = places.map(intactLines);
  const newest = Math.max(0, ...found.flatMap((lines) => [...lines.keys()]));
  const lines: SealLine[] = [];
  let lostCount = 0;
  for (let seq = 1; seq <= newest; seq += 1) {
    const candidates = found.flatMap((each) => each.get(seq) ?? []);
    const before = lines.at(-1)?.header.head ?? '';
    const line = candidates.find(({ header }) => header.prev === before) ?? candidates[0];
    if (line === undefined) lostCount += 1;
    else lines.push(line);
  }
  return { lines, lostCount };
}

/** The times that the ledger was restored, the latest last. */
export function readRestorations(places: SealPlaces): readonly Restored[] {
  return readSeal(places)
    .lines.filter(({ header }) => header.kind === 'restored')
    .flatMap((line) => unpack(line).restored ?? []);
}
