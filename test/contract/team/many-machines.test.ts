// A ceiling that two hundred machines draw on at once: all of it may be spent, and nothing beyond.
import { expect, test } from 'vitest';
import { runs } from '../../support/runs.ts';
import { spendTogether } from '../../support/team-spenders.ts';

const DOLLAR = 1_000_000_000;

test('many machines spend one ceiling to its end, and never over it', async () => {
  const machineCount = Math.max(40, runs(200));
  const ceilingNanoUsd = (machineCount * DOLLAR) / 2;
  const { spentNanoUsd, countedNanoUsd, heldNanoUsd, turnCount } = await spendTogether(
    ...[machineCount, ceilingNanoUsd, 24],
  );
  expect(countedNanoUsd).toBe(spentNanoUsd);
  expect(heldNanoUsd).toBe(0);
  expect(spentNanoUsd).toBeLessThanOrEqual(ceilingNanoUsd);
  // What is left is less than one turn needs.
  expect(spentNanoUsd).toBeGreaterThan(ceilingNanoUsd - DOLLAR / 2);
  expect(turnCount).toBeGreaterThan(machineCount);
});
