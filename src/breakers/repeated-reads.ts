// Files that are read again and again, whichever part of them, with no edit in between. PURE.
import { type Breaker, type Call, isDear, responseCount, sinceChange } from './breaker.ts';

/** Fewer are no loop, whatever they cost. */
const MIN_REREADS = 5;
/** Of all files together, so many times as often as of one. */
const ALL_FILES = 2;

export const repeatedReads: Breaker = {
  name: 'repeatedReads',
  judge: ({ calls, now }, settings) => {
    const reads = sinceChange(calls).filter(({ file }) => file !== null);
    const counts = new Map<string, number>();
    const again: Call[] = [];
    for (const read of reads) {
      const count = (counts.get(read.file ?? '') ?? 0) + 1;
      counts.set(read.file ?? '', count);
      if (count > 1) again.push(read);
    }
    const [first] = again;
    const last = again.at(-1);
    if (first === undefined || last === undefined) return null;
    const { times } = settings;
    const costNanoUsd = now.spentNanoUsd - first.spentNanoUsd;
    const isOften =
      times !== null &&
      (Math.max(...counts.values()) >= times || again.length >= ALL_FILES * times);
    if (!isOften && !(responseCount(again) >= MIN_REREADS && isDear(costNanoUsd, settings)))
      return null;
    return { count: again.length, costNanoUsd, subject: last.subject, sinceAt: first.at };
  },
};
