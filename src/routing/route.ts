// What is done with a subagent before it starts: the first rule that holds counts. PURE. Rule: a model is lowered, never raised.
import { matchesPattern } from '../domain/pattern.ts';
import type { Route, RoutingConditions, RoutingRule, SpawnFacts } from './rule.ts';

/** `rankOf`: how large a model is, by its name; `null` where nobody knows, and then no rule about models holds. */
export function route(
  spawn: SpawnFacts,
  rules: readonly RoutingRule[],
  rankOf: (model: string) => number | null,
): Route | null {
  const rule = rules.find((each) => holds(each.when, spawn, rankOf) && does(each, spawn, rankOf));
  return rule === undefined ? null : { rule: rule.id, action: rule.action };
}

function holds(
  when: RoutingConditions,
  spawn: SpawnFacts,
  rankOf: (model: string) => number | null,
): boolean {
  const { agentType, work, model, background, batch, spentRatio, expectedNanoUsd } = when;
  const isLike = (pattern: string, text: string) =>
    matchesPattern(pattern.toLowerCase(), text.toLowerCase());
  return (
    (agentType === null || isLike(agentType, spawn.agentType)) &&
    (work === null || isLike(work, spawn.work ?? '')) &&
    (model === null || rankOf(model) === rankOf(spawn.askedModel)) &&
    (background === null || background === spawn.isBackground) &&
    (batch === null || batch === spawn.isBatch) &&
    (spentRatio === null || spawn.spentRatio >= spentRatio) &&
    (expectedNanoUsd === null || spawn.expectedNanoUsd >= expectedNanoUsd)
  );
}

/** Whether a rule has anything to do: one about a model only where that is lower than the one asked for. */
function does(
  { action }: RoutingRule,
  { askedModel, canChangeModel }: SpawnFacts,
  rankOf: (model: string) => number | null,
): boolean {
  if (action.kind !== 'model') return true;
  const [given, asked] = [rankOf(action.model), rankOf(askedModel)];
  return canChangeModel && given !== null && asked !== null && given < asked;
}
