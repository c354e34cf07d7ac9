// How a guard that was lost is told of a session, for people and for scripts.
import { MINUTE_MS, spanText } from '../domain/time.ts';
import type { GuardLoss } from '../gate/guard-loss.ts';

export const agoOf = (ms: number): string => (ms < MINUTE_MS ? 'just now' : `${spanText(ms)} ago`);

const WHAT: Readonly<Record<GuardLoss['breach']['lost'], string>> = {
  hooks: 'it worked without hooks',
  'nested-client': 'a Claude Code without hooks was started in it',
  state: 'its transcript and the state folder were taken away',
  watchdog: 'its watchdog was ended more than once',
};

/** What was lost, when, and when it was back. */
export function guardLossText({ breach, lostAt, backAt }: GuardLoss, now: number): string {
  const until = backAt === null ? '' : `, back ${agoOf(now - backAt)}`;
  return `${WHAT[breach.lost]} (${agoOf(now - lostAt)}${until})`;
}

/** The same for scripts; `null`: nothing was lost. */
export const guardLossFacts = (loss: GuardLoss | null) =>
  loss === null ? null : { part: loss.breach.lost, lostAt: loss.lostAt, backAt: loss.backAt };
