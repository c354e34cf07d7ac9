// What starting subagents is expected to cost. Rule: a spawn must leave its children room for a start,
// which is held for them until they begin; each is then asked about at its own requests like anybody else.
import type { AgentEvent } from '../agents/agent.ts';
import type { Spawn } from '../domain/decide.ts';
import { type AgentId, agentId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ThreadRecord } from '../stores/store.ts';
import { firstHold, subagentCosts } from './first-request.ts';
import type { GateDeps, PlannedSpawn } from './types.ts';

/** Where no other subagent tells, a start counts as so many requests of its session: it reads its instructions anew. */
const START_IN_REQUESTS = 2;

/** The name under which money is held for the subagents of a tool call. */
export const spawnHold = (toolUseId: string): AgentId => agentId(`spawn:${toolUseId}`);

/** What letting this tool start means; `null` when it starts no subagents. Its parent has something under way. */
export function spawnOf(
  event: AgentEvent,
  parent: ThreadRecord | null,
  underWayNanoUsd: NanoUsd,
  deps: GateDeps,
  now: EpochMs,
): PlannedSpawn | null {
  const { tool } = event;
  const started = tool === null ? null : deps.agent.tools.subagentsOf(tool);
  if (tool === null || started === null) return null;
  const { agentType, count } = started;
  const { repository } = deps.readPlace(event.cwd);
  const costs = subagentCosts(agentType, repository, deps.store);
  const total = costs.reduce((sum, cost) => sum + cost.totalNanoUsd, 0);
  const priceTag =
    costs.length === 0
      ? null
      : { count, averageNanoUsd: Math.ceil(total / costs.length), sampleCount: costs.length };
  const requiredNanoUsd = startHold(agentType, repository, parent, deps);
  const parentNanoUsd = underWayNanoUsd + usualRequest(parent, deps);
  return {
    tool: tool.name,
    requiredNanoUsd,
    parentNanoUsd,
    fanOut: fanOutOf(event, count, priceTag?.averageNanoUsd ?? requiredNanoUsd, deps, now),
    reservedAs: spawnHold(tool.useId),
    agentType,
    count,
    priceTag,
  };
}

/** What a subagent needs for its first request: like others of its kind, else by its session's. */
export function startHold(
  agentType: string,
  repository: string | null,
  parent: ThreadRecord | null,
  deps: GateDeps,
): NanoUsd {
  const costs = subagentCosts(agentType, repository, deps.store);
  if (costs.length > 0) return firstHold(costs, deps.config.safety);
  return START_IN_REQUESTS * usualRequest(parent, deps);
}

/** What a request of this session has cost on average; 0 before the first. */
function usualRequest(parent: ThreadRecord | null, { store }: GateDeps): NanoUsd {
  if (parent === null) return 0;
  const { costNanoUsd, requestCount } = store.readSessionTotals(parent.sessionId);
  return requestCount === 0 ? 0 : Math.ceil(costNanoUsd / requestCount);
}

function fanOutOf(
  event: AgentEvent,
  count: number,
  averageNanoUsd: NanoUsd,
  { store, config }: GateDeps,
  now: EpochMs,
): Spawn['fanOut'] {
  const limitNanoUsd = config.fanOutNanoUsd;
  if (limitNanoUsd === null) return null;
  const { spentNanoUsd, underWayCount } = store.readFanOut(event.sessionId, event.turnId, now);
  return {
    spentNanoUsd,
    expectedNanoUsd: averageNanoUsd * (count + underWayCount),
    limitNanoUsd,
  };
}
