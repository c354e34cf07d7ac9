// The team's worker of a machine: sends what was spent, fetches the money that hooks ask for, and gives back what nobody uses. Rule: one at a time, as the
// ledger says; entries go before questions, so that what a lease carries is never counted twice; whatever ends half-way is asked again.
import type { NanoUsd } from '../domain/money.ts';
import { sharePoolKey } from '../domain/team-share.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import type { HeldLease, LeaseAsk, Store } from '../stores/store.ts';
import type { LeaseAnswer, TeamMachineStore } from '../stores/team-store.ts';
import { atTeamTime } from './team-time.ts';

/** How long a worker is one when it does not say so again. */
const CLAIM_MS = 5 * SECOND_MS;
/** The same while it connects, which may take five seconds, and waits to try again: hooks would start another one each time. */
const CONNECTING_MS = 10 * SECOND_MS;
/** How often it says so, and how often the team is asked what is new. */
const PULL_MS = 3 * SECOND_MS;
/** How often the ledger is looked at: a hook may be waiting. */
const POLL_MS = 25;
/** So long after the last entry or question it ends, and gives back what it holds. */
const LINGER_MS = MINUTE_MS;
const LIFETIME_MS = 60 * MINUTE_MS;
/** Before the team is tried again, and before another worker tries. */
const RETRY_MS = 2 * SECOND_MS;
const REFUSED_MS = 15 * SECOND_MS;
const ENTRIES_AT_ONCE = 1_000;

export interface WorkerDeps {
  readonly store: Store;
  /** Connects to the team. Throws `TollgateError`. */
  readonly open: () => Promise<TeamMachineStore & { readonly close: () => Promise<void> }>;
  readonly owner: string;
  readonly clock: () => EpochMs;
  readonly wait: (ms: number) => Promise<void>;
  /** Ends once everything was sent and answered. */
  readonly isOnce: boolean;
}

export interface WorkDone {
  /** False: another worker is at it. */
  readonly isOurs: boolean;
  sentCount: number;
  addedCount: number;
  flaggedCount: number;
  /** Money without a request of sessions that another machine has told of, and entries of other times. */
  skippedCount: number;
  answeredCount: number;
}

type Team = Awaited<ReturnType<WorkerDeps['open']>>;

/** Works until nothing is to be done for a while. Throws `TollgateError` where `isOnce` and the team cannot be asked. */
export async function runTeamWorker(deps: WorkerDeps): Promise<WorkDone> {
  const { store, owner, clock, isOnce } = deps;
  const done = { sentCount: 0, addedCount: 0, flaggedCount: 0, skippedCount: 0, answeredCount: 0 };
  if (!claim(deps, CONNECTING_MS)) return { isOurs: false, ...done };
  const endAt = clock() + LIFETIME_MS;
  const working = { ...deps, done, activeAt: clock(), pulledAt: 0 };
  let team: Team | null = null;
  try {
    for (;;) {
      try {
        team ??= inTime(await deps.open(), deps);
        const isOver = await workOnce(working, team, clock() >= endAt);
        if (isOver || isOnce) break;
        await deps.wait(POLL_MS);
      } catch (error) {
        const mayTryAgain = noteTrouble(error, deps);
        if (mayTryAgain && isOnce) store.immediately(() => store.endTeamWorker(owner));
        if (!mayTryAgain || isOnce) throw error;
        await team?.close().catch(() => {});
        team = null;
        const isResting = isLongAgo(working.activeAt, LINGER_MS, clock());
        if (isResting && (clock() >= endAt || leftLeases(store).length === 0)) break;
        await deps.wait(isResting ? REFUSED_MS : RETRY_MS);
        if (!claim(deps, CONNECTING_MS)) break;
      }
    }
  } finally {
    await team?.close().catch(() => {});
  }
  store.immediately(() => store.endTeamWorker(owner));
  return { isOurs: true, ...done };
}

/**
 * The team, of which answers count that come in time: a clock that is set by a late one goes wrong by as much, and another worker may have
 * gone on meanwhile. What was asked is asked again.
 */
function inTime(team: Team, deps: WorkerDeps): Team {
  const { clock } = deps;
  const wait = async <T>(answer: Promise<T>, askedAt: EpochMs): Promise<T> => {
    const answered = await answer;
    const tookMs = Math.abs(clock() - askedAt);
    if (tookMs < SECOND_MS || (tookMs < CLAIM_MS && claim(deps, CLAIM_MS))) return answered;
    throw new TollgateError({
      ...{ code: 'TEAM_UNREACHABLE', message: 'the answer of the team came too late' },
      ...{ hint: 'is the network slow? It is asked again', retryable: true },
    });
  };
  return {
    // Of these it is no matter when it comes.
    flush: team.flush,
    takeLease: (question) => wait(team.takeLease(question), clock()),
    settleLease: (poolKey, renewal) => wait(team.settleLease(poolKey, renewal), clock()),
    pullState: () => wait(team.pullState(), clock()),
    close: () => team.close(),
  };
}

