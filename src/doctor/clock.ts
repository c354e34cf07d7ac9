// Whether the clock can be right, and which zone days are counted in.
import { MINUTE_MS } from '../domain/time.ts';
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

/** Clocks of machines that share a home folder differ a little. */
const TOLERATED_MS = 10 * MINUTE_MS;

export const clock: Check = {
  name: 'clock',
  run: ({ now, timeZone, pricesReadOn, readLedger, readConfig }) => {
    const findings: Finding[] = [];
    const behind = (what: string, at: number) =>
      findings.push({
        code: 'CLOCK_BEHIND',
        values: { now: iso(now), what, other: iso(at) },
      });
    const { lastSeenAt } = readLedger();
    const pricesAt = Date.parse(`${pricesReadOn}T00:00:00Z`);
    if (lastSeenAt !== null && lastSeenAt > now + TOLERATED_MS) {
      behind('the newest session', lastSeenAt);
    } else if (pricesAt > now + TOLERATED_MS) {
      behind('the price table', pricesAt);
    }
    if (timeZone === '' || timeZone === 'Etc/Unknown') findings.push({ code: 'TIME_ZONE_UNKNOWN' });
    const counted = readConfig().config.timeZone;
    return {
      summary: `${iso(now).slice(0, 16).replace('T', ' ')} UTC, days by ${counted}`,
      facts: { now: iso(now), machineZone: timeZone, timeZone: counted },
      findings,
    };
  },
};

const iso = (at: number): string => new Date(at).toISOString();
