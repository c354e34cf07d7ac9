// Settles a session with the agent's own totals: what no transcript line shows becomes an entry of its own.
// Rule: the result depends on what was read, never on the order in which it was read; and a total may take back
// what Tollgate guessed, never what a usage line says was spent.
import type { HostRun } from '../domain/host-run.ts';
import { entryId, type SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { NO_USAGE } from '../domain/usage.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { RecordingStore, SessionRecord } from '../stores/store.ts';
import { type LabelRules, sessionLabels } from './attribution-labels.ts';

/** The agent reckons in doubles; what differs by less than half a micro-dollar is not money … */
const NOISE_NANO_USD = 500;
/** … and neither is a millionth of a large sum. */
const NOISE_PER = 1_000_000;
const PPM = 1_000_000;

type Dollar = Pick<Pricer, 'hostDollarPpm'>;

/** What settling needs beside the ledger. */
export interface SettleDeps {
  readonly pricer: Dollar;
  readonly labels: LabelRules;
}

/** Brings the entries of a session, and of its forks, to the agent's own totals. Call inside `store.immediately`. */
export function settle(
  id: SessionId,
  store: RecordingStore,
  deps: SettleDeps,
  now: EpochMs,
  done: Set<SessionId> = new Set(),
): void {
  const { pricer } = deps;
  // Forged lines could make two sessions each other's forks.
  if (done.has(id)) return;
  done.add(id);
  const known = store.readSession(id);
  if (!known) return;
  const runs = inOwn(withLiveTotal(known, store), pricer);
  const session = withInheritance(known, runs, store, pricer);
  if (pricer.hostDollarPpm !== null) settleRuns(session, runs, store, deps.labels, now);
  for (const fork of store.readForks(id)) settle(fork, store, deps, now, done);
}

/** The agent's last total in this person's dollars; `null` when there is none to settle with. */
export function hostTotalOf(session: SessionRecord, pricer: Dollar): NanoUsd | null {
  return inOwnDollars(session.hostTotalNanoUsd, pricer);
}

/** The runs of a session, whose newest total may come from the status line and be in no transcript yet. */
function withLiveTotal(session: SessionRecord, store: RecordingStore): readonly HostRun[] {
  const { sessionId, hostTotalNanoUsd, hostTotalUntil } = session;
  const runs = store.readHostRuns(sessionId);
  if (hostTotalNanoUsd === null || hostTotalUntil === null) return runs;
  if (hostTotalNanoUsd <= (runs.at(-2)?.hostTotalNanoUsd ?? 0)) return runs;
  store.writeLiveHostTotal(sessionId, hostTotalNanoUsd, hostTotalUntil);
  return store.readHostRuns(sessionId);
}

function inOwnDollars(total: NanoUsd | null, { hostDollarPpm }: Dollar): NanoUsd | null {
  if (total === null || hostDollarPpm === null) return null;
  if (hostDollarPpm === PPM) return total;
  return Number((BigInt(total) * BigInt(hostDollarPpm)) / BigInt(PPM));
}

function inOwn(runs: readonly HostRun[], pricer: Dollar): readonly HostRun[] {
  return runs.map((run) => ({
    ...run,
    hostTotalNanoUsd: inOwnDollars(run.hostTotalNanoUsd, pricer),
  }));
}

const noiseOf = (total: NanoUsd): NanoUsd => NOISE_NANO_USD + Math.ceil(total / NOISE_PER);

/**
 * Compares run by run: a client that was killed forgets that run, and one that reckons anew with each start begins
 * at 0; neither may touch what the runs before and after were found to have hidden.
 */
function settleRuns(
  session: SessionRecord,
  runs: readonly HostRun[],
  store: RecordingStore,
  rules: LabelRules,
  now: EpochMs,
): void {
  let before = session.inheritedNanoUsd;
  let hidden = 0;
  let estimates = 0;
  let openEstimates = 0;
  for (const run of runs) {
    const total = run.hostTotalNanoUsd;
    estimates += run.estimatesNanoUsd;
    const told = total === null ? null : total - (total < before - NOISE_NANO_USD ? 0 : before);
    const rest = told === null ? null : told - run.requestsNanoUsd;
    if (total !== null) before = total;
    if (rest !== null && rest >= -run.guessedNanoUsd - noiseOf(total ?? 0)) hidden += rest;
    else openEstimates += run.estimatesNanoUsd;
  }
  const settled = store.readSettled(session.sessionId);
  let { lineCount } = settled;
  const write = (reason: string, provenance: 'client-settled' | 'estimated', cost: NanoUsd) => {
    if (Math.abs(cost) < NOISE_NANO_USD) return;
    store.recordCorrection({
      kind: 'correction',
      reason,
      entryId: entryId(`${reason}:${session.sessionId}:${lineCount}`),
      sessionId: session.sessionId,
      agentId: null,
      turnId: null,
      // Just before whatever the session did next, so that the total's own window holds it.
      occurredAt: Math.min(session.lastSeenAt, (session.hostTotalUntil ?? Infinity) - 1),
      recordedAt: now,
      usage: NO_USAGE,
      costNanoUsd: cost,
      provenance,
      attribution: sessionLabels(session, rules),
    });
    lineCount += 1;
  };
  write('settled', 'client-settled', hidden - settled.settledNanoUsd);
  const takenBack = openEstimates - estimates;
  write('estimate-settled', 'estimated', takenBack - settled.takenBackNanoUsd);
}

/** A fork begins with what its parent had spent until then, what the parent inherited included. */
function withInheritance(
  session: SessionRecord,
  runs: readonly HostRun[],
  store: RecordingStore,
  pricer: Dollar,
): SessionRecord {
  const parent = session.parentSessionId && store.readSession(session.parentSessionId);
  if (!parent) return session;
  const inheritedNanoUsd = inheritedFrom(parent, session, runs, store, pricer);
  if (inheritedNanoUsd === session.inheritedNanoUsd) return session;
  const next = { ...session, inheritedNanoUsd };
  store.writeSession(next);
  return next;
}

/**
 * The client starts a fork with the total it last wrote down for the parent, which lags behind for a parent that is
 * still running. So, once the fork has a total of its own: the largest of the parent's that the fork's leaves room for.
 */
function inheritedFrom(
  parent: SessionRecord,
  fork: SessionRecord,
  runs: readonly HostRun[],
  store: RecordingStore,
  pricer: Dollar,
): NanoUsd {
  const until = fork.forkedAt ?? Number.POSITIVE_INFINITY;
  const budgetContext = parent.inheritedNanoUsd + store.readCostBefore(parent.sessionId, until);
  const first = runs[0];
  const total = first?.hostTotalNanoUsd ?? null;
  if (!first || total === null) return budgetContext;
  const candidates = inOwn(store.readHostRuns(parent.sessionId), pricer).flatMap((run) =>
    run.hostTotalNanoUsd === null || run.lastAt >= until ? [] : [run.hostTotalNanoUsd],
  );
  // Of a parent whose transcript is gone no total is known, only what the fork copied of it.
  const isUnread = candidates.length === 0 && store.readThread(parent.sessionId, null) === null;
  if (isUnread) candidates.push(budgetContext);
  const room = total - first.requestsNanoUsd + first.guessedNanoUsd + noiseOf(total);
  return Math.max(0, ...candidates.filter((candidate) => candidate <= room));
}
