// Days, weeks, months and hours as the clocks of a zone have them, also on days that are no 24 hours long.
// The truth is asked of Intl for every single entry.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import { readTable } from './read-table.ts';

let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(() => {
  ledger = temporaryLedger();
});
afterEach(() => ledger.remove());

/** Zones with a change of clocks near the given day, and zones with odd distances from UTC. */
const CASES: readonly (readonly [string, string])[] = [
  ['Europe/Berlin', '2026-10-25'],
  ['Europe/Berlin', '2026-03-29'],
  ['America/New_York', '2026-11-01'],
  ['America/Santiago', '2026-09-06'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Africa/Cairo', '2026-04-24'],
  ['Asia/Kathmandu', '2026-11-21'],
  ['Pacific/Kiritimati', '2026-12-31'],
  ['UTC', '2026-11-21'],
];

function localHour(at: number, format: Intl.DateTimeFormat): string {
  const parts = format.formatToParts(at);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:00${offset}`;
}

/** Making a format takes longer than using it. */
const formatsOf = (timeZone: string) => ({
  dates: new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }),
  hours: new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }),
});

function monday(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

test.each(CASES)('%s around %s', (timeZone, day) => {
  const { dates, hours } = formatsOf(timeZone);
  const middle = Date.parse(`${day}T12:00:00Z`);
  // Seven minutes apart, four days long: entries lie in every quarter of an hour.
  const entries = Array.from({ length: 820 }, (_, index) =>
    request({ id: `msg_${index}`, at: middle + (index - 410) * 420_000, cost: index + 1 }),
  );
  recordAll(ledger.store, entries);
  const truth = (groupOf: (at: number) => string) => {
    const costs = new Map<string, number>();
    for (const { occurredAt, costNanoUsd } of entries) {
      const group = groupOf(occurredAt);
      costs.set(group, (costs.get(group) ?? 0) + costNanoUsd);
    }
    return [...costs].sort(([a], [b]) => (a < b ? -1 : 1));
  };
  for (const isFresh of [false, true]) {
    const costs = (name: string) =>
      readTable(ledger.store, { by: [name], timeZone, isFresh }).rows.map(
        ({ key, costNanoUsd }): [string, number] => [key[0] ?? '', costNanoUsd],
      );
    expect(costs('day')).toEqual(truth((at) => dates.format(at)));
    expect(costs('week')).toEqual(truth((at) => monday(dates.format(at))));
    expect(costs('month')).toEqual(truth((at) => dates.format(at).slice(0, 7)));
    if (timeZone !== 'Australia/Lord_Howe') {
      // There clocks go by half an hour, and an hour of the clock may last half an hour or one and a half.
      expect(costs('hour')).toEqual(truth((at) => localHour(at, hours)));
    }
  }
});

test('each group of time covers exactly its entries', () => {
  const timeZone = 'Europe/Berlin';
  recordAll(
    ledger.store,
    Array.from({ length: 300 }, (_, index) =>
      request({ id: `msg_${index}`, at: Date.parse('2026-10-24T00:00:00Z') + index * 1_800_000 }),
    ),
  );
  for (const name of ['day', 'week', 'month', 'hour', 'block']) {
    const { rows, by, zone } = readTable(ledger.store, { by: [name], timeZone });
    for (const row of rows) {
      const window = by[0]?.windowOf?.(row.key[0] ?? '', zone);
      expect(window?.startAt, name).toBeLessThanOrEqual(row.firstAt);
      expect(window?.endAt, name).toBeGreaterThan(row.lastAt);
    }
  }
});
