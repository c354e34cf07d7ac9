// Whether this machine's clock was set back, told by its uptime, which nobody sets. Rule: where the system does not tell, the
// clock is believed.
import { uptime } from 'node:os';
import { DAY_MS, type EpochMs, HOUR_MS } from '../domain/time.ts';
import { bootId } from '../runtime/processes.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** What the clock and the uptime said at one moment of this boot, and the highest time ever seen. */
export interface ClockMark {
  readonly bootId: string;
  readonly wallAt: EpochMs;
  readonly uptimeMs: number;
  readonly highestAt: EpochMs;
}

/** What the clock has done since the mark: `aheadMs` more than the uptime says (negative: less). */
export interface ClockJump {
  readonly aheadMs: number;
  readonly isSameBoot: boolean;
}

/** Smaller jumps are corrections, or a machine that was asleep. */
const JUMP_MS = DAY_MS;
const MARK_EVERY_MS = HOUR_MS;

const fileOf = (stateHome: string): string => `${stateHome}/clock.json`;

/** Whether the clock was set back by more than a day since this boot's mark. */
export function isClockSetBack(stateHome: string, now: EpochMs): boolean {
  const jump = jumpSince(readMark(stateHome), now);
  return jump !== null && jump.aheadMs < -JUMP_MS;
}

/** Renews the mark, and answers with the jump since the one before; `null`: there was none to tell of. */
export function markClock(stateHome: string, now: EpochMs): ClockJump | null {
  const boot = readBoot();
  if (boot === null) return null;
  const mark = readMark(stateHome);
  const jump = jumpSince(mark, now);
  const isJump = jump !== null && Math.abs(jump.aheadMs) > JUMP_MS;
  // A clock that was set back stays known as that until the machine starts anew.
  if (isJump && jump.isSameBoot && jump.aheadMs < 0) return jump;
  const isFresh = mark?.bootId === boot.bootId && now - mark.wallAt < MARK_EVERY_MS;
  if (isJump || !isFresh) {
    const highestAt = isJump ? now : Math.max(now, mark?.highestAt ?? 0);
    const renewed: ClockMark = { ...boot, wallAt: now, highestAt };
    writeStateFile(fileOf(stateHome), () => JSON.stringify(renewed), false);
  }
  return isJump ? jump : null;
}

/** How the clock stands to the mark. Of another boot only a clock below the highest time can be told. */
function jumpSince(mark: ClockMark | null, now: EpochMs): ClockJump | null {
  const boot = readBoot();
  if (mark === null || boot === null) return null;
  if (mark.bootId !== boot.bootId) {
    return { aheadMs: Math.min(0, now - mark.highestAt), isSameBoot: false };
  }
  const expectedAt = mark.wallAt + boot.uptimeMs - mark.uptimeMs;
  return { aheadMs: now - expectedAt, isSameBoot: true };
}

function readBoot(): Pick<ClockMark, 'bootId' | 'uptimeMs'> | null {
  const id = bootId();
  return id === null ? null : { bootId: id, uptimeMs: Math.round(uptime() * 1_000) };
}

function readMark(stateHome: string): ClockMark | null {
  try {
    const mark = JSON.parse(readStateFile(fileOf(stateHome)).toString()) as ClockMark;
    return Number.isFinite(mark.wallAt) && Number.isFinite(mark.uptimeMs) ? mark : null;
  } catch {
    return null; // no mark yet
  }
}
