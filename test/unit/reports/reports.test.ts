// How a report is found by the words for it.
import { describe, expect, test } from 'vitest';
import { findReport, REPORTS } from '../../../src/reports/reports.ts';

describe('reports', () => {
  test('are found by name and by the other words for them, in any case', () => {
    expect(findReport('costcentre')?.name).toBe('costCentre');
    expect(findReport('cost-centre')?.name).toBe('costCentre');
    expect(findReport('PR')?.name).toBe('pr');
    expect(findReport('daily')?.name).toBe('day');
    expect(findReport('label:Team')?.name).toBe('label:Team');
    expect(findReport('label:')).toBeNull();
    expect(findReport('nothing')).toBeNull();
  });

  test('have names of their own', () => {
    const words = REPORTS.flatMap(({ name, aliases }) => [name.toLowerCase(), ...aliases]);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });
});
