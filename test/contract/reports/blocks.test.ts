// Five-hour blocks against a plain retelling of the rule, entry by entry.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { readTable } from './read-table.ts';

const HOUR = 3_600_000;
let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

/** Entry by entry: a block starts at the full hour, lasts five, and ends early after a pause of more than five. */
function blocksOf(times: readonly number[]): Map<string, number> {
  const counts = new Map<string, number>();
  let [startAt, lastAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of times) {
    if (at >= startAt + 5 * HOUR || at - lastAt > 5 * HOUR) startAt = Math.floor(at / HOUR) * HOUR;
    lastAt = at;
    const name = new Date(startAt).toISOString().replace(':00.000Z', 'Z');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

test('blocks are those of the provider, whatever the pauses', () => {
  let at = Date.parse('2026-10-20T08:17:00Z');
  const times: number[] = [];
  const pauses = [1, 7, 40, 90, 200, 299, 300, 301, 340, 700, 3, 59];
  for (let index = 0; index < 400; index++) {
    times.push(at);
    at += (pauses[(index * 7) % pauses.length] ?? 1) * 60_000 + (index % 3) * 17_000;
  }
  recordAll(
    ledger.store,
    times.map((time, index) => request({ id: `msg_${index}`, at: time, session: `s${index % 3}` })),
  );
  for (const isFresh of [false, true]) {
    const { rows } = readTable(ledger.store, { by: ['block'], timeZone: 'Asia/Kolkata', isFresh });
    const counts = new Map(rows.map(({ key, requestCount }) => [key[0] ?? '', requestCount]));
    expect(counts).toEqual(blocksOf(times));
  }
});

test('a window does not move the blocks it cuts', () => {
  const entries = ['08:10', '11:00', '12:50', '13:05'].map((clock, index) =>
    request({ id: `msg_${index}`, at: `2026-11-20T${clock}:00Z` }),
  );
  recordAll(ledger.store, entries);
  const window = { startAt: Date.parse('2026-11-20T10:00Z'), endAt: Number.POSITIVE_INFINITY };
  const { rows } = readTable(ledger.store, { by: ['block'], window });
  expect(rows.map(({ key, requestCount }) => [key[0], requestCount])).toEqual([
    ['2026-11-20T08:00Z', 2],
    ['2026-11-20T13:00Z', 1],
  ]);
});
