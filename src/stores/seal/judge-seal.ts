// Whether a ledger is the one that its seal tells of. Rule: decided by the ends of both files and one row of the ledger; what the
// lines hold is read only where these do not fit.
import type { SealMark } from '../sealing.ts';
import { newestHeader, type SealPlaces } from './seal-file.ts';

export type SealJudgement =
  /** As it should be, or not sealed yet. */
  | { readonly kind: 'fits' }
  /** The seal has one line more: a process ended between the two, or a copy from just before was put back. */
  | { readonly kind: 'one-ahead' }
  /** Both files are gone, or older than the ledger. */
  | { readonly kind: 'unproved' }
  /** The ledger is another one, or an older copy. */
  | { readonly kind: 'other'; readonly cause: 'replaced' | 'older' };

const FITS: SealJudgement = { kind: 'fits' };

export function judgeSeal(mark: SealMark, places: SealPlaces): SealJudgement {
  const newest = newestHeader(places);
  if (newest === null) return mark.seq === 0 ? FITS : { kind: 'unproved' };
  if (newest.ledgerId !== mark.ledgerId) return { kind: 'other', cause: 'replaced' };
  if (newest.seq < mark.seq) return { kind: 'unproved' };
  if (newest.seq === mark.seq) {
    return newest.head === mark.head ? FITS : { kind: 'other', cause: 'replaced' };
  }
  const isNext = newest.seq === mark.seq + 1 && newest.prev === mark.head;
  return isNext ? { kind: 'one-ahead' } : { kind: 'other', cause: 'older' };
}
