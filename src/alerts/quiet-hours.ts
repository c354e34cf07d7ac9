// Hours in which people are left alone.
import type { QuietHours } from '../config/config.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';

const DAY_MINUTES = 24 * 60;

/** When the quiet hours that an instant lies in are over, on the whole minute; `null`: it lies in none. */
export function quietUntil(
  now: EpochMs,
  quiet: QuietHours | null,
  timeZone: string,
): EpochMs | null {
  if (quiet === null) return null;
  const { fromMinute, toMinute } = quiet;
  const minute = minuteOfDay(now, timeZone);
  const since = (minute - fromMinute + DAY_MINUTES) % DAY_MINUTES;
  const lengthMinutes = (toMinute - fromMinute + DAY_MINUTES) % DAY_MINUTES;
  if (since >= lengthMinutes) return null;
  return now - (now % MINUTE_MS) + (lengthMinutes - since) * MINUTE_MS;
}

function minuteOfDay(now: EpochMs, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  return part('hour') * 60 + part('minute');
}