interface Working extends WorkerDeps {
  readonly done: Omit<WorkDone, 'isOurs'>;
  activeAt: EpochMs;
  pulledAt: EpochMs;
  version?: number;
}

const claim = ({ store, owner, clock }: WorkerDeps, forMs: number): boolean =>
  store.immediately(() => store.becomeTeamWorker(owner, clock() + forMs, clock()));

/** A clock that was turned back since is no reason to wait until it shows as much again. */
const isLongAgo = (at: EpochMs, forMs: number, now: EpochMs): boolean =>
  Math.abs(now - at) >= forMs;

/** Sends and asks what there is; true: it is time to end. */
async function workOnce(working: Working, team: Team, isLate: boolean): Promise<boolean> {
  const { store, clock, isOnce } = working;
  const now = clock();
  if (isLongAgo(working.pulledAt, PULL_MS, now)) {
    // Another has taken over while this one was kept.
    if (!claim(working, CLAIM_MS)) return true;
    const state = await team.pullState();
    store.immediately(() => store.writeTeamState(state, clock()));
    working.pulledAt = now;
  }
  const version = store.readVersion();
  if (version !== working.version) {
    const sent = await sendEntries(working, team);
    const answered = await answerAsks(working, team);
    if (sent + answered > 0) working.activeAt = clock();
    working.version = version;
  }
  if (isOnce || !(isLate || isLongAgo(working.activeAt, LINGER_MS, clock()))) return false;
  await returnLeases(working, team);
  return true;
}

/** Hands over what the team has not; answers how many. */
async function sendEntries({ store, clock, done }: Working, team: Team): Promise<number> {
  let count = 0;
  for (;;) {
    const known = store.readTeam();
    if (known === null) return count;
    const { entries, through } = store.readTeamEntries(known.throughSeq, ENTRIES_AT_ONCE);
    if (through === known.throughSeq) return count;
    const { fit, offsetMs } = atTeamTime(entries, known, clock());
    if (fit.length > 0) {
      if (known.sendingOffsetMs === null)
        store.immediately(() => store.writeSendingOffset(known.offsetMs));
      const { addedCount, flaggedCount, skippedCount } = await team.flush(fit, offsetMs);
      done.addedCount += addedCount;
      done.flaggedCount += flaggedCount;
      done.skippedCount += skippedCount;
    }
    done.skippedCount += entries.length - fit.length;
    done.sentCount += entries.length;
    count += entries.length;
    store.immediately(() => store.writeTeamPosition(through));
  }
}

async function answerAsks(working: Working, team: Team): Promise<number> {
  const { store, clock, done } = working;
  const asks = store.readLeaseAsks();
  for (const ask of asks) {
    await sendEntries(working, team);
    const { throughSeq = 0, offsetMs = 0 } = store.readTeam() ?? {};
    const held = store.readHeldLease(ask.shareKey);
    const { budgetId, labels, sessionId, wantNanoUsd, needNanoUsd } = ask;
    const holder = store.readHolder();
    const answer = await team.takeLease({
      ...{ budgetId, labels, sessionId, wantNanoUsd, needNanoUsd },
      // A copy of this machine asks under another name, and as one that holds nothing: what it knows of may be spent by the other.
      ...{ known: held?.holder === holder ? held : null, askId: `${ask.askId}@${holder}` },
      sentAt: clock() + offsetMs,
    });
    const lease = leaseOf(answer, ask, held, throughSeq, holder, working);
    const isRefused = answer.state === 'refused';
    // Somebody may have stopped this machine: whoever is halted is told that, and not that money is short.
    const state = isRefused ? await team.pullState() : null;
    store.immediately(() => {
      if (state !== null) store.writeTeamState(state, clock());
      if (lease !== null) store.writeHeldLease(lease);
      store.removeLeaseAsk(ask.askId, metBy(answer, needNanoUsd));
    });
    if (isRefused) await returnLease(ask.shareKey, working, team);
    done.answeredCount += 1;
  }
  return asks.length;
}

/** The need that an answer has met. The answer to a question that was smaller when it came to the team first may be too little for it. */
function metBy(answer: LeaseAnswer, needNanoUsd: NanoUsd): NanoUsd {
  if (answer.state === 'late') return -1;
  return answer.state === 'granted' ? answer.outstandingNanoUsd : needNanoUsd;
}

