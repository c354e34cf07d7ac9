// The range of a project's forecast, held against what simulated projects cost in the end.
import { expect, test } from 'vitest';
import { forecastProject, LEAST_UNITS } from '../../../src/projects/forecast-project.ts';
import { randomFrom } from '../../support/statement-world.ts';

test('eight of ten projects end within the range, whether few or many days are over', () => {
  const { below } = randomFrom(7);
  const day = () => (below(7) < 2 ? 0 : Math.round(-Math.log((below(1e6) + 1) / 1e6) * 4e9));
  for (const [done, total] of [
    [10, 60],
    [30, 60],
    [50, 60],
  ] as const) {
    let hits = 0;
    const projects = 1_000;
    for (let index = 0; index < projects; index += 1) {
      const days = Array.from({ length: total }, day);
      const over = days.slice(0, done);
      const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);
      const forecast = forecastProject({
        ...{ basis: 'time', spentNanoUsd: sum(over), unitNanoUsd: over },
        ...{ doneCount: done, leftCount: total - done },
      });
      const end = sum(days);
      if (forecast && forecast.lowNanoUsd <= end && end <= forecast.highNanoUsd) hits += 1;
    }
    expect(hits / projects, `${done} of ${total} days`).toBeGreaterThan(0.74);
    expect(hits / projects, `${done} of ${total} days`).toBeLessThan(0.86);
  }
});

test('what no pull request is named for is spread over those that come', () => {
  const units = [1e9, 2e9, 3e9, 2e9, 2e9];
  const forecast = forecastProject({
    ...{ basis: 'work', spentNanoUsd: 20e9, unitNanoUsd: units, doneCount: 5, leftCount: 10 },
  });
  // Each has cost four dollars with its share of the rest.
  expect(forecast?.expectedNanoUsd).toBe(60e9);
  expect(forecast?.lowNanoUsd).toBeGreaterThan(20e9);
});

test('an end that has come has no range, and too little says nothing', () => {
  const units = [1e9, 1e9, 2e9, 1e9, 1e9];
  const input = { basis: 'time', spentNanoUsd: 6e9, unitNanoUsd: units, doneCount: 5 } as const;
  expect(forecastProject({ ...input, leftCount: 0 })).toMatchObject({
    ...{ expectedNanoUsd: 6e9, lowNanoUsd: 6e9, highNanoUsd: 6e9 },
  });
  const few = units.slice(0, LEAST_UNITS - 1);
  expect(forecastProject({ ...input, unitNanoUsd: few, leftCount: 3 })).toBeNull();
});
