// Which rule counts for a subagent: every condition, the order of rules, and that a model is lowered only.
import { describe, expect, test } from 'vitest';
import { modelRank } from '../../../src/agents/claude-code/tools/models.ts';
import { RoutingRuleInput, routingRule } from '../../../src/config/routing-schema.ts';
import { route } from '../../../src/routing/route.ts';
import type { SpawnFacts } from '../../../src/routing/rule.ts';

const spawn: SpawnFacts = {
  ...{ agentType: 'Explore', work: 'Search for the cart', askedModel: 'claude-opus-4-7' },
  ...{ isBackground: true, isBatch: false, canChangeModel: true },
  ...{ spentRatio: 0.5, expectedNanoUsd: 400_000_000 },
};
const routed = (rules: readonly object[], fields: Partial<SpawnFacts> = {}) => {
  const read = rules.map((rule, index) =>
    routingRule(RoutingRuleInput.parse({ id: `r${index}`, ...rule })),
  );
  const found = route({ ...spawn, ...fields }, read, modelRank);
  if (found === null) return null;
  return `${found.rule} ${found.action.kind === 'model' ? found.action.model : found.action.kind}`;
};

test.each([
  [{ agentType: 'explore' }, true],
  [{ agentType: 'Plan' }, false],
  [{ work: '*search*' }, true],
  [{ work: 'review*' }, false],
  [{ model: 'opus' }, true],
  [{ model: 'sonnet' }, false],
  [{ background: true }, true],
  [{ background: false }, false],
  [{ batch: true }, false],
  [{ spent: '50%' }, true],
  [{ spent: '80%' }, false],
  [{ expected: '0.40' }, true],
  [{ expected: '0.41' }, false],
  [{ agentType: 'Explore', spent: '80%' }, false],
])('%j holds: %s', (when, holds) => {
  expect(routed([{ when, action: 'refuse' }])).toBe(holds ? 'r0 refuse' : null);
});

describe('models', () => {
  test('are lowered, never raised, and a rule that changes nothing leaves the next its turn', () => {
    const rules = [{ action: 'sonnet' }, { action: 'haiku' }, { action: 'ask' }];
    expect(routed(rules)).toBe('r0 sonnet');
    expect(routed(rules, { askedModel: 'sonnet' })).toBe('r1 haiku');
    expect(routed(rules, { askedModel: 'haiku' })).toBe('r2 ask');
    expect(routed(rules, { askedModel: 'nova-1' })).toBe('r2 ask');
    expect(routed(rules, { canChangeModel: false })).toBe('r2 ask');
  });
});
