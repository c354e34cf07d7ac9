// What hooks say of the machine they run on: its clock, and files that others could read.
import { markClock } from '../config/boot-clock.ts';
import { DAY_MS } from '../domain/time.ts';
import { takeMended } from '../wire.ts';

/** A jump of the clock, by which windows of budgets begin and end. */
export function clockRemark(home: string): string | null {
  const jump = markClock(home, Date.now());
  if (jump === null) return null;
  const days = `${Math.round(Math.abs(jump.aheadMs) / DAY_MS)} days`;
  return jump.aheadMs > 0
    ? `Tollgate: this machine's clock has moved ${days} further than the machine has been running. Budgets by day, week and month follow the clock; if it is wrong, set it right.`
    : `Tollgate: this machine's clock is ${days} behind what it was. What is spent now counts in the newest windows of budgets as well, until the clock is right.`;
}

/** What was open to others until now. */
export function mendedRemark(): string | null {
  const paths = takeMended();
  return paths.length === 0
    ? null
    : `Tollgate: others on this machine could read ${paths.join(', ')}; now only you can.`;
}