/** What this machine holds after an answer, on its own clock; `null`: as before. */
function leaseOf(
  answer: LeaseAnswer,
  { shareKey }: LeaseAsk,
  held: HeldLease | null,
  throughSeq: number,
  holder: string,
  { clock }: Working,
): HeldLease | null {
  const answeredAt = clock();
  if (answer.state === 'no-budget' || answer.state === 'late') return null;
  if (answer.state === 'held-elsewhere') {
    return held === null
      ? null
      : { ...held, state: answer.state, outstandingNanoUsd: 0, answeredAt };
  }
  const {
    state,
    poolKey,
    spentNanoUsd,
    outstandingNanoUsd,
    renewal,
    ceilingNanoUsd,
    committedNanoUsd,
  } = answer;
  const offsetMs = answer.now - answeredAt;
  return {
    ...{ shareKey, poolKey, spentNanoUsd, outstandingNanoUsd, throughSeq, renewal, state },
    ...{ ceilingNanoUsd, committedNanoUsd, holder, answeredAt },
    startAt: answer.startAt - offsetMs,
    endAt: answer.endAt - offsetMs,
    expiresAt: answer.expiresAt - offsetMs,
  };
}

async function returnLeases(working: Working, team: Team): Promise<void> {
  for (const { shareKey } of leftLeases(working.store)) await returnLease(shareKey, working, team);
}

/** Leases of this ledger that carry something, over or not. */
function leftLeases(store: Store): readonly HeldLease[] {
  const holder = store.readHolder();
  return store.readHeldLeases().filter((each) => isOurs(each, holder));
}

const isOurs = ({ outstandingNanoUsd, holder, state }: HeldLease, us: string): boolean =>
  outstandingNanoUsd > 0 && holder === us && state !== 'held-elsewhere';

/**
 * What nobody uses goes back, and what carries no request of this machine, which may carry one of another; first it is taken from
 * this machine, so that it is nobody's meanwhile. What it carried stays known until the team has it.
 */
async function returnLease(shareKey: string, working: Working, team: Team): Promise<void> {
  const { store, clock } = working;
  const taken = store.immediately(() => takeBack(shareKey, store.readHolder(), clock(), store));
  if (taken === null) return;
  await sendEntries(working, team);
  const throughSeq = store.readTeam()?.throughSeq ?? 0;
  const back = await team.settleLease(taken.poolKey, taken.renewal);
  // It went back before, and the answer was lost.
  const given =
    back === null
      ? taken
      : {
          ...taken,
          spentNanoUsd: taken.spentNanoUsd + taken.outstandingNanoUsd - back,
          committedNanoUsd: taken.committedNanoUsd - back,
          renewal: taken.renewal + 1,
          throughSeq,
        };
  store.immediately(() => store.writeHeldLease({ ...given, outstandingNanoUsd: 0 }));
}

/** Lets nothing more be spent of a lease, and answers what it was; `null`: it carries nothing, or is being spent. */
function takeBack(shareKey: string, holder: string, now: EpochMs, store: Store): HeldLease | null {
  const lease = store.readHeldLease(shareKey);
  if (lease === null || !isOurs(lease, holder)) return null;
  const window = { startAt: lease.startAt, endAt: lease.endAt };
  const everything = { labels: {}, sessions: null, turnId: null, agentId: null, isAhead: false };
  const nobody = { sessionId: '' as Parameters<Store['readSession']>[0], agentId: null };
  const { reservedNanoUsd } = store.readPoolSpend(
    { key: `${sharePoolKey(lease)}|all`, window, ...everything },
    nobody,
    now,
  );
  if (reservedNanoUsd > 0) return null;
  // Over from its beginning, whatever the clock will show.
  const closed = { ...lease, expiresAt: lease.startAt };
  store.writeHeldLease(closed);
  return closed;
}

/** Keeps what hooks have to know; true: it may be tried again. */
function noteTrouble(error: unknown, deps: WorkerDeps): boolean {
  const { store, clock } = deps;
  if (!(error instanceof TollgateError)) return false;
  if (error.code === 'TEAM_UNREACHABLE') {
    store.immediately(() => store.writeTeamTrouble({ unreachableSince: clock() }));
    return true;
  }
  if (error.code === 'TEAM_SHUT_OUT') {
    store.immediately(() => store.writeTeamTrouble({ refusal: error.message }));
  }
  // Whoever comes by waits for a while.
  claim(deps, REFUSED_MS);
  return false;
}
