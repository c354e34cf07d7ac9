// Writes what a ledger has not sealed yet, to both places. Rule: inside the transaction that changes the ledger, and before it ends: a
// seal may be one line ahead, and never behind what was decided.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import {
  hasChanges,
  noChanges,
  type SealableStore,
  type SealedChanges,
  type SealMark,
} from '../sealing.ts';
import type { Restored } from './restored.ts';
import { readTail, type SealPlaces, type SealTail } from './seal-file.ts';
import { formatLine, hashOf } from './seal-lines.ts';
import { addNews } from './seal-news.ts';

/** Entries of one line, and lines that one process writes: who has more goes on the next time. */
const ENTRIES_PER_LINE = 4_000;
const LINES_AT_ONCE = 4;

/** What is sealed: a ledger at a path, whose seal is in these places. */
export interface Sealing {
  readonly store: Pick<SealableStore, 'readSealMark' | 'sealing'>;
  readonly path: string;
  readonly places: SealPlaces;
}

/** Seals. Where that cannot be, the mark says so, and the next line holds everything that has to be proved. */
export function appendSeal(
  sealing: Sealing,
  changes: SealedChanges,
  restored: Restored | null = null,
): void {
  const { store, places } = sealing;
  let mark = store.readSealMark();
  const tails = places.map(readTail);
  const isOurs = ({ last }: SealTail) => (last?.head ?? '') === mark.head;
  const reference = tails.filter(isOurs).sort((a, b) => b.bytes - a.bytes)[0];
  const isBegun = mark.seq > 0;
  if (reference === undefined || (!isBegun && tails.some(({ last }) => last !== null))) {
    keepStale(mark, changes, sealing);
    return;
  }
  const writable = tails.filter((tail) => prepare(tail, reference, isBegun, sealing));
  let given = changes;
  for (let count = 0; count < LINES_AT_ONCE; count += 1) {
    const next = nextLine(mark, given, count === 0 ? restored : null, sealing);
    if (next === null) break;
    const written = writable.filter(({ file }) => write(file, next.text, sealing));
    if (written.length === 0) {
      keepStale(mark, given, sealing);
      return;
    }
    if (written.length === places.length) rmSync(toldFile(sealing.path), { force: true });
    mark = next.mark;
    store.sealing().writeSealMark(mark);
    given = noChanges();
  }
}

function keepStale(mark: SealMark, changes: SealedChanges, { store }: Sealing): void {
  if (hasChanges(changes)) store.sealing().writeSealMark({ ...mark, isStale: true });
}

/** The next line and the mark after it; `null`: there is nothing to seal. */
function nextLine(
  mark: SealMark,
  changes: SealedChanges,
  restored: Restored | null,
  { store }: Sealing,
): { readonly text: string; readonly mark: SealMark } | null {
  const rows = store.sealing();
  const { content, throughSeq } = rows.readUnsealed(mark, changes, ENTRIES_PER_LINE);
  const isNeeded =
    restored !== null ||
    mark.seq === 0 ||
    mark.isStale ||
    hasChanges(changes) ||
    content.entries.rows.length > 0;
  if (!isNeeded) return null;
  const costAt = content.entries.columns.indexOf('cost_nano_usd');
  const { rows: entries } = content.entries;
  const entryCount = mark.entryCount + entries.length;
  const costNanoUsd = entries.reduce((sum, row) => sum + Number(row[costAt]), mark.costNanoUsd);
  const { text, header } = formatLine(
    {
      ledgerId: mark.ledgerId,
      seq: mark.seq + 1,
      prev: mark.head,
      at: Date.now(),
      entryCount,
      costNanoUsd,
      provable: hashOf(rows.readProvable()),
      kind: restored === null ? 'sealed' : 'restored',
    },
    content,
    restored,
  );
  const { ledgerId } = mark;
  const { seq, head } = header;
  return {
    text,
    mark: { ...{ ledgerId, seq, head, throughSeq, entryCount, costNanoUsd }, isStale: false },
  };
}

/** Brings a place to where the other one is; false where it cannot be written. */
function prepare(
  tail: SealTail,
  reference: SealTail,
  isBegun: boolean,
  { path }: Sealing,
): boolean {
  try {
    mkdirSync(dirname(tail.file), { recursive: true, mode: 0o700 });
    if (!isBegun) {
      rmSync(tail.file, { force: true });
      return true;
    }
    if (tail.last?.head === reference.last?.head && tail.bytes === reference.bytes) {
      if (tail.isTorn) truncateSync(tail.file, tail.bytes);
      return true;
    }
    const aside = `${tail.file}.${process.pid}`;
    copyFileSync(reference.file, aside);
    if (reference.isTorn) truncateSync(aside, reference.bytes);
    renameSync(aside, tail.file);
    addNews(path, { kind: 'copied', file: tail.file });
    return true;
  } catch (error) {
    return tellUnwritable(path, tail.file, error);
  }
}

function write(file: string, text: string, { path }: Sealing): boolean {
  try {
    appendFileSync(file, text, { mode: 0o600 });
    return true;
  } catch (error) {
    return tellUnwritable(path, file, error);
  }
}

/** Says that somebody was told. */
const toldFile = (path: string): string => `${path}.seal-told`;

/** Told once, until it can be written again. */
function tellUnwritable(path: string, file: string, error: unknown): false {
  try {
    writeFileSync(toldFile(path), '', { flag: 'wx', mode: 0o600 });
    addNews(path, { kind: 'unwritable', file, reason: (error as Error).message });
  } catch {
    // Told, or nothing can be written at all, which the ledger says.
  }
  return false;
}
