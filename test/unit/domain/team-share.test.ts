// What a lease of the team lets a machine spend, and when it asks for the next.
import { describe, expect, test } from 'vitest';
import {
  isHeld,
  isRenewalDue,
  type Share,
  shareCeiling,
  sharePoolKey,
  wantedSlice,
} from '../../../src/domain/team-share.ts';

const share: Share = {
  ...{ startAt: 100, endAt: 1_000, expiresAt: 500, spentNanoUsd: 70, outstandingNanoUsd: 30 },
  ...{ holder: 'here', state: 'granted' },
};

describe('a lease may be spent', () => {
  test.each([
    [99, false],
    [100, true],
    [499, true],
    [500, false],
  ])('within its time alone: at %d it is %s', (now, is) => {
    expect(isHeld(share, 'here', now)).toBe(is);
  });

  test('not beyond the window it is of', () => {
    const long = { ...share, expiresAt: 2_000 };
    expect([isHeld(long, 'here', 999), isHeld(long, 'here', 1_000)]).toEqual([true, false]);
  });

  test('by the ledger it was given to, unless another has it', () => {
    expect(isHeld(share, 'a copy', 200)).toBe(false);
    expect(isHeld({ ...share, state: 'held-elsewhere' }, 'here', 200)).toBe(false);
    expect(isHeld({ ...share, state: 'refused' }, 'here', 200)).toBe(true);
  });

  test('up to what was spent before and what it carries', () => {
    expect(shareCeiling(share)).toBe(100);
    expect(sharePoolKey({ shareKey: 'day' })).toBe('team|day');
  });
});

describe('the next one is asked for', () => {
  test.each([
    [499, 10, true],
    [500, 10, false],
    [600, 200, false],
    [599, 200, true],
  ])('with %d of 1000 left and a need of %d: %s', (left, need, is) => {
    expect(isRenewalDue({ outstandingNanoUsd: 1_000 }, left, need)).toBe(is);
  });

  test.each([
    [0, 1_000_000_000],
    [100_000_000, 1_000_000_000],
    [200_000_000, 1_600_000_000],
  ])('a need of %d asks for %d', (need, want) => {
    expect(wantedSlice(need)).toBe(want);
  });
});
