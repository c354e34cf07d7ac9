// Many machines that spend one ceiling of a team at once, each with a ledger and the worker of its own, over a few connections as behind a pooler. Each goes on
// until the team gives it nothing more, gives back what it holds after its minute of rest, and tries again as long as anybody gets on.
import { randomUUID } from 'node:crypto';
import { NO_ATTRIBUTION } from '../../src/domain/attribution.ts';
import { sessionId, turnId } from '../../src/domain/ids.ts';
import type { NanoUsd } from '../../src/domain/money.ts';
import { headroomOf } from '../../src/domain/spend.ts';
import { TollgateError } from '../../src/errors.ts';
import { askForShares, readTeamStatuses } from '../../src/gate/team-share.ts';
import type { BudgetContext } from '../../src/gate/types.ts';
import { newSession } from '../../src/ingest/record-fact.ts';
import { type Connection, connect } from '../../src/stores/postgres/connect.ts';
import { quoted } from '../../src/stores/postgres/names.ts';
import { openTeamStore } from '../../src/stores/postgres/postgres.ts';
import { newPassword, verifierOf } from '../../src/stores/postgres/verifier.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../src/stores/store.ts';
import type { TeamMachineStore, TeamStore } from '../../src/stores/team-store.ts';
import { runTeamWorker } from '../../src/team/worker.ts';
import { type Rng, rngOf } from '../bench/workload.ts';
import { recordEach, request } from './ledger-entries.ts';
import { makeTeam, startTeamServer, type TeamServer } from './team-database.ts';

const DOLLAR = 1_000_000_000;
/** A turn costs anything from nothing to this, and this is what has to be left for one. */
const DEAREST: NanoUsd = DOLLAR / 2;
/** A worker gives back what it holds when nothing has happened for longer than a minute. */
const REST_MS = 61_000;
const DAY_MS = 86_400_000;

export interface Spending {
  /** What the team has counted, and what the ledgers of the machines hold. */
  readonly countedNanoUsd: NanoUsd;
  readonly spentNanoUsd: NanoUsd;
  /** Still carried by leases at the end. */
  readonly heldNanoUsd: NanoUsd;
  readonly turnCount: number;
  readonly questionCount: number;
  readonly seconds: number;
}

interface Spender {
  readonly store: Store;
  readonly team: TeamMachineStore;
  readonly rng: Rng;
  readonly at: Omit<BudgetContext, 'now'>;
  /** How much of its time was rest. */
  restedMs: number;
  turnCount: number;
}

