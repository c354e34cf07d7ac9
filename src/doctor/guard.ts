// Whether the guard was lost: in sessions of the last days, and in places where Tollgate was installed and its hooks are gone.
import { DAY_MS } from '../domain/time.ts';
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

const LOOK_BACK_MS = 7 * DAY_MS;

export const guard: Check = {
  name: 'guard',
  run: ({ now, readGuardLosses, readUnguardedPlaces }) => {
    const lost = readGuardLosses()
      .filter(({ lostAt }) => now - lostAt < LOOK_BACK_MS)
      .sort((a, b) => b.lostAt - a.lostAt);
    const places = readUnguardedPlaces();
    const [newest] = lost;
    const findings: Finding[] = places.map((path) => ({ code: 'PLACE_UNGUARDED', path }));
    if (newest !== undefined) {
      const at = new Date(newest.lostAt).toISOString();
      findings.push({
        code: 'GUARD_WAS_LOST',
        values: { count: lost.length, newest: newest.sessionId, at },
      });
    }
    return {
      summary:
        findings.length === 0
          ? 'on wherever it was installed, lost in no session'
          : `gone from ${places.length} places, lost in ${lost.length} sessions of the last 7 days`,
      facts: { lostSessions: lost.map(({ sessionId }) => sessionId), places },
      findings,
    };
  },
};
