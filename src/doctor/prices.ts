// How old the price table is.
import { DAY_MS } from '../domain/time.ts';
import type { Check } from './check.ts';

/** Providers change prices a few times a year. */
const OLD_DAYS = 120;

export const prices: Check = {
  name: 'prices',
  run: ({ now, pricesReadOn: day }) => {
    const days = Math.floor((now - Date.parse(`${day}T00:00:00Z`)) / DAY_MS);
    return {
      summary: `read on ${day}`,
      facts: { day, ageDays: days },
      findings: days > OLD_DAYS ? [{ code: 'PRICES_OLD', values: { day, days } }] : [],
    };
  },
};
