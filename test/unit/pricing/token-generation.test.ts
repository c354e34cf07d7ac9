import { expect, test } from 'vitest';
import { tokenGenerationOf } from '../../../src/pricing/token-generation.ts';

test.each([
  'claude-opus-4-6',
  'claude-opus-4-20250514',
  'claude-opus-4-1-20250805',
  'claude-sonnet-4-6',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'anthropic/claude-opus-4.5',
  'claude-haiku-4-5@20251001',
  'claude-3-5-sonnet-20241022',
  'claude-3-opus-20240229',
])('%s counts in the earlier way', (model) => {
  expect(tokenGenerationOf(model)).toBe('earlier');
});

test.each([
  'claude-opus-4-7',
  'claude-opus-4-8[1m]',
  'claude-opus-5-5',
  'claude-sonnet-5',
  'anthropic.claude-sonnet-5-5-v1:0',
  'claude-haiku-5-5',
  'claude-fable-5-2',
  'claude-mythos-5',
  'somebody-elses-model',
])('%s counts in the current way', (model) => {
  expect(tokenGenerationOf(model)).toBe('current');
});
