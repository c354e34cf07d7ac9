// Routing of subagents: what the rules say before one starts, and what a smaller model came to. Rule: whoever is over a ceiling was refused before; a
// rule only lowers, asks or refuses.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import type { Decision } from '../domain/decide.ts';
import { routeText } from '../domain/explain-route.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf, spendOf } from '../domain/spend.ts';
import type { EpochMs } from '../domain/time.ts';
import { route } from '../routing/route.ts';
import type { Route } from '../routing/rule.ts';
import type { ThreadRecord } from '../stores/store.ts';
import { costAt } from './model-switch-cost.ts';
import type { GateDeps, PlannedSpawn } from './types.ts';

/** A route with what it is about. */
export interface SpawnRoute extends Route {
  readonly tool: string;
  readonly agentType: string;
  readonly askedModel: string;
  readonly expectedNanoUsd: NanoUsd;
}

/** What the rules say of a spawn; `null`: nothing. */
export function routeSpawn(
  { tool }: AgentEvent,
  spawn: PlannedSpawn | null,
  parent: ThreadRecord | null,
  budgetStatuses: readonly BudgetStatus[],
  deps: GateDeps,
): SpawnRoute | null {
  const { tools } = deps.agent;
  const { routing } = deps.config;
  if (tool === null || spawn === null || routing.length === 0) return null;
  const { model, work, isBackground, canChangeModel } = tools.spawnDetails(tool);
  const { agentType, priceTag } = spawn;
  const isSameFamily =
    model !== null && parent !== null && tools.modelRank(model) === tools.modelRank(parent.model);
  const askedModel = (isSameFamily ? parent.model : model) ?? parent?.model ?? '';
  const expectedNanoUsd =
    priceTag === null ? spawn.requiredNanoUsd : priceTag.count * priceTag.averageNanoUsd;
  const facts = {
    ...{ agentType, work, askedModel, isBackground, canChangeModel, expectedNanoUsd },
    ...{ isBatch: deps.isBatch ?? false, spentRatio: spentRatioOf(budgetStatuses) },
  };
  const found = route(facts, routing, tools.modelRank);
  return found === null
    ? null
    : { ...found, tool: tool.name, agentType, askedModel, expectedNanoUsd };
}

const spentRatioOf = (budgetStatuses: readonly BudgetStatus[]): number =>
  Math.max(
    0,
    ...budgetStatuses.map((status) => {
      const ceiling = ceilingOf(status);
      return ceiling === null || ceiling <= 0 ? 0 : spendOf(status) / ceiling;
    }),
  );

/** The decision, refused where a rule refuses what nothing else stopped. */
export function refuseByRoute(decision: Decision, found: SpawnRoute | null): Decision {
  const { kind, breaches } = decision.verdict;
  if (found?.action.kind !== 'refuse' || kind === 'halt' || kind === 'deny') return decision;
  const { tool, agentType, rule, expectedNanoUsd } = found;
  const breach = { code: 'SPAWN_REFUSED', tool, agentType, rule, expectedNanoUsd } as const;
  return { ...decision, verdict: { kind: 'deny', breaches: [...breaches, breach] } };
}

/** The answer with another model in it, or a question; a rerouting is noted. Call inside `store.immediately`. */
export function applyRoute(
  answer: Answer,
  event: AgentEvent,
  found: SpawnRoute | null,
  deps: GateDeps,
  now: EpochMs,
): Answer {
  const { kind } = answer.verdict;
  if (found === null || event.tool === null || kind === 'halt' || kind === 'deny') return answer;
  const { action, rule, agentType, askedModel } = found;
  if (action.kind === 'refuse') return answer;
  const text = routeText(found);
  if (action.kind === 'ask') return { ...answer, asks: text };
  deps.store.addRerouting({
    ...{ toolUseId: event.tool.useId, sessionId: event.sessionId, reroutedAt: now },
    ...{ agentType, rule, askedModel, givenModel: action.model },
  });
  const forPerson = answer.forPerson === null ? text : `${answer.forPerson}\n${text}`;
  return {
    ...answer,
    forPerson,
    updatedInput: deps.agent.tools.withModel(event.tool, action.model),
  };
}

/** Writes what the session's reroutings have come to by now. Call inside `store.immediately`. */
export function settleReroutings(
  { sessionId, transcriptPath }: AgentEvent,
  deps: GateDeps,
  now: EpochMs,
): void {
  const { store, agent } = deps;
  const reroutings = store.readReroutings({ sessionId });
  if (reroutings.length === 0 || transcriptPath === null) return;
  const startedBy = new Map(
    agent
      .transcriptFiles(transcriptPath)
      .map((file) => [agent.tools.readStartedBy(file), file.agentId]),
  );
  for (const rerouting of reroutings) {
    const agentId = startedBy.get(rerouting.toolUseId);
    if (!agentId) continue;
    const { requestCount, costNanoUsd, usage } = store.readThreadUsage(sessionId, agentId);
    if (requestCount === 0 || requestCount === rerouting.outcome?.requestCount) continue;
    store.settleRerouting(rerouting.toolUseId, {
      ...{ agentId, requestCount, spentNanoUsd: costNanoUsd, settledAt: now },
      askedNanoUsd: costAt(deps.pricer.rates(rerouting.askedModel, rerouting.reroutedAt), usage),
    });
  }
}