export async function spendTogether(
  machineCount: number,
  ceilingNanoUsd: NanoUsd,
  connectionCount: number,
): Promise<Spending> {
  const server = await startTeamServer();
  try {
    const team = await makeTeam(server, 'crowd');
    await team.manager.setBudget({
      ...{ id: 'day', where: {}, per: [], period: 'day', softNanoUsd: null, mode: 'enforce' },
      hardNanoUsd: ceilingNanoUsd,
    });
    const counter = { questions: 0 };
    const desks = await Promise.all(
      Array.from({ length: connectionCount }, () => openDesk(server, counter)),
    );
    const spenders: Spender[] = [];
    for (let at = 0; at < machineCount; at += 1) {
      const desk = desks[at % connectionCount];
      if (desk !== undefined) spenders.push(await joinAt(desk, team.manager, at));
    }
    counter.questions = 0;
    const startAt = performance.now();
    for (let isOver = false; !isOver; ) {
      const gotOn = await Promise.all(spenders.map(spendWhatThereIs));
      isOver = gotOn.every((count) => count === 0);
    }
    const seconds = (performance.now() - startAt) / 1_000;
    const [pool] = await team.manager.readPools(1);
    const spentNanoUsd = sum(spenders.map(({ store }) => store.readLedgerTotals().costNanoUsd));
    const { costNanoUsd: countedNanoUsd } = await team.manager.readTotals();
    for (const { store } of spenders) store.close();
    for (const { close } of desks) await close();
    await team.close();
    const turnCount = sum(spenders.map((each) => each.turnCount));
    const heldNanoUsd = pool?.heldNanoUsd ?? Number.NaN;
    const { questions: questionCount } = counter;
    return { countedNanoUsd, spentNanoUsd, heldNanoUsd, turnCount, questionCount, seconds };
  } finally {
    await server.remove();
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

interface Desk {
  /** The connection as one role has it. */
  readonly as: (role: string) => Connection;
  readonly close: () => Promise<void>;
}

/** A connection that several machines share: one question at a time, each with the rights of who asks. */
async function openDesk(server: TeamServer, counter: { questions: number }): Promise<Desk> {
  const { query, close } = await connect(server.admin('crowd'), server.password);
  let queue: Promise<unknown> = Promise.resolve();
  let isBy = '';
  const ask = async (role: string, sql: string, values?: readonly unknown[]) => {
    if (isBy !== role) await query(`SET SESSION AUTHORIZATION ${quoted(role)}`);
    isBy = role;
    counter.questions += 1;
    return query(sql, values);
  };
  return {
    as: (role) => ({
      query: (sql, values) => {
        const answer = queue.then(() => ask(role, sql, values));
        queue = answer.catch(() => {});
        return answer;
      },
      inTransaction: (work) => work(),
      close: async () => {},
    }),
    close,
  };
}

const VERIFIER = verifierOf(newPassword());

async function joinAt(desk: Desk, manager: TeamStore, number: number): Promise<Spender> {
  const developer = `dev${number}@acme.example`;
  const invitation = { developer, verifier: VERIFIER, expiresAt: Date.now() + DAY_MS };
  const role = await manager.invite({ kind: 'developer', ...invitation });
  const team = openTeamStore(desk.as(role));
  await team.join(VERIFIER, `machine ${number}`);
  const store = openSqliteStore(':memory:');
  const id = sessionId(`session ${number}`);
  const state = await team.pullState();
  store.immediately(() => {
    store.enterTeam();
    store.writeTeamState(state, Date.now());
    store.writeSession(newSession(id, Date.now()));
  });
  const attribution = { ...NO_ATTRIBUTION, model: 'house-model' };
  const at = {
    ...{ sessionId: id, chain: [id], runChain: [id], outer: [], nested: [], agentId: null },
    ...{ turnId: turnId('t'), attribution, startAttribution: null },
  };
  return { store, team, rng: rngOf(number), at, restedMs: 0, turnCount: 0 };
}

/** Turn after turn until the team has nothing for another one, then a rest; answers how many there were. */
async function spendWhatThereIs(spender: Spender): Promise<number> {
  const before = spender.turnCount;
  for (;;) {
    if (!takeTurn(spender)) await work(spender, true);
    else spender.turnCount += 1;
    if (isRefused(spender)) break;
  }
  await work(spender, false);
  return spender.turnCount - before;
}

/** Whether the team has said that it has nothing for another turn. */
const isRefused = ({ store }: Spender): boolean =>
  store.readHeldLease('day')?.state === 'refused' && store.readLeaseAsks().length === 0;

const clockOf = ({ restedMs }: Spender): number => Date.now() + restedMs;

function takeTurn(spender: Spender): boolean {
  const { store, at, rng, turnCount } = spender;
  const now = clockOf(spender);
  return store.immediately(() => {
    const statuses = readTeamStatuses({ ...at, now }, { store });
    askForShares({ ...at, now }, statuses, () => DEAREST, { store }, now);
    if (!statuses.every((status) => (headroomOf(status) ?? 0) >= DEAREST)) return false;
    const cost = Math.round(rng.next() * DEAREST);
    const { sessionId: session, attribution: labels } = at;
    const id = `${session} ${turnCount}`;
    recordEach(store, [request({ id, at: now, cost, session, labels })]);
    return true;
  });
}

/** Sends and asks, again where an answer came late; `isOnce` false: until it has rested for so long that it gives back what it holds. */
async function work(spender: Spender, isOnce: boolean): Promise<void> {
  const { store, team } = spender;
  for (;;) {
    try {
      await runTeamWorker({
        ...{ store, isOnce, owner: randomUUID() },
        open: async () => ({ ...team, close: async () => {} }),
        clock: () => clockOf(spender),
        wait: async () => {
          spender.restedMs += REST_MS;
        },
      });
      return;
    } catch (error) {
      if (!(error instanceof TollgateError && error.retryable)) throw error;
    }
  }
}
