// What every report owes: all of the money, once; the same from kept sums as from the lines; nothing for an
// empty ledger, and one row for one entry.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addUsage, NO_USAGE } from '../../../src/domain/usage.ts';
import { FORMATS } from '../../../src/reports/formats/formats.ts';
import { REPORTS } from '../../../src/reports/reports.ts';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { MANY_ENTRIES_START, manyEntries } from '../../support/many-entries.ts';
import { type Ask, readTable } from './read-table.ts';

const NAMES = [...REPORTS.map(({ name }) => name), 'label:team'];
const STYLE = { isFancy: false, columns: 100 };
const START = MANY_ENTRIES_START;

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

describe.each(NAMES)('--by %s', (name) => {
  test('adds up to every entry, in rows and in total, kept sums or not', () => {
    const entries = manyEntries(600);
    recordAll(ledger.store, entries);
    const cost = entries.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
    const usage = entries.reduce((sum, entry) => addUsage(sum, entry.usage), NO_USAGE);
    const requestCount = entries.filter(({ kind }) => kind === 'usage').length;
    const long = readTable(ledger.store, { by: [name] });
    const kept = readTable(ledger.store, { by: [name], isFresh: true });
    for (const { rows, total } of [long, kept]) {
      expect(total).toMatchObject({ costNanoUsd: cost, requestCount, usage });
      expect(rows.reduce((sum, row) => sum + row.costNanoUsd, 0)).toBe(cost);
      expect(rows.reduce((sum, row) => sum + row.requestCount, 0)).toBe(requestCount);
      expect(rows.reduce((sum, row) => addUsage(sum, row.usage), NO_USAGE)).toEqual(usage);
    }
    expect(kept.rows).toEqual(long.rows);
  });

  test.each(['model', 'day', 'session'])(
    'adds up as a pivot with %s, with its models, and with the dearest only',
    (second) => {
      if (second === name) return;
      const entries = manyEntries(300);
      recordAll(ledger.store, entries);
      const cost = entries.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
      const pivot = readTable(ledger.store, { by: [name, second], isFresh: true });
      expect(pivot.rows.reduce((sum, row) => sum + row.costNanoUsd, 0)).toBe(cost);
      const { rows, others } = readTable(ledger.store, { by: [name], breakdown: true, top: 1 });
      const models = rows.flatMap((row) => row.models);
      expect(rows).toHaveLength(1);
      expect(models.reduce((sum, each) => sum + each.costNanoUsd, 0)).toBe(rows[0]?.costNanoUsd);
      expect((rows[0]?.costNanoUsd ?? 0) + (others?.costNanoUsd ?? 0)).toBe(cost);
    },
  );

  test('counts what lies in a window, ragged or not, and what matches', () => {
    const entries = manyEntries(400);
    recordAll(ledger.store, entries);
    const windows = [
      { startAt: START + 5 * 86_400_000, endAt: START + 9 * 86_400_000 },
      { startAt: START + 123_456_789, endAt: START + 1_234_567_890 },
      { startAt: START + 400_000_000, endAt: START + 400_300_000 },
      { startAt: START + 86_400_000, endAt: Number.POSITIVE_INFINITY },
    ];
    for (const window of windows) {
      const inside = entries.filter(
        ({ occurredAt }) => occurredAt >= window.startAt && occurredAt < window.endAt,
      );
      const cost = inside.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
      for (const isFresh of [false, true]) {
        const { rows, total } = readTable(ledger.store, { by: [name], window, isFresh });
        expect(total.costNanoUsd).toBe(cost);
        expect(rows.reduce((sum, row) => sum + row.costNanoUsd, 0)).toBe(cost);
      }
    }
    const where: Ask['where'] = [
      { key: 'branch', patterns: ['feat/*', null] },
      { key: 'label:team', patterns: ['core'] },
    ];
    const matching = entries.filter(
      ({ attribution: { branch, labels } }) =>
        (branch === null || branch.startsWith('feat/')) && labels === 'team=core',
    );
    const { total } = readTable(ledger.store, { by: [name], where, isFresh: true });
    expect(total.costNanoUsd).toBe(matching.reduce((sum, each) => sum + each.costNanoUsd, 0));
  });

  test('has nothing to say about an empty ledger, in any format', () => {
    const table = readTable(ledger.store, { by: [name], isFresh: true });
    expect(table.rows).toEqual([]);
    expect(table.total).toMatchObject({ costNanoUsd: 0, requestCount: 0 });
    for (const format of FORMATS) {
      expect(format.print(table, STYLE)).toMatch(/\n$/);
    }
  });

  test('shows one entry as one row', () => {
    const entry = request({ id: 'msg_1', at: START + 3_600_000, cost: 123_456_789 });
    recordAll(ledger.store, [entry]);
    const { rows, total } = readTable(ledger.store, { by: [name], isFresh: true });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.key[0]).not.toBe('');
    expect(total.costNanoUsd).toBe(123_456_789);
  });
});

test('sums kept for one zone are not taken for another', () => {
  recordAll(ledger.store, [request({ id: 'msg_1', at: '2026-11-20T23:30:00Z' })]);
  const days = (timeZone: string) =>
    readTable(ledger.store, { by: ['day'], timeZone, isFresh: true }).rows.map(({ key }) => key[0]);
  expect(days('UTC')).toEqual(['2026-11-20']);
  expect(days('Europe/Berlin')).toEqual(['2026-11-21']);
  expect(days('UTC')).toEqual(['2026-11-20']);
});

test('entries recorded after sums were kept are counted', () => {
  recordAll(ledger.store, manyEntries(50));
  for (const name of NAMES) readTable(ledger.store, { by: [name], isFresh: true });
  recordAll(ledger.store, [
    request({ id: 'late', at: START, cost: 5, session: 'late', labels: {} }),
  ]);
  for (const name of NAMES) {
    for (const isFresh of [false, true]) {
      const { total } = readTable(ledger.store, { by: [name], isFresh });
      expect(total.costNanoUsd, name).toBe(
        readTable(ledger.store, { by: ['model'] }).total.costNanoUsd,
      );
    }
  }
});
