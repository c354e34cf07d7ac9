// What a policy would have done to money that was spent: the one decision, asked again before every request
// of the past. Rule: pure over its lines; a request after a halt is not made, so it fills no other budget.
import type { Config } from '../config/config.ts';
import type { LedgerLine } from '../domain/aggregates.ts';
import { decide } from '../domain/decide.ts';
import type { AgentId, SessionId, TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import { type BudgetStatus, ceilingOf, type Stage } from '../domain/spend.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import { tokenBucket } from '../domain/token-histogram.ts';
import { promptTokens } from '../domain/usage.ts';
import type { Breach, HaltRecord } from '../domain/verdict.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { ThreadRecord } from '../stores/store.ts';
import { poolOf, type Windows } from './budget-pools.ts';
import { forecastNextRequest } from './forecast-inputs.ts';
import { type Halts, readStandingHalts } from './standing-halts.ts';
import type { BudgetContext } from './types.ts';

/** A halt that would have been. */
export interface ReplayedStop {
  readonly at: EpochMs;
  readonly sessionId: SessionId;
  readonly agentId: AgentId | null;
  readonly breach: Breach;
  /** What the session spent afterwards, as long as the halt would have stood. */
  readonly savedNanoUsd: NanoUsd;
  readonly laterRequestCount: number;
  /** Turns that would not have come to their end. */
  readonly brokenTurnCount: number;
}

/** What a budget that only watches or warns would have said. */
export interface ReplayedNotice {
  readonly at: EpochMs;
  readonly sessionId: SessionId;
  readonly stage: Stage;
  readonly breach: Breach;
}

export interface Replayed {
  readonly stops: readonly ReplayedStop[];
  readonly notices: readonly ReplayedNotice[];
  readonly requestCount: number;
  readonly sessionCount: number;
  readonly spentNanoUsd: NanoUsd;
  readonly savedNanoUsd: NanoUsd;
}

export interface ReplayDeps {
  readonly config: Config;
  readonly pricer: Pricer;
  /** This session and those it went on from, the first one last. */
  readonly chainOf: (id: SessionId) => readonly SessionId[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface OpenStop extends Mutable<Omit<ReplayedStop, 'brokenTurnCount'>> {
  readonly turns: Set<TurnId | null>;
}

/** Replays lines, oldest first. Those before `sinceAt` were spent whatever the policy says. */
export function replay(lines: readonly LedgerLine[], sinceAt: EpochMs, all: ReplayDeps): Replayed {
  const deps = withoutPlans(all);
  const past = emptyPast();
  const stops: OpenStop[] = [];
  const open = new Map<string, OpenStop>();
  const notices: ReplayedNotice[] = [];
  const sessions = new Set<SessionId>();
  let requestCount = 0;
  let spentNanoUsd = 0;
  for (const line of lines) {
    const { sessionId, agentId, occurredAt: at, turnId, costNanoUsd } = line;
    const budgetContext = budgetContextOf(line, deps);
    if (line.kind === 'correction' || at < sinceAt) {
      // Growth of a request that was not made was not spent either.
      const stop =
        at < sinceAt ? undefined : (open.get(sessionId) ?? open.get(`${sessionId}/${agentId}`));
      if (stop) stop.savedNanoUsd += costNanoUsd;
      else post(line, budgetContext, past, deps);
      if (line.kind === 'usage') remember(line, past);
      if (at >= sinceAt) spentNanoUsd += costNanoUsd;
      continue;
    }
    sessions.add(sessionId);
    requestCount += 1;
    spentNanoUsd += costNanoUsd;
    const { decision, kept } = ask(line, budgetContext, past, deps);
    for (const { windowKey, stage, breach } of decision.due) {
      past.announced.set(windowKey, [...(past.announced.get(windowKey) ?? []), stage]);
      if (decision.verdict.kind !== 'halt') notices.push({ at, sessionId, stage, breach });
    }
    if (decision.haltRecord !== null) past.haltRecords.set(sessionId, decision.haltRecord);
    past.turns.set(sessionId, turnId);
    if (decision.verdict.kind !== 'halt') {
      open.delete(sessionId);
      post(line, budgetContext, past, deps);
      remember(line, past);
      continue;
    }
    // A subagent over its own ceiling is stopped alone, and decided on again at its next request.
    const key = decision.haltRecord === null && !kept ? `${sessionId}/${agentId}` : sessionId;
    const stop = open.get(key) ?? openStop(line, decision.verdict.breaches.at(-1) as Breach);
    if (!open.has(key)) stops.push(stop);
    open.set(key, stop);
    stop.savedNanoUsd += costNanoUsd;
    stop.laterRequestCount += 1;
    stop.turns.add(turnId);
  }
  return {
    stops: stops.map(({ turns, ...stop }) => ({ ...stop, brokenTurnCount: turns.size })),
    notices,
    requestCount,
    sessionCount: sessions.size,
    spentNanoUsd,
    savedNanoUsd: stops.reduce((sum, { savedNanoUsd }) => sum + savedNanoUsd, 0),
  };
}

/** What a plan's window held at a moment of the past, nobody knows. */
function withoutPlans({ config, ...deps }: ReplayDeps): ReplayDeps {
  const budgets = config.budgets.filter(({ period }) => period.kind !== 'plan');
  return { ...deps, config: { ...config, budgets } };
}

const openStop = ({ occurredAt, sessionId, agentId }: LedgerLine, breach: Breach): OpenStop => ({
  ...{ at: occurredAt, sessionId, agentId, breach },
  ...{ savedNanoUsd: 0, laterRequestCount: 0, turns: new Set() },
});

/** What would be known at a moment of the replay. */
interface Past {
  /** Pool key → what was posted; for moving windows, when. */
  readonly posted: Map<string, { at: EpochMs; costNanoUsd: NanoUsd }[] | NanoUsd>;
  readonly announced: Map<string, Stage[]>;
  readonly haltRecords: Map<string, HaltRecord>;
  readonly turns: Map<string, TurnId | null>;
  readonly threads: Map<string, ThreadRecord>;
  readonly histories: Map<string, Map<number, number>>;
  readonly windows: Windows;
}

function emptyPast(): Past {
  const windows = new Map<string, Window & { label: string }>();
  return {
    posted: new Map(),
    announced: new Map(),
    haltRecords: new Map(),
    turns: new Map(),
    threads: new Map(),
    histories: new Map(),
    windows: {
      readWindows: (key, now) => {
        const known = windows.get(key);
        return known && now < known.endAt ? [known] : [];
      },
      writeWindow: (key, window) => {
        windows.set(key, window);
      },
      readPlanReadings: () => [],
      readFirstSpendAt: () => null,
    },
  };
}

function budgetContextOf(line: LedgerLine, { chainOf }: ReplayDeps): BudgetContext {
  const { sessionId, agentId, turnId, occurredAt: now, attribution } = line;
  return {
    now,
    sessionId,
    chain: chainOf(sessionId),
    runChain: [sessionId],
    outer: [],
    nested: [],
    turnId,
    agentId,
    attribution,
    startAttribution: null,
  };
}

function ask(line: LedgerLine, budgetContext: BudgetContext, past: Past, deps: ReplayDeps) {
  const { config } = deps;
  const { sessionId, turnId, agentId } = line;
  const budgetStatuses = readingsAt(budgetContext, past, deps);
  const halts: Halts = {
    readHalt: (id) => past.haltRecords.get(id) ?? null,
    readGrants: () => [],
    readWindows: past.windows.readWindows,
  };
  const isNewTurn = agentId === null && turnId !== (past.turns.get(sessionId) ?? turnId);
  const { haltRecord, over } = readStandingHalts(
    { budgetContext, budgetStatuses, budgets: config.budgets, isNewTurn },
    halts,
  );
  for (const id of over) past.haltRecords.delete(id);
  const thread = past.threads.get(threadKey(line)) ?? null;
  const store = { readTokenHistogram: (owner: string) => past.histories.get(owner) ?? new Map() };
  // What the request sent anew was known to the gate, the last response apart.
  const sent = Math.max(0, sentTokens(line) - (thread?.lastOutputTokens ?? 0));
  const need = (budgetStatus: BudgetStatus) =>
    forecastNextRequest(
      thread,
      { earlier: sent, current: sent },
      {
        store,
        pricer: deps.pricer,
        safety: config.safety,
        ceilingNanoUsd: ceilingOf(budgetStatus),
      },
      budgetContext.now,
    ).holdNanoUsd;
  const decision = decide({
    now: budgetContext.now,
    sessionId,
    budgetStatuses,
    forecastNanoUsd: need,
    haltRecord,
    unknownModel: null,
    spawn: null,
  });
  return { decision, kept: haltRecord !== null };
}

function readingsAt(
  budgetContext: BudgetContext,
  past: Past,
  { config }: ReplayDeps,
): BudgetStatus[] {
  return config.budgets.flatMap((budget) => {
    const named = poolOf(budget, budgetContext, past.windows);
    if (named === null) return [];
    const { pool, label } = named;
    const posted = past.posted.get(pool.key) ?? 0;
    return [
      {
        budget,
        windowKey: pool.key,
        windowLabel: label,
        window: pool.window,
        postedNanoUsd:
          typeof posted === 'number'
            ? posted
            : posted.reduce(
                (sum, each) => (each.at >= pool.window.startAt ? sum + each.costNanoUsd : sum),
                0,
              ),
        inheritedNanoUsd: 0,
        reservedNanoUsd: 0,
        grantedNanoUsd: 0,
        announced: past.announced.get(pool.key) ?? [],
      },
    ];
  });
}

function post(
  line: LedgerLine,
  budgetContext: BudgetContext,
  past: Past,
  { config }: ReplayDeps,
): void {
  const { occurredAt: at, costNanoUsd } = line;
  for (const budget of config.budgets) {
    const named = poolOf(budget, budgetContext, past.windows);
    if (named === null) continue;
    const { key, window } = named.pool;
    const posted = past.posted.get(key);
    if (budget.period.kind !== 'rolling') {
      past.posted.set(key, (typeof posted === 'number' ? posted : 0) + costNanoUsd);
      continue;
    }
    const list = typeof posted === 'object' ? posted : [];
    while (list[0] && list[0].at < window.startAt) list.shift();
    list.push({ at, costNanoUsd });
    past.posted.set(key, list);
  }
}

const threadKey = ({ sessionId, agentId }: LedgerLine): string => `${sessionId}/${agentId ?? ''}`;

const sentTokens = ({ usage }: LedgerLine): number =>
  usage.inputTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;

/** Keeps what the forecast rests on, as recording a request does. */
function remember(line: LedgerLine, past: Past): void {
  const { sessionId, agentId, usage, attribution, occurredAt, entryId, turnId } = line;
  const add = (owner: string, tokens: number) => {
    const counts = past.histories.get(owner) ?? new Map<number, number>();
    const bucket = tokenBucket(tokens);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    past.histories.set(owner, counts);
  };
  const model = attribution.model ?? 'default';
  for (const owner of [`session:${sessionId}`, `model:${model}`, 'machine']) {
    add(owner, usage.outputTokens);
  }
  add(`new:${sessionId}`, sentTokens(line));
  past.threads.set(threadKey(line), {
    sessionId,
    agentId,
    agentType: attribution.agentType,
    model,
    contextTokens: promptTokens(usage) + usage.outputTokens,
    lastOutputTokens: usage.outputTokens,
    cacheLifetime: usage.cacheWrite1hTokens > usage.cacheWrite5mTokens ? '1h' : '5m',
    lastRequestAt: occurredAt,
    lastRequestId: entryId,
    turnId,
    toolUseIds: [],
  });
}
