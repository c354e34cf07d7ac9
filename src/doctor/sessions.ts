// Sessions that have a transcript but never ran a hook: the guard was off in them.
import { DAY_MS } from '../domain/time.ts';
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

const LOOK_BACK_MS = 7 * DAY_MS;

export const sessions: Check = {
  name: 'sessions',
  run: ({ now, installedAt, readTranscripts, readHookedSessions }) => {
    const since = installedAt();
    if (since === null) return { summary: 'no hooks to look for', facts: {}, findings: [] };
    // A session that was already running when the hooks came need not have met them.
    const seen = readTranscripts(Math.max(since, now - LOOK_BACK_MS));
    const hooked = readHookedSessions();
    const unguarded = seen
      .filter(({ sessionId }) => !hooked.has(sessionId))
      .sort((a, b) => b.startedAt - a.startedAt);
    const [newest] = unguarded;
    const findings: Finding[] =
      newest === undefined
        ? []
        : [
            {
              code: 'SESSIONS_WITHOUT_EVENTS',
              path: newest.path,
              values: { count: unguarded.length, newest: newest.sessionId },
            },
          ];
    return {
      summary: `${seen.length - unguarded.length} of ${seen.length} since the installation ran hooks`,
      facts: {
        sessionCount: seen.length,
        withoutEvents: unguarded.map(({ sessionId }) => sessionId),
      },
      findings,
    };
  },
};
