// What would have cost less: subagents and sessions on a smaller model, contexts that stay in the cache, files read once. Rule: pure; every
// amount is the difference to what the ledger holds, and what names a saving has its evidence.
import type { LedgerLine } from '../../domain/aggregates.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { NanoUsd } from '../../domain/money.ts';
import { type Causes, findCauses, type RatesAt } from './causes.ts';
import type { ToolHabits } from './tool-habits.ts';
import { priceElsewhere } from './what-if.ts';

/** One thing to change. */
export type Advice = {
  readonly savedNanoUsd: NanoUsd;
  /** What was paid for what would change. */
  readonly paidNanoUsd: NanoUsd;
} & (
  | {
      readonly code: 'SMALLER_SUBAGENTS';
      readonly agentType: string;
      readonly count: number;
      readonly fromFamily: string;
      readonly toFamily: string;
    }
  | {
      readonly code: 'SMALLER_SESSION';
      readonly sessionId: SessionId;
      readonly fromFamily: string;
      readonly toFamily: string;
    }
  | {
      readonly code: 'CACHE_MISSES';
      readonly sessionId: SessionId;
      readonly count: number;
      readonly afterPauseCount: number;
      readonly afterModelChangeCount: number;
    }
  | {
      readonly code: 'REPEATED_READS';
      readonly sessionId: SessionId;
      readonly file: string;
      readonly readCount: number;
      readonly fileCount: number;
    }
);

export interface AdviceDeps {
  readonly rates: RatesAt;
  readonly familyOf: (model: string) => string | null;
  /** The newest model of each family. */
  readonly newest: readonly string[];
  readonly habitsOf: (id: SessionId) => ToolHabits | null;
}

/** Bytes of a file for a token, roughly. */
const BYTES_PER_TOKEN = 4;
const PICO_PER_NANO = 1_000;
/** Below this share of everything an advice is not worth a line. */
const LEAST_RATIO = 0.005;
/** Sessions whose tool calls are looked at: the costliest. */
const SESSION_COUNT = 20;

/** All advice about these lines, what saves most first. */
export function findAdvice(lines: readonly LedgerLine[], deps: AdviceDeps): Advice[] {
  const total = lines.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
  const sessions = [...groupsBy(lines, ({ sessionId }) => sessionId)]
    .map(([, own]) => ({ own, causes: findCauses(own, deps.rates) }))
    .sort((a, b) => b.causes.costNanoUsd - a.causes.costNanoUsd)
    .slice(0, SESSION_COUNT);
  const found = [
    ...subagentAdvice(lines, deps),
    ...sessions.flatMap(({ own, causes }) => sessionAdvice(own, causes, deps)),
  ];
  return found
    .filter(({ savedNanoUsd }) => savedNanoUsd > 0 && savedNanoUsd >= total * LEAST_RATIO)
    .sort((a, b) => b.savedNanoUsd - a.savedNanoUsd);
}

function subagentAdvice(lines: readonly LedgerLine[], deps: AdviceDeps): Advice[] {
  const ofSubagents = lines.filter(({ agentId, attribution }) => {
    return agentId !== null && attribution.agentType !== null && attribution.model !== null;
  });
  const groups = groupsBy(ofSubagents, ({ attribution: { agentType, model } }) =>
    [agentType, deps.familyOf(model ?? '')].join('\0'),
  );
  return [...groups.values()].flatMap((own) => {
    const smaller = smallerFor(own, deps);
    const agentType = own[0]?.attribution.agentType;
    if (smaller === null || !agentType) return [];
    const count = new Set(own.map(({ sessionId, agentId }) => `${sessionId} ${agentId}`)).size;
    return [{ code: 'SMALLER_SUBAGENTS', agentType, count, ...smaller } as const];
  });
}

function sessionAdvice(own: readonly LedgerLine[], causes: Causes, deps: AdviceDeps): Advice[] {
  const sessionId = own[0]?.sessionId;
  if (sessionId === undefined) return [];
  const { count, extraNanoUsd, afterPauseCount, afterModelChangeCount } = causes.cacheMisses;
  const main = own.filter(({ agentId, attribution }) => {
    return agentId === null && attribution.model === causes.models[0]?.name;
  });
  const smaller = smallerFor(main, deps);
  const paid = { paidNanoUsd: causes.costNanoUsd };
  return [
    ...(smaller === null ? [] : [{ code: 'SMALLER_SESSION', sessionId, ...smaller } as const]),
    {
      ...{ code: 'CACHE_MISSES', sessionId, savedNanoUsd: extraNanoUsd, ...paid },
      ...{ count, afterPauseCount, afterModelChangeCount },
    },
    ...rereadAdvice(sessionId, main, causes, deps),
  ];
}

/** What a file that was read again was paid for, at least: writing it into the context once more. */
function rereadAdvice(
  sessionId: SessionId,
  main: readonly LedgerLine[],
  causes: Causes,
  { rates, habitsOf }: AdviceDeps,
): Advice[] {
  const rereads = habitsOf(sessionId)?.rereads ?? [];
  const [worst] = rereads;
  const model = causes.models[0]?.name;
  if (worst === undefined || model === undefined || main.length === 0) return [];
  const bytes = rereads.reduce((sum, { resultBytes }) => sum + resultBytes, 0);
  const { cacheWrite5m } = rates(model, causes.lastAt);
  const savedNanoUsd = Math.round(((bytes / BYTES_PER_TOKEN) * cacheWrite5m) / PICO_PER_NANO);
  return [
    {
      ...{ code: 'REPEATED_READS', sessionId, savedNanoUsd, paidNanoUsd: causes.costNanoUsd },
      ...{ file: worst.file, readCount: worst.readCount, fileCount: rereads.length },
    },
  ];
}

/** The next smaller family for lines of one; `null`: there is none, or it costs no less. */
function smallerFor(lines: readonly LedgerLine[], { rates, familyOf, newest }: AdviceDeps) {
  const model = lines[0]?.attribution.model ?? null;
  const fromFamily = model === null ? null : familyOf(model);
  if (fromFamily === null) return null;
  const others = newest.filter((each) => familyOf(each) !== fromFamily);
  const next = priceElsewhere(lines, others, rates).findLast(
    ({ costNanoUsd, paidNanoUsd }) => costNanoUsd < paidNanoUsd,
  );
  const toFamily = next === undefined ? null : familyOf(next.model);
  if (next === undefined || toFamily === null) return null;
  const { paidNanoUsd, costNanoUsd } = next;
  return { fromFamily, toFamily, paidNanoUsd, savedNanoUsd: paidNanoUsd - costNanoUsd };
}

function groupsBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
