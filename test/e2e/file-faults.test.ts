// A hook is killed, or a file operation of it fails, while it upgrades or restores the ledger, or of the watchdog while hooks are missing;
// `npm run faults` does so at every operation of every event.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWatchdogWorlds } from '../faults/watchdog.ts';
import {
  BROKEN_STDIO,
  type FaultWorlds,
  makeFaultWorlds,
  SCENARIOS,
  whyNoFaults,
} from '../faults/world.ts';

const why = whyNoFaults();
/** How many operations of each. */
const POINT_COUNT = 3;

describe.skipIf(why !== null)(`file faults${why === null ? '' : ` (${why})`}`, () => {
  let worlds: FaultWorlds;
  beforeAll(async () => {
    worlds = await makeFaultWorlds();
  });
  afterAll(() => worlds?.remove());

  const slow = SCENARIOS.filter(({ state }) => state === 'gone' || state === 'old');
  test.each(slow)('$id: nothing goes on, is torn or is lost', async (scenario) => {
    const points = await worlds.readPoints(scenario);
    for (let count = 0; count < POINT_COUNT; count += 1) {
      const point = points[Math.floor(((count + 0.5) * points.length) / POINT_COUNT)] ?? 1;
      for (const fault of ['KILL', 'TERM', 'ENOSPC'] as const) {
        const { note } = await worlds.run(scenario, point, fault);
        expect(note, `operation ${point}, ${fault}`).toBe('');
      }
    }
  });

  const over = SCENARIOS.filter(({ id }) => id === 'tool, over' || id === 'prompt, over');
  test.each(BROKEN_STDIO)('%s: the exit code stops it all the same', async (stdio) => {
    for (const scenario of over) {
      const { ending, note } = await worlds.runBroken(scenario, stdio);
      expect({ id: scenario.id, ending, note }).toEqual({
        ...{ id: scenario.id, ending: 'stopped', note: '' },
      });
    }
  });

  test('the watchdog: its client is stopped, or the next hook puts another in its place', async () => {
    const watchdogs = await makeWatchdogWorlds();
    try {
      const points = await watchdogs.readPoints();
      const middle = points[Math.floor(points.length / 2)] ?? 1;
      for (const [point, fault] of [
        [points[0] ?? 1, 'KILL'],
        [middle, 'KILL'],
        [middle, 'TERM'],
        [middle, 'EIO'],
      ] as const) {
        const { note } = await watchdogs.run(point, fault);
        expect(note, `operation ${point}, ${fault}`).toBe('');
      }
    } finally {
      await watchdogs.remove();
    }
  });
});
