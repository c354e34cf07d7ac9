// What dollars do to a plan's window: learned from steps, told with its error, and not at all from too little.
import { expect, test } from 'vitest';
import { learnRate, type RatePoint } from '../../../src/plan/learn-rate.ts';

const USD = 1_000_000_000;
const END = 18_000_000;
const point = (percent: number, usd: number, endAt = END): RatePoint => ({
  endAt,
  usedRatio: percent / 100,
  spentNanoUsd: Math.round(usd * USD),
});

test('ten dollars for a tenth of the window are a hundred for all of it', () => {
  const points = [0, 10, 20, 30].map((percent) => point(percent, percent));
  expect(learnRate(points)).toEqual({
    fullNanoUsd: 100 * USD,
    errorRatio: 0.01,
    sampleCount: 3,
  });
});

test.each<[string, readonly RatePoint[]]>([
  ['nothing', []],
  ['one reading', [point(50, 5)]],
  ['a share that stands still', [point(50, 5), point(50, 6), point(50, 7), point(50, 9)]],
  ['two differences', [point(0, 0), point(10, 10), point(20, 20)]],
  ['windows of one reading each', [1, 2, 3, 4, 5].map((at) => point(10 * at, at, END * at))],
  ['use elsewhere alone', [0, 10, 20, 30, 40].map((percent) => point(percent, 0))],
  ['a share that goes back each time', [40, 30, 20, 10, 0].map((percent) => point(percent, 50))],
])('%s does not tell', (_, points) => {
  expect(learnRate(points)).toBeNull();
});

test('where within its step the first share lay is not known, so it begins no difference', () => {
  // 50.9 % and 50.0 % both read as 50.
  const points = [point(50, 0), point(51, 0.1), point(52, 1.1), point(53, 2.1), point(54, 3.1)];
  expect(learnRate(points)).toMatchObject({ fullNanoUsd: 100 * USD, sampleCount: 3 });
});

test('use on another machine does not spoil what most dollars agree on', () => {
  const points = [point(0, 0), point(10, 10), point(20, 20), point(60, 21), point(70, 31)];
  expect(learnRate([...points, point(80, 41)])?.fullNanoUsd).toBe(100 * USD);
});
