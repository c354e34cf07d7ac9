// What the simulation of a team (test/property/team-simulation.test.ts) has found once, each by itself: messages that were lost or late, copies, and clocks.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TollgateError } from '../../../src/errors.ts';
import type { LeaseQuestion, TeamMachineStore } from '../../../src/stores/team-store.ts';
import { runTeamWorker } from '../../../src/team/worker.ts';
import { recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import type { TestMachine } from '../../support/team-database.ts';
import { entryOf } from '../../support/team-entries.ts';
import { setDay, useTeam } from '../../support/use-team.ts';

const DOLLAR = 1_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const QUARTER_MS = HOUR_MS / 4;

const team = useTeam('lost');
beforeAll(() => setDay(team, 10 * DOLLAR));

let machine: TestMachine;
let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(async () => {
  await team.connection.query('DELETE FROM tollgate.pool; DELETE FROM tollgate.lease');
  machine = await team.join('mia@acme.example');
  ledger = temporaryLedger();
  ledger.store.immediately(() => ledger.store.enterTeam());
});
afterEach(() => ledger.remove());

const lost = () =>
  new TollgateError({ code: 'TEAM_UNREACHABLE', message: 'lost', hint: '', retryable: true });

/** The team, of which the first answers to one kind of question get lost. */
function losing(kind: keyof TeamMachineStore, count: number): TeamMachineStore {
  let left = count;
  const answer = async (...asked: readonly never[]) => {
    const answered = await (machine.store[kind] as (...asked: readonly never[]) => unknown)(
      ...asked,
    );
    left -= 1;
    if (left >= 0) throw lost();
    return answered;
  };
  return { ...machine.store, [kind]: answer };
}

/** `passing`: what the clock shows more after each wait; then it works until it has come to rest. */
async function work(
  store: TeamMachineStore = machine.store,
  { passing = 0, clock = { ahead: 0 } } = {},
) {
  return runTeamWorker({
    ...{ store: ledger.store, owner: String(Math.random()), isOnce: passing === 0 },
    open: async () => ({ ...store, close: async () => {} }),
    clock: () => Date.now() + clock.ahead,
    wait: async () => {
      clock.ahead += passing;
    },
  });
}

const ask = (needNanoUsd: number) =>
  ledger.store.immediately(() =>
    ledger.store.askLease({
      ...{ shareKey: 'day', budgetId: 'day', labels: {}, sessionId: 's', needNanoUsd },
      ...{ wantNanoUsd: needNanoUsd, askedAt: Date.now() },
    }),
  );
const held = () => ledger.store.readHeldLease('day');
const pool = async () => (await team.manager.readPools(1))[0];

const take = (askId: string, known: LeaseQuestion['known'], needNanoUsd = DOLLAR) =>
  machine.store.takeLease({
    ...{ budgetId: 'day', labels: {}, sessionId: 's', known, askId, sentAt: Date.now() },
    ...{ wantNanoUsd: needNanoUsd, needNanoUsd },
  });
const granted = async (...asked: Parameters<typeof take>) => {
  const answer = await take(...asked);
  if (answer.state !== 'granted') throw new Error(answer.state);
  return answer;
};

describe('a machine is not shut out', () => {
  test('where an answer was lost and more is needed by now', async () => {
    ask(DOLLAR);
    await work();
    ask(2 * DOLLAR);
    await expect(work(losing('takeLease', 1))).rejects.toMatchObject({ code: 'TEAM_UNREACHABLE' });
    ask(3 * DOLLAR);
    await work();
    await work();
    expect(held()).toMatchObject({ state: 'granted', outstandingNanoUsd: 3 * DOLLAR });
    expect(await pool()).toMatchObject({ heldNanoUsd: 3 * DOLLAR });
  });

  test('whose lease a manager has taken back, also where an answer was lost before', async () => {
    ask(DOLLAR);
    await work();
    for (const store of [machine.store, losing('takeLease', 1)]) {
      ask(2 * DOLLAR);
      await work(store).catch(() => {});
      await team.connection.query('UPDATE tollgate.lease SET expires_at_ms = 0');
      await team.manager.reclaim(machine.role);
      expect(await pool()).toMatchObject({ heldNanoUsd: 0 });
    }
    await work();
    await work();
    expect(held()).toMatchObject({ state: 'granted', outstandingNanoUsd: 2 * DOLLAR });
  });

  test('by its first question, where that comes once more', async () => {
    const first = await granted('first', null);
    const second = await granted('second', first, 2 * DOLLAR);
    expect(await take('first', null)).toMatchObject({ state: 'held-elsewhere' });
    expect(await granted('third', second, 3 * DOLLAR)).toMatchObject({
      outstandingNanoUsd: 3 * DOLLAR,
    });
  });
});

test('a question that was sent in the window before is none of this one', async () => {
  const question = { budgetId: 'day', labels: {}, sessionId: 's', known: null, askId: 'a' };
  const money = { wantNanoUsd: DOLLAR, needNanoUsd: DOLLAR };
  const sentAt = Date.now() - DAY_MS;
  expect(await machine.store.takeLease({ ...question, ...money, sentAt })).toEqual({
    state: 'late',
  });
  expect(await pool()).toBeUndefined();
});

describe('no dollar is handed out twice', () => {
  test('to a copy that knows as many renewals of another window', async () => {
    const { renewal } = await granted('first', null);
    expect(await take('copy', { poolKey: 'day|day 0', renewal })).toMatchObject({
      state: 'held-elsewhere',
    });
  });

  test('where a copy has given back what it held, and the first lease may still be spent', async () => {
    await granted('first', null, 2 * DOLLAR);
    const { poolKey, renewal } = await granted('copy', null);
    await machine.store.settleLease(poolKey, renewal);
    await expect(team.manager.reclaim(machine.role)).rejects.toMatchObject({
      code: 'TEAM_REFUSED',
    });
    expect(await pool()).toMatchObject({ spentNanoUsd: 2 * DOLLAR, heldNanoUsd: 0 });
  });

  test('to a machine that joins again: what it held before is not of the new membership', async () => {
    ask(DOLLAR);
    await work();
    ledger.store.immediately(() => ledger.store.enterTeam());
    expect(ledger.store.readHeldLeases()).toEqual([]);
  });
});

describe('no money is left behind', () => {
  test.each([
    ['does not come', (): TeamMachineStore => ({ ...machine.store, settleLease: onceLost() })],
    ['is not answered', () => losing('settleLease', 1)],
  ])('where giving it back %s', async (_how, store) => {
    ask(2 * DOLLAR);
    await work(store(), { passing: 20_000 });
    expect(held()).toMatchObject({ outstandingNanoUsd: 0 });
    expect(await pool()).toMatchObject({ heldNanoUsd: 0 });
    ask(DOLLAR);
    await work();
    expect(held()).toMatchObject({ state: 'granted', outstandingNanoUsd: DOLLAR });
  });

  const onceLost = (): TeamMachineStore['settleLease'] => {
    let isLost = false;
    return async (poolKey, renewal) => {
      if (isLost) return machine.store.settleLease(poolKey, renewal);
      isLost = true;
      throw lost();
    };
  };

  test('by a lease that is over', async () => {
    ask(2 * DOLLAR);
    await work();
    const clock = { ahead: 5 * HOUR_MS };
    const late = {
      ...machine.store,
      pullState: async () => ahead(await machine.store.pullState()),
    };
    const ahead = <T extends { readonly now: number }>(state: T): T => ({
      ...state,
      now: state.now + clock.ahead,
    });
    await work(late, { passing: 20_000, clock });
    expect(await pool()).toMatchObject({ heldNanoUsd: 0 });
  });
});

describe('a clock', () => {
  test('is not set by an answer that was on its way for hours', async () => {
    const clock = { ahead: 0 };
    const slow: TeamMachineStore = {
      ...machine.store,
      pullState: async () => {
        const state = await machine.store.pullState();
        clock.ahead = 8 * HOUR_MS;
        return state;
      },
    };
    await expect(work(slow, { clock })).rejects.toMatchObject({ code: 'TEAM_UNREACHABLE' });
    expect(ledger.store.readTeam()).toMatchObject({ offsetMs: 0, state: null });
  });

  test('that was turned back is asked for anew at once', async () => {
    const clock = { ahead: 0 };
    let turns = 0;
    const turned: TeamMachineStore = {
      ...machine.store,
      flush: async (entries, offsetMs) => {
        turns += 1;
        clock.ahead = -6 * HOUR_MS;
        return machine.store.flush(entries, offsetMs);
      },
    };
    recordAll(ledger.store, [request({ id: 'turned', at: Date.now(), cost: 1 })]);
    await work(turned, { passing: 100, clock });
    expect(turns).toBe(1);
    expect(Math.round((ledger.store.readTeam()?.offsetMs ?? 0) / HOUR_MS)).toBe(6);
  });

  test('that was days ahead keeps nothing back that is of these days', async () => {
    recordAll(ledger.store, [
      request({ id: 'ahead', at: Date.now() + 5 * DAY_MS, cost: 1 }),
      request({ id: 'now', at: Date.now(), cost: 2 }),
    ]);
    expect(await work()).toMatchObject({ sentCount: 2, addedCount: 1, skippedCount: 1 });
  });

  test.each([-3, 3])(
    'that was %d days ahead, and was put right while an answer was lost, counts nothing twice',
    async (days) => {
      await team.connection.query('DELETE FROM tollgate.entry');
      const clock = { ahead: days * DAY_MS };
      recordAll(ledger.store, [
        request({ id: `right${days}`, at: Date.now() + clock.ahead, cost: 7 }),
      ]);
      await expect(work(losing('flush', 1), { clock })).rejects.toMatchObject({
        code: 'TEAM_UNREACHABLE',
      });
      clock.ahead = 0;
      expect(await work(machine.store, { clock })).toMatchObject({ sentCount: 1, addedCount: 0 });
      expect(
        await team.connection.query('SELECT day = current_date AS is_today FROM tollgate.entry'),
      ).toEqual([{ is_today: true }]);
      // What comes after is told by the clock as it is now.
      recordAll(ledger.store, [request({ id: `after${days}`, at: Date.now(), cost: 5 })]);
      expect(await work(machine.store, { clock })).toMatchObject({ sentCount: 1, addedCount: 1 });
    },
  );

  test('that is minutes behind counts each request in the window of the team', async () => {
    const midnight = Math.floor(Date.now() / DAY_MS - 2) * DAY_MS;
    const offsetMs = QUARTER_MS / 2;
    const at = [midnight - offsetMs - 1_000, midnight - offsetMs + 1_000];
    expect(new Set(at.map((each) => Math.floor(each / QUARTER_MS))).size).toBe(1);
    const entries = at.map((each, index) =>
      entryOf({ id: `q${index}`, at: each, cost: index + 1 }),
    );
    await machine.store.flush(entries, offsetMs);
    const rows = await team.connection.query(
      'SELECT committed_nano_usd AS spent FROM tollgate.pool ORDER BY start_at_ms',
    );
    expect(rows).toEqual([{ spent: 1 }, { spent: 2 }]);
  });
});
