// The times of `tollgate report --since` and `--until`.
import { describe, expect, test } from 'vitest';
import { parseSpan } from '../../../src/reports/time-range.ts';

const NOW = Date.parse('2026-11-21T10:30:00Z');
const span = (since?: string, until?: string, timeZone = 'Europe/Berlin') => {
  const { startAt, endAt } = parseSpan(since, until, NOW, timeZone);
  const text = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : String(at));
  return [text(startAt), text(endAt)];
};

describe('--since and --until', () => {
  test.each([
    [undefined, undefined, '-Infinity', 'Infinity'],
    ['2026-11-01', undefined, '2026-10-31T23:00:00.000Z', 'Infinity'],
    ['20261101', '20261101', '2026-10-31T23:00:00.000Z', '2026-11-01T23:00:00.000Z'],
    ['2026-10', '2026-10', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
    ['2026-10-25', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['today', undefined, '2026-11-20T23:00:00.000Z', 'Infinity'],
    ['yesterday', 'yesterday', '2026-11-19T23:00:00.000Z', '2026-11-20T23:00:00.000Z'],
    ['this-week', undefined, '2026-11-15T23:00:00.000Z', 'Infinity'],
    ['this-month', undefined, '2026-10-31T23:00:00.000Z', 'Infinity'],
    ['last-month', 'last-month', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
    ['1d', undefined, '2026-11-20T23:00:00.000Z', 'Infinity'],
    ['7d', undefined, '2026-11-14T23:00:00.000Z', 'Infinity'],
    ['30d', undefined, '2026-10-22T22:00:00.000Z', 'Infinity'],
    ['2w', undefined, '2026-11-07T23:00:00.000Z', 'Infinity'],
    ['last-week', 'last week', '2026-11-08T23:00:00.000Z', '2026-11-15T23:00:00.000Z'],
    ['last month', 'Last-Month', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
    ['7 days', undefined, '2026-11-14T23:00:00.000Z', 'Infinity'],
    ['last 2 weeks', undefined, '2026-11-07T23:00:00.000Z', 'Infinity'],
    ['3 days ago', '3 days ago', '2026-11-17T23:00:00.000Z', '2026-11-18T23:00:00.000Z'],
    ['saturday', 'Saturday', '2026-11-20T23:00:00.000Z', '2026-11-21T23:00:00.000Z'],
    ['last saturday', 'friday', '2026-11-13T23:00:00.000Z', '2026-11-20T23:00:00.000Z'],
    ['01.11.2026', '01.11.2026', '2026-10-31T23:00:00.000Z', '2026-11-01T23:00:00.000Z'],
    ['90 minutes', undefined, '2026-11-21T09:00:00.000Z', 'Infinity'],
    ['2025', '2025', '2024-12-31T23:00:00.000Z', '2025-12-31T23:00:00.000Z'],
    ['this-year', undefined, '2025-12-31T23:00:00.000Z', 'Infinity'],
    ['last-year', 'last year', '2024-12-31T23:00:00.000Z', '2025-12-31T23:00:00.000Z'],
    ['october', 'Oct', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
    ['1 nov', 'nov 1, 2026', '2026-10-31T23:00:00.000Z', '2026-11-01T23:00:00.000Z'],
    ['1st November 2025', undefined, '2025-10-31T23:00:00.000Z', 'Infinity'],
    ['2026-W47', '2026w47', '2026-11-15T23:00:00.000Z', '2026-11-22T23:00:00.000Z'],
    ['2026-W01', '2026-W1', '2025-12-28T23:00:00.000Z', '2026-01-04T23:00:00.000Z'],
    ['q4', '2026-Q4', '2026-09-30T22:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['a week ago', 'A week ago', '2026-11-13T23:00:00.000Z', '2026-11-14T23:00:00.000Z'],
    ['12h', 'now', '2026-11-20T22:30:00.000Z', '2026-11-21T10:30:00.000Z'],
    ['2026-11-21T08:00Z', '2026-11-21T09:00+01:00', '2026-11-21T08:00:00.000Z', ''],
  ])('%s %s', (since, until, startAt, endAt) => {
    if (endAt === '') expect(() => span(since, until)).toThrow('nothing can be between');
    else expect(span(since, until)).toEqual([startAt, endAt]);
  });

  test.each([
    'soon',
    '2026-13-01',
    '2026-02-30',
    '',
    '7',
    '-1d',
    '2026-11-21T99:99',
    '31 feb',
    'nov nov',
    '3 days from now',
    '2026-w54',
    '2026-w0',
    'q5',
  ])('%j is no time', (word) => {
    expect(() => span(word)).toThrow('is no time');
  });

  test('an earlier end than start is a mistake', () => {
    expect(() => span('2026-11-20', '2026-11-19')).toThrow('nothing can be between');
  });

  test('365 days back is the same day a year ago', () => {
    expect(span('366d')[0]).toBe('2025-11-20T23:00:00.000Z');
  });
});
