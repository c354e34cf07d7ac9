// What giving subagents smaller models has saved, and whether it held. Rule: pure; a saving is the difference that the ledger noted when a
// subagent was over, and what is not over saves nothing yet.
import type { LedgerLine } from '../domain/aggregates.ts';
import type { AgentId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Rerouting } from '../stores/store.ts';

/** Reroutings of one kind of subagent between the same two models. */
export interface SavingsRow {
  readonly agentType: string;
  readonly askedModel: string;
  readonly givenModel: string;
  readonly count: number;
  readonly finishedCount: number;
  readonly requestCount: number;
  readonly spentNanoUsd: NanoUsd;
  readonly savedNanoUsd: NanoUsd;
  /** Of those that finished; `null`: none did. */
  readonly perFinishedNanoUsd: NanoUsd | null;
  /** Subagents of the kind that kept their model in the same time, and what one of them cost. */
  readonly others: { readonly count: number; readonly averageNanoUsd: NanoUsd | null };
  /** After so many, the same session started one of the kind that kept its model. */
  readonly triedAgainCount: number;
  readonly toolCallCount: number;
  readonly failedToolCallCount: number;
}

export interface SavingsInput {
  readonly reroutings: readonly Rerouting[];
  /** Of the same time, of all sessions. */
  readonly lines: readonly LedgerLine[];
  /** The tool calls of a subagent; `null`: its transcript is gone. */
  readonly readCalls: (rerouting: Rerouting) => ToolCallCounts | null;
}

export interface ToolCallCounts {
  readonly callCount: number;
  readonly failedCount: number;
}

/** A subagent, as its entries show it. */
interface Thread {
  readonly agentId: AgentId;
  readonly sessionId: string;
  readonly agentType: string;
  readonly firstAt: EpochMs;
  costNanoUsd: NanoUsd;
}

/** One row for each kind and pair of models, what saved most first. */
export function findSavings({ reroutings, lines, readCalls }: SavingsInput): SavingsRow[] {
  const threads = threadsOf(lines);
  const groups = new Map<string, Rerouting[]>();
  for (const each of reroutings) {
    const key = [each.agentType, each.askedModel, each.givenModel].join('\0');
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const rerouted = new Set(reroutings.flatMap(({ outcome }) => outcome?.agentId ?? []));
  const others = threads.filter(({ agentId }) => !rerouted.has(agentId));
  return [...groups.values()]
    .map((group) => rowOf(group, others, readCalls))
    .sort((a, b) => b.savedNanoUsd - a.savedNanoUsd);
}

function rowOf(
  group: readonly Rerouting[],
  threads: readonly Thread[],
  readCalls: SavingsInput['readCalls'],
): SavingsRow {
  const { agentType = '', askedModel = '', givenModel = '' } = group[0] ?? {};
  const outcomes = group.flatMap(({ outcome }) => outcome ?? []);
  const sum = (of: (outcome: (typeof outcomes)[number]) => number) =>
    outcomes.reduce((total, each) => total + of(each), 0);
  const spentNanoUsd = sum((each) => each.spentNanoUsd);
  const others = threads.filter((each) => each.agentType === agentType);
  const cost = others.reduce((total, { costNanoUsd }) => total + costNanoUsd, 0);
  const calls = group.flatMap((each) => readCalls(each) ?? []);
  const isFollowed = ({ sessionId, outcome }: Rerouting) =>
    outcome !== null &&
    others.some((each) => each.sessionId === sessionId && each.firstAt > outcome.settledAt);
  return {
    ...{ agentType, askedModel, givenModel, count: group.length, spentNanoUsd },
    finishedCount: outcomes.length,
    requestCount: sum(({ requestCount }) => requestCount),
    savedNanoUsd: sum(({ askedNanoUsd, spentNanoUsd: spent }) => askedNanoUsd - spent),
    perFinishedNanoUsd: outcomes.length === 0 ? null : Math.round(spentNanoUsd / outcomes.length),
    others: {
      count: others.length,
      averageNanoUsd: others.length === 0 ? null : Math.round(cost / others.length),
    },
    triedAgainCount: group.filter(isFollowed).length,
    toolCallCount: calls.reduce((total, { callCount }) => total + callCount, 0),
    failedToolCallCount: calls.reduce((total, { failedCount }) => total + failedCount, 0),
  };
}

function threadsOf(lines: readonly LedgerLine[]): readonly Thread[] {
  const threads = new Map<string, Thread>();
  for (const { agentId, sessionId, attribution, occurredAt, costNanoUsd } of lines) {
    if (agentId === null || attribution.agentType === null) continue;
    const { agentType } = attribution;
    const key = `${sessionId}\0${agentId}`;
    const thread = threads.get(key) ?? {
      ...{ agentId, sessionId, agentType, firstAt: occurredAt, costNanoUsd: 0 },
    };
    thread.costNanoUsd += costNanoUsd;
    threads.set(key, thread);
  }
  return [...threads.values()];
}
