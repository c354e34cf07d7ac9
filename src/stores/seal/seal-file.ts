// The seal's files: one line after another, only ever longer, the same in two places. Rule: nothing here hashes or unpacks, so that
// every hook can afford to look at the end of both.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { textHash } from '../../domain/text-hash.ts';
import { statOf } from '../../runtime/files.ts';
import { isOwnUid } from '../../runtime/owners.ts';

/** What a line says without being unpacked. */
export interface SealHeader {
  readonly ledgerId: string;
  readonly seq: number;
  /** Hash of the line before; empty for the first. */
  readonly prev: string;
  readonly at: number;
  /** Entries of the ledger up to this line, and what they come to. */
  readonly entryCount: number;
  readonly costNanoUsd: number;
  /** Hash of all halts, grants, accepted files and statements. */
  readonly provable: string;
  /** `restored`: the ledger was restored just before. */
  readonly kind: 'sealed' | 'restored';
  /** Hash of all of the above and of what the line holds. */
  readonly head: string;
}

/** How one of the files ends. */
export interface SealTail {
  readonly file: string;
  /** `null`: it is not there, cannot be read, or ends in no line. */
  readonly last: SealHeader | null;
  /** Bytes of whole lines. */
  readonly bytes: number;
  /** Something follows the last whole line: a process ended while it wrote. */
  readonly isTorn: boolean;
}

/** The ledger's folder, and the person's configuration: what is emptied in one place is whole in the other. */
export type SealPlaces = readonly [own: string, second: string];

/** `configFolder`: where the person's configuration is. */
export function sealPlaces(stateHome: string, configFolder: string): SealPlaces {
  const [first, second] = textHash(stateHome);
  const name = [first, second].map((half) => half.toString(16).padStart(8, '0')).join('');
  return [`${stateHome}/ledger.seal`, `${configFolder}/ledger-${name}.seal`];
}

/** The newest line of both places; `null`: no ledger was here before. */
export function newestHeader(places: SealPlaces): SealHeader | null {
  const [own, second] = places.map((file) => readTail(file).last);
  if (!own || !second) return own ?? second ?? null;
  return second.seq > own.seq ? second : own;
}

/** Names the file at a path; `null`: there is none. Another process that has restored the ledger puts another in its place. */
export function identityOf(path: string): string | null {
  const stat = statOf(path);
  return stat === null ? null : `${stat.dev}:${stat.ino}`;
}

const READ_NO_LINK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Permission bits that let others write. */
const OTHERS_WRITE = 0o022;
/** More than any header. */
const TAIL_BYTES = 1_024;

export function readTail(file: string): SealTail {
  const none = { file, last: null, bytes: 0, isTorn: false };
  try {
    const handle = openSync(file, READ_NO_LINK);
    try {
      const { size, uid, mode } = fstatSync(handle);
      const isPrivate = process.platform === 'win32' || (mode & OTHERS_WRITE) === 0;
      if (!isOwnUid(uid) || !isPrivate) return none;
      const end = readEnd(handle, size, Math.min(size, TAIL_BYTES));
      const isWhole = end.endsWith('\n');
      return isWhole
        ? { file, last: headerOf(end.slice(0, -1)), bytes: size, isTorn: false }
        : tornTail(file, readEnd(handle, size, size));
    } finally {
      closeSync(handle);
    }
  } catch {
    return none;
  }
}

function tornTail(file: string, text: string): SealTail {
  const bytes = text.lastIndexOf('\n') + 1;
  return { file, last: headerOf(text.slice(0, Math.max(0, bytes - 1))), bytes, isTorn: true };
}

function readEnd(handle: number, size: number, length: number): string {
  const bytes = Buffer.alloc(length);
  readSync(handle, bytes, 0, length, size - length);
  return bytes.toString('latin1');
}

/** What stands after the last blank of a line; `null`: no header. */
export function headerOf(text: string): SealHeader | null {
  try {
    const header = JSON.parse(text.slice(text.lastIndexOf(' ') + 1)) as SealHeader | null;
    return typeof header?.seq === 'number' && typeof header.head === 'string' ? header : null;
  } catch {
    return null;
  }
}
