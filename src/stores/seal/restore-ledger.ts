// Puts a ledger back that its seal does not fit: what is there is set aside, and a new one is made of the seal's lines. Rule: the new ledger is
// whole before it is in its place, so that whoever is ended on the way leaves something to begin with again.
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { noChanges, type SealableStore, type SealMark } from '../sealing.ts';
import { appendSeal } from './append-seal.ts';
import { judgeSeal } from './judge-seal.ts';
import type { Restored } from './restored.ts';
import { newestHeader, type SealPlaces } from './seal-file.ts';
import { hashOf, readSeal, unpack } from './seal-lines.ts';
import { addNews } from './seal-news.ts';

/** What restoring works on. */
export interface RestoredLedger extends SealableStore {
  readonly immediately: <T>(work: () => T) => T;
  readonly close: () => void;
}

interface Restoring {
  readonly path: string;
  readonly places: SealPlaces;
  readonly cause: Restored['cause'];
  /** Opens (and makes) a ledger without looking at the seal. */
  readonly open: (path: string) => RestoredLedger;
}

/** Files of a database. */
const SUFFIXES = ['-wal', '-shm', ''] as const;
/** More than this many of what was set aside would fill the disk of somebody who is attacked again and again. */
const SET_ASIDE_COUNT = 5;

/** Restores. Call while nobody else does. */
export function restoreLedger({ path, places, cause, open }: Restoring): void {
  const now = Date.now();
  const unfinished = `${path}.restored`;
  for (const suffix of SUFFIXES) rmSync(unfinished + suffix, { force: true });
  const setAside = existsSync(path) ? `${path}.set-aside-${stampOf(now)}` : null;
  const store = open(unfinished);
  let restored: Restored;
  try {
    restored = store.immediately(() => {
      const found = putBack(store, places);
      const told = { cause, at: now, setAside, ...found };
      if (found.lostLineCount === 0) {
        appendSeal({ store, path, places }, noChanges(), told);
      } else {
        // What is left of the seal is not to be built on: the next line begins it anew.
        store.sealing().writeSealMark({ ...store.readSealMark(), ...UNSEALED });
      }
      return told;
    });
  } finally {
    store.close();
  }
  chmodSync(unfinished, 0o600);
  addNews(path, { kind: 'restored', ...restored });
  if (setAside !== null) for (const suffix of SUFFIXES) move(path + suffix, setAside + suffix);
  renameSync(unfinished, path);
  forgetSetAside(path);
  if (restored.lostLineCount > 0) for (const file of places) move(file, `${file}.set-aside`);
}

const UNSEALED = { seq: 0, head: '', throughSeq: 0, entryCount: 0, costNanoUsd: 0 };

/** Puts back what the lines hold, and adds up what came. */
function putBack(
  store: RestoredLedger,
  places: SealPlaces,
): Omit<Restored, 'cause' | 'at' | 'setAside'> {
  const rows = store.sealing();
  const { lines, lostCount } = readSeal(places);
  for (const line of lines) {
    const { content } = unpack(line);
    if (content !== null) rows.applySealed(content, true);
  }
  const sums = rows.readProvableSums(null);
  const last = lines.at(-1)?.header;
  const mark: SealMark = {
    ...store.readSealMark(),
    ...(last === undefined ? {} : { ledgerId: last.ledgerId, seq: last.seq, head: last.head }),
    ...sums,
    isStale: false,
  };
  rows.writeSealMark(mark);
  const { entryCount, costNanoUsd } = sums;
  const missingNanoUsd = lostCount === 0 ? 0 : Math.max(0, (last?.costNanoUsd ?? 0) - costNanoUsd);
  return {
    ...{ entryCount, costNanoUsd, missingNanoUsd, lostLineCount: lostCount },
    ...rows.countProvable(),
  };
}

/** Puts back the one line that the seal has more than the ledger. */
export function putBackNewest(store: RestoredLedger, path: string, places: SealPlaces): void {
  store.immediately(() => {
    const mark = store.readSealMark();
    if (judgeSeal(mark, places).kind !== 'one-ahead') return;
    const line = readSeal(places).lines.at(-1);
    if (line === undefined || line.header.seq !== mark.seq + 1) return;
    const { content } = unpack(line);
    if (content !== null) store.sealing().applySealed(content, false);
    const { seq, head } = line.header;
    // Its entries may stand among others now: the next line tells them again.
    store.sealing().writeSealMark({ ...mark, seq, head, isStale: true });
    appendSeal({ store, path, places }, noChanges());
    addNews(path, { kind: 'put-back' });
  });
}

/** Writes the seal anew: both of its files are gone, or older than the ledger. */
export function sealAnew(store: RestoredLedger, path: string, places: SealPlaces): void {
  store.immediately(() => {
    const mark = store.readSealMark();
    if (judgeSeal(mark, places).kind !== 'unproved') return;
    for (const file of places) move(file, `${file}.set-aside`);
    store.sealing().writeSealMark({ ...mark, ...UNSEALED });
    appendSeal({ store, path, places }, noChanges());
    addNews(path, { kind: 'unproved', files: places });
  });
}

/** Entries that are added up, or restored, while somebody waits: some hundred milliseconds. */
export const BRIEF_ENTRY_COUNT = 10_000;

/**
 * Whether the ledger still adds up to what was sealed of it, and nothing that has to be proved was changed since. `isBrief`: entries
 * are added up only where they are few.
 */
export function holdsWhatWasSealed(
  store: RestoredLedger,
  places: SealPlaces,
  isBrief: boolean,
): boolean {
  return store.immediately(() => {
    const mark = store.readSealMark();
    const header = newestHeader(places);
    // What cannot be compared is judged when the ledger is opened.
    if (mark.isStale || header === null || header.head !== mark.head) return true;
    if (hashOf(store.sealing().readProvable()) !== header.provable) return false;
    if (isBrief && mark.entryCount > BRIEF_ENTRY_COUNT) return true;
    const sums = store.sealing().readProvableSums(mark.throughSeq);
    return sums.entryCount === header.entryCount && sums.costNanoUsd === header.costNanoUsd;
  });
}

function move(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}

/** Such as `2026-11-28T181500.123Z`: no file system refuses it. */
const stampOf = (at: number): string => new Date(at).toISOString().replaceAll(':', '');

/** What was set aside at a path, the oldest first. */
export function setAsideFiles(path: string): readonly string[] {
  const start = `${basename(path)}.set-aside-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && name.endsWith('Z'))
    .sort()
    .map((name) => `${dirname(path)}/${name}`);
}

function forgetSetAside(path: string): void {
  for (const file of setAsideFiles(path).slice(0, -SET_ASIDE_COUNT)) {
    for (const suffix of SUFFIXES) rmSync(file + suffix, { force: true });
  }
}
