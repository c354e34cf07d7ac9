// The conditions of `tollgate report --where`.
import { describe, expect, test } from 'vitest';
import { parseWhere } from '../../../src/reports/filter.ts';

describe('--where', () => {
  test('several values of a key are alternatives', () => {
    expect(
      parseWhere(['branch=feat/*', 'branch=main', 'client=(unattributed)', 'label:team=core']),
    ).toEqual([
      { key: 'branch', patterns: ['feat/*', 'main'] },
      { key: 'client', patterns: [null] },
      { key: 'label:team', patterns: ['core'] },
    ]);
  });

  test('names of absence mean absence', () => {
    expect(parseWhere(['agent=(main)', 'tool='])).toEqual([
      { key: 'agentType', patterns: [null] },
      { key: 'tool', patterns: [null] },
    ]);
  });

  test.each(['branch', '=x', 'day=2026-11-21', 'colour=red'])('%s is a mistake', (word) => {
    expect(() => parseWhere([word])).toThrow('names nothing to look for');
  });

  test('values may hold an equals sign', () => {
    expect(parseWhere(['branch=a=b'])).toEqual([{ key: 'branch', patterns: ['a=b'] }]);
  });
});
