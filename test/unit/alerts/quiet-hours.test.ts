import { describe, expect, test } from 'vitest';
import { quietUntil } from '../../../src/alerts/quiet-hours.ts';

const at = (hour: number, minute: number, day = 28) => Date.UTC(2026, 10, day, hour, minute, 31);
const NIGHT = { fromMinute: 22 * 60, toMinute: 7 * 60 };

describe('over midnight', () => {
  test.each([
    [at(21, 59), null],
    [at(22, 0), Date.UTC(2026, 10, 29, 7, 0)],
    [at(0, 30, 29), Date.UTC(2026, 10, 29, 7, 0)],
    [at(6, 59, 29), Date.UTC(2026, 10, 29, 7, 0)],
    [at(7, 0, 29), null],
  ])('%d -> %s', (now, until) => {
    expect(quietUntil(now, NIGHT, 'UTC')).toBe(until);
  });
});

test('in the configured zone', () => {
  expect(quietUntil(at(21, 30), NIGHT, 'Europe/Berlin')).toBe(Date.UTC(2026, 10, 29, 6, 0));
  expect(quietUntil(at(21, 30), NIGHT, 'America/New_York')).toBe(null);
});

test('of one day; and none at all', () => {
  const noon = { fromMinute: 12 * 60, toMinute: 13 * 60 };
  expect(quietUntil(at(12, 30), noon, 'UTC')).toBe(Date.UTC(2026, 10, 28, 13, 0));
  expect(quietUntil(at(11, 59), noon, 'UTC')).toBe(null);
  expect(quietUntil(at(12, 30), null, 'UTC')).toBe(null);
});
