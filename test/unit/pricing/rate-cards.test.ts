// Which models have a price at an instant, and which family a spelling is of.
import { describe, expect, test } from 'vitest';
import { familyOf, modelsInForce, newestModels } from '../../../src/pricing/rate-cards.ts';

const BEFORE = Date.parse('2026-10-06T23:59:59.999Z');
const FROM = Date.parse('2026-10-07');

describe('models in force', () => {
  test('are those whose price has begun', () => {
    expect(modelsInForce(BEFORE)).not.toContain('claude-haiku-5-5');
    expect(modelsInForce(FROM)).toContain('claude-haiku-5-5');
    expect(modelsInForce(0)).toContain('claude-opus-4-1');
  });

  test('are named once, and stay while one price follows another', () => {
    for (const at of [0, BEFORE, FROM]) {
      const models = modelsInForce(at);
      expect(models.filter((model) => model === 'claude-sonnet-5-5')).toHaveLength(1);
      expect(models).toEqual([...new Set(models)]);
    }
  });
});

test('the newest model of each family is the last whose price has begun', () => {
  const others = ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-fable-5-2', 'claude-mythos-5-2'];
  expect(newestModels(BEFORE)).toEqual(['claude-haiku-4-5', ...others]);
  expect(newestModels(FROM)).toEqual(['claude-haiku-5-5', ...others]);
});

test.each([
  ['claude-opus-4-7', 'opus'],
  ['opus', 'opus'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'sonnet'],
  ['my-gateway-haiku', 'haiku'],
  ['claude-fable-9', 'fable'],
  ['gpt-5', null],
  ['', null],
])('%j is of the family %s', (spelling, family) => {
  expect(familyOf(spelling)).toBe(family);
});
