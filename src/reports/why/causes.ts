// What made a session expensive, as figures. Rule: pure; every amount is money that the ledger holds, or the
// difference to what the same tokens would have cost otherwise, at the session's own rates.

import type { LedgerLine } from '../../domain/aggregates.ts';
import { type AgentId, agentId } from '../../domain/ids.ts';
import type { NanoUsd } from '../../domain/money.ts';
import type { EpochMs } from '../../domain/time.ts';
import { addUsage, NO_USAGE, type Usage } from '../../domain/usage.ts';
import type { Rates } from '../../pricing/rate-card.ts';
import { type CacheMisses, findCacheMisses } from './cache-misses.ts';
import { type ContextGrowth, findContextGrowth } from './context-growth.ts';

export type RatesAt = (model: string, at: EpochMs) => Rates;

/** A part of the session's cost. */
export interface Part {
  readonly name: string;
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
}

/** What was paid for, by class of tokens; their sum differs from the cost by what no usage line shows. */
export interface ClassCosts {
  readonly input: NanoUsd;
  readonly output: NanoUsd;
  readonly cacheRead: NanoUsd;
  readonly cacheWrite: NanoUsd;
}

/** What one subagent cost; named by its kind, else by its id. */
export interface SubagentPart extends Part {
  readonly agentId: AgentId;
  /** Of its last request. */
  readonly model: string | null;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

export interface Causes {
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
  readonly usage: Usage;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly classes: ClassCosts;
  /** The most expensive first. */
  readonly models: readonly Part[];
  /** The most expensive first. */
  readonly subagents: readonly SubagentPart[];
  /** Named by the turn's id; the three most expensive. */
  readonly turns: readonly (Part & { readonly startedAt: EpochMs })[];
  readonly cacheMisses: CacheMisses;
  readonly context: ContextGrowth;
  /** What is on no usage line: settlements with Claude Code's total, and estimates. */
  readonly hiddenNanoUsd: NanoUsd;
}

const PICO_PER_NANO = 1_000;
const TURN_COUNT = 3;

/** Weighs the lines of one session, in order of time. */
export function findCauses(lines: readonly LedgerLine[], rates: RatesAt): Causes {
  const requests = lines.filter(({ kind }) => kind === 'usage');
  const sum = (some: readonly LedgerLine[]) =>
    some.reduce((total, { costNanoUsd }) => total + costNanoUsd, 0);
  const isHidden = ({ kind, reason }: LedgerLine) =>
    kind === 'correction' && reason !== 'grown' && reason !== 'repriced';
  return {
    costNanoUsd: sum(lines),
    requestCount: requests.length,
    usage: lines.reduce((total, { usage }) => addUsage(total, usage), NO_USAGE),
    firstAt: lines[0]?.occurredAt ?? 0,
    lastAt: lines.at(-1)?.occurredAt ?? 0,
    classes: classCosts(lines, rates),
    models: partsBy(lines, ({ attribution }) => attribution.model),
    subagents: findSubagents(lines),
    turns: partsBy(lines, ({ turnId }) => turnId)
      .slice(0, TURN_COUNT)
      .map((part) => ({
        ...part,
        startedAt: lines.find(({ turnId }) => turnId === part.name)?.occurredAt ?? 0,
      })),
    cacheMisses: findCacheMisses(requests, rates),
    context: findContextGrowth(requests),
    hiddenNanoUsd: sum(lines.filter(isHidden)),
  };
}

/** One part for each subagent, the most expensive first. */
export function findSubagents(lines: readonly LedgerLine[]): readonly SubagentPart[] {
  const ends = new Map<string, { readonly first: LedgerLine; last: LedgerLine }>();
  for (const line of lines) {
    if (line.agentId === null) continue;
    const known = ends.get(line.agentId) ?? { first: line, last: line };
    known.last = line;
    ends.set(line.agentId, known);
  }
  return partsBy(lines, (line) => line.agentId).map((part) => {
    const id = agentId(part.name);
    const { first, last } = ends.get(id) ?? {};
    return {
      ...part,
      name: first?.attribution.agentType ?? part.name,
      agentId: id,
      model: last?.attribution.model ?? null,
      firstAt: first?.occurredAt ?? 0,
      lastAt: last?.occurredAt ?? 0,
    };
  });
}

/** Parts by a name that some lines have; the most expensive first. */
function partsBy(
  lines: readonly LedgerLine[],
  nameOf: (line: LedgerLine) => string | null,
): Part[] {
  const parts = new Map<string, Part>();
  for (const line of lines) {
    const name = nameOf(line);
    if (name === null) continue;
    const known = parts.get(name);
    parts.set(name, {
      name,
      costNanoUsd: (known?.costNanoUsd ?? 0) + line.costNanoUsd,
      requestCount: (known?.requestCount ?? 0) + (line.kind === 'usage' ? 1 : 0),
    });
  }
  return [...parts.values()].sort((a, b) => b.costNanoUsd - a.costNanoUsd);
}

/** What lines paid for by class of tokens, at the rates of their time. */
export function classCosts(lines: readonly LedgerLine[], rates: RatesAt): ClassCosts {
  let [input, output, cacheRead, cacheWrite] = [0, 0, 0, 0];
  for (const { usage, attribution, occurredAt } of lines) {
    if (attribution.model === null) continue;
    const rate = rates(attribution.model, occurredAt);
    input += usage.inputTokens * rate.input;
    output += usage.outputTokens * rate.output;
    cacheRead += usage.cacheReadTokens * rate.cacheRead;
    cacheWrite +=
      usage.cacheWrite5mTokens * rate.cacheWrite5m + usage.cacheWrite1hTokens * rate.cacheWrite1h;
  }
  const nano = (pico: number) => Math.round(pico / PICO_PER_NANO);
  return {
    input: nano(input),
    output: nano(output),
    cacheRead: nano(cacheRead),
    cacheWrite: nano(cacheWrite),
  };
}
