// Issuing and using decision leases. Rule: a lease stands in for a decision only before a tool of the main loop that starts no
// subagents. The decision between a response and the next request never looks at one, so a lease lets no request be made.
import type { Agent, AgentEvent } from '../agents/agent.ts';
import { type DecisionLease, leaseHolds, leaseLimits } from '../domain/decision-lease.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Store, ThreadRecord } from '../stores/store.ts';
import { nextRequestUpperBound } from './forecast-inputs.ts';
import type { GateAssessment, GateDeps } from './types.ts';

/** Whether a lease can stand in for a decision at this event. */
export const isLeasable = (
  { moment, agentId, tool, transcriptPath }: AgentEvent,
  { tools }: Pick<Agent, 'tools'>,
): boolean =>
  moment === 'before-tool' &&
  agentId === null &&
  tool !== null &&
  transcriptPath !== null &&
  tools.subagentsOf(tool) === null;

/**
 * The lease that a decision leaves behind; `null` where the next decision may come out differently. `isFar`: no forecast
 * matters under any ceiling, so that the lease will hold for a while.
 */
export function issueLease(
  { event, now, budgetContext, budgetStatuses, decision }: GateAssessment,
  isFar: () => boolean,
  inheritedNanoUsd: number,
  thread: ThreadRecord | null,
  { store, agent }: GateDeps,
): DecisionLease | null {
  const { verdict, due, reached } = decision;
  if (thread === null || !isLeasable(event, agent) || hasSubagents(event, agent)) return null;
  if (verdict.kind !== 'allow' || due.length > 0 || reached.length > 0 || !isFar()) return null;
  const limits = leaseLimits(budgetStatuses, now);
  const position = limits === null ? null : store.readPosition();
  if (limits === null || position === null) return null;
  // A halt of any of them ends the lease.
  const chain = [...budgetContext.chain, ...budgetContext.outer];
  const { turnId } = event;
  const { model } = thread;
  return { ...limits, position, issuedAt: now, model, turnId, chain, inheritedNanoUsd };
}

/** What using a lease reads. */
export interface LeaseDeps extends Pick<GateDeps, 'pricer'> {
  readonly store: Pick<Store, 'readThread' | 'readHalt' | 'readSpendSince' | 'readTokenHistogram'>;
  readonly agent: Pick<Agent, 'transcriptFiles'>;
}

/** Whether a lease holds now, after everything new was recorded. Call inside `store.immediately`. */
export function mayUseLease(
  lease: DecisionLease,
  event: AgentEvent,
  inheritedNanoUsd: number,
  deps: LeaseDeps,
  now: EpochMs,
): boolean {
  const { store, pricer, agent } = deps;
  const thread = store.readThread(event.sessionId, null);
  if (thread === null || hasSubagents(event, agent)) return false;
  if (lease.chain.some((id) => store.readHalt(id) !== null)) return false;
  const since = store.readSpendSince(lease.position, now);
  if (since === null) return false;
  return leaseHolds(lease, {
    ...{ ...since, now, turnId: event.turnId, model: thread.model, inheritedNanoUsd },
    nextRequestUpperBoundNanoUsd: (ceilingNanoUsd) =>
      nextRequestUpperBound(thread, null, { store, pricer, ceilingNanoUsd }, now),
  });
}

/** What subagents spend, only a decision looks at. */
const hasSubagents = (
  { transcriptPath }: AgentEvent,
  agent: Pick<Agent, 'transcriptFiles'>,
): boolean => transcriptPath !== null && agent.transcriptFiles(transcriptPath).length > 1;
