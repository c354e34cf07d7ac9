// Windows that move with the moment.
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { rollingPeriod } from '../../../src/periods/rolling.ts';

test.each([
  [DAY_MS, 'last 1 day'],
  [7 * DAY_MS, 'last 7 days'],
  [HOUR_MS, 'last 1 hour'],
  [5 * HOUR_MS, 'last 5 hours'],
  [36 * HOUR_MS, 'last 36 hours'],
  [MINUTE_MS, 'last 1 minute'],
  [90 * MINUTE_MS, 'last 90 minutes'],
  [90 * MINUTE_MS + 31_000, 'last 91 minutes'],
])('%d ms', (lengthMs, label) => {
  const at = Date.UTC(2026, 10, 21);
  const period = rollingPeriod(lengthMs);
  expect(period).toMatchObject({ key: `rolling:${lengthMs}`, moves: true });
  expect(period.windowAt(at)).toEqual({
    ...{ startAt: at - lengthMs, endAt: Number.POSITIVE_INFINITY, label },
  });
});
