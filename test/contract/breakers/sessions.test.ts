// Circuit breakers over whole sessions: twice 400 simulated healthy ones and all recorded ones hardly ever trip the default set, and 60 kinds of runaways
// are caught before $2 on Opus 4.7 when all breakers are on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Activity, BreakerRules, Step } from '../../../src/breakers/breaker.ts';
import { watchStep } from '../../../src/breakers/breakers.ts';
import { USUAL_BREAKERS } from '../../../src/breakers/usual.ts';
import type { BreakerTrip } from '../../../src/domain/breaker-trip.ts';
import { readThreadSteps } from '../../../src/wire.ts';
import {
  type Act,
  healthySession,
  RUNAWAYS,
  runaway,
  stepsOf,
} from '../../support/loop-sessions.ts';
import { OTHER_RUNAWAYS, otherHealthySession } from '../../support/other-loop-sessions.ts';

const ALL_ON = Object.fromEntries(
  Object.entries(USUAL_BREAKERS).map(([name, settings]) => [
    name,
    { ...settings, mode: 'enforce' },
  ]),
) as unknown as BreakerRules;

/** The first breakers that trip, and what had been spent; `null`: none before `untilNanoUsd`. */
function firstTrip(steps: Iterable<Step>, rules: BreakerRules, untilNanoUsd = Infinity) {
  let activity: Activity | null = null;
  const past: Step[] = [];
  for (const step of steps) {
    past.push(step);
    const spentSince = (at: number) => {
      const before = past.findLast((each) => each.at < at)?.spentNanoUsd ?? 0;
      return step.spentNanoUsd - before;
    };
    const watched: { activity: Activity; trips: readonly BreakerTrip[] } = watchStep(
      activity,
      step,
      rules,
      spentSince,
    );
    activity = watched.activity;
    if (watched.trips.length > 0) return { trips: watched.trips, spentNanoUsd: step.spentNanoUsd };
    if (step.spentNanoUsd > untilNanoUsd) return null;
  }
  return null;
}

test.each([
  ['those that the limits were set on', healthySession],
  ['those of another generator', otherHealthySession],
] as const)(
  'false alarms of the default set in 400 healthy sessions, %s: at most 1 in 100',
  (label, sessionOf: (seed: number) => Iterable<Act>) => {
    const alarms = Array.from({ length: 400 }, (_, seed) => {
      const steps = stepsOf(sessionOf(seed + 1), 20_000 + (seed % 20) * 6_000, seed);
      return firstTrip(steps, USUAL_BREAKERS)?.trips[0] ?? null;
    }).filter((trip) => trip !== null);
    console.log(
      `${label}: ${alarms.length} false alarms in 400: ${alarms.map(({ breaker, subject, count }) => `${breaker} ${subject} ${count}`).join('; ')}`,
    );
    expect(alarms.length).toBeLessThanOrEqual(4);
  },
);

describe('recorded sessions', () => {
  const root = join(import.meta.dirname, '../../fixtures/transcripts');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.jsonl'),
  );
  test('none trips the default set', () => {
    const tripped = files.flatMap((name) => {
      const steps = readThreadSteps(readFileSync(join(root, name), 'utf8'));
      const priced = steps.map(
        (step, index) => ({ ...step, spentNanoUsd: index * 30_000_000 }) as Step,
      );
      const found = firstTrip(priced, USUAL_BREAKERS);
      return found === null ? [] : [`${name.split(/[\\/]/)[0]} ${found.trips[0]?.breaker}`];
    });
    expect(files.length).toBeGreaterThan(40);
    console.log(`${tripped.length} of ${files.length} recorded threads: ${tripped.join(', ')}`);
    expect(tripped).toEqual([]);
  });
});

describe('runaways', () => {
  const all = [...RUNAWAYS, ...OTHER_RUNAWAYS];
  test('there are twice thirty', () => {
    expect([RUNAWAYS.length, OTHER_RUNAWAYS.length]).toEqual([30, 30]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(60);
  });
  test.each(all.map((each) => [each.name, each] as const))('%s', (_, each) => {
    for (const seed of [1, 2, 3]) {
      const steps = stepsOf(runaway(each, seed), each.contextTokens, seed);
      const caught = firstTrip(steps, ALL_ON, 3e9);
      expect(caught?.spentNanoUsd ?? Infinity).toBeLessThan(2e9);
    }
  });
});
