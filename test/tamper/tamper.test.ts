// A few tamper cases of every class, played in real worlds; `npm run tamper` plays them all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCases } from './case.ts';
import { CONTROL, makeWorlds, type Worlds, whyNoWorlds } from './world.ts';

/** How cases end whose end is known, one or two of each class. */
const ENDS: Readonly<Record<string, 'denied' | 'held'>> = {
  ...{ T001: 'denied', T009: 'denied', T041: 'denied', T046: 'denied', T074: 'denied' },
  ...{ T247: 'denied', T265: 'denied', T301: 'denied' },
  ...{ T330: 'denied', T371: 'denied', T392: 'denied', T430: 'denied' },
  // A grant from a terminal that was cut off.
  XH070: 'held',
};

const why = whyNoWorlds();

describe.skipIf(why !== null)(`tamper cases${why === null ? '' : ` (${why})`}`, () => {
  let worlds: Worlds;
  beforeAll(async () => {
    worlds = await makeWorlds();
  });
  afterAll(() => worlds?.remove());

  test('where nothing is wrong the ceiling holds, and nothing else is said', async () => {
    const { outcome, spentUsd, said } = await worlds.play(CONTROL);
    expect({ outcome, isOver: spentUsd > 0.5, saysTwo: said.length > 0 }).toEqual({
      ...{ outcome: 'held', isOver: false, saysTwo: true },
    });
  });

  test.each(readCases().filter(({ id }) => id in ENDS))('$id $cat: $note', async (given) => {
    const { outcome, log } = await worlds.play(given);
    expect(outcome, log.join('\n')).toBe(ENDS[given.id]);
  });

  // Program and watchdog at once; a program that notes as hooks do. This client makes seven requests a second.
  test.each(readCases().filter(({ id }) => /^XH00[18]$/.test(id)))('$id $cat', async (given) => {
    const { outcome, log } = await worlds.play(given);
    expect(['held', 'told'], log.join('\n')).toContain(outcome);
  });
});
