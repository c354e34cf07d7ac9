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

/** Tools that start subagents. */
export const SPAWNING_TOOLS: ReadonlySet<string> = new Set([
  'Agent',
  'Task',
  'Workflow',
  'SendMessage',
]);
/** What the client starts when nobody names a kind. Source: client 2.1.330, read 2026-11-21. */
const USUAL_TYPE = 'general-purpose';
const WORKFLOW_TYPE = 'workflow-subagent';
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
  if (tool === null || !SPAWNING_TOOLS.has(tool.name)) return null;
  const input = (typeof tool.input === 'object' && tool.input !== null ? tool.input : {}) as Record<
    string,
    unknown
  >;
  const agentType =
    tool.name === 'Workflow'
      ? WORKFLOW_TYPE
      : typeof input.subagent_type === 'string'
        ? input.subagent_type
        : USUAL_TYPE;
  const count = tool.name === 'Workflow' ? agentsIn(input.script) : 1;
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

/** Calls of `agent(` in a workflow's script: a loop hides more, and each is asked about by itself. */
function agentsIn(script: unknown): number {
  if (typeof script !== 'string') return 1;
  return Math.max(1, script.match(/\bagent\s*\(/g)?.length ?? 1);
}
