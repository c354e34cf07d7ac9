// A machine and its team: what is sent arrives once, what the team gives is what may be spent, and nothing is handed out twice.
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_ATTRIBUTION } from '../../../src/domain/attribution.ts';
import type { NanoUsd } from '../../../src/domain/money.ts';
import { isHeld, shareCeiling } from '../../../src/domain/team-share.ts';
import { TollgateError } from '../../../src/errors.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { runTeamWorker } from '../../../src/team/worker.ts';
import { correction, recordAll, request, temporaryLedger } from '../../support/ledger-entries.ts';
import type { TestMachine } from '../../support/team-database.ts';
import { forgetSpend, setDay, syncOnce, useTeam } from '../../support/use-team.ts';

const DOLLAR = 1_000_000_000;

const team = useTeam('machine');
let machine: TestMachine;
let ledger: ReturnType<typeof temporaryLedger>;
beforeEach(async () => {
  await forgetSpend(team);
  await setDay(team, 10 * DOLLAR);
  machine = await team.join('mia@acme.example');
  ledger = temporaryLedger();
  ledger.store.immediately(() => ledger.store.enterTeam());
});
afterEach(() => ledger.remove());

const work = (store: Store = ledger.store, of: TestMachine = machine, clock = Date.now) =>
  syncOnce(store, of, clock);

const ask = (needNanoUsd: NanoUsd, store: Store = ledger.store, wantNanoUsd = needNanoUsd) =>
  store.immediately(() =>
    store.askLease({
      ...{ shareKey: 'day', budgetId: 'day', labels: {}, sessionId: 's', wantNanoUsd, needNanoUsd },
      askedAt: Date.now(),
    }),
  );

const held = (store: Store = ledger.store) => {
  const lease = store.readHeldLease('day');
  if (lease === null) throw new Error('no lease');
  return lease;
};

/** What the gate sees as spent. */
const used = (store: Store = ledger.store): NanoUsd =>
  store.immediately(
    () =>
      store.readPoolSpend(
        {
          ...{ key: 'team|day', window: held(store), labels: {}, sessions: null },
          ...{ turnId: null, agentId: null, isAhead: false },
        },
        { sessionId: '' as never, agentId: null },
        Date.now(),
      ).postedNanoUsd,
  );

const pool = async () => (await team.manager.readPools(1))[0];
const costs = { model: 'house-model' };
const spend = (id: string, cost: NanoUsd, store: Store = ledger.store) =>
  recordAll(store, [request({ id, at: Date.now(), cost, labels: costs })]);

describe('what was spent', () => {
  test('arrives whole and once, with everything that corrects it', async () => {
    const { store } = ledger;
    spend('a', DOLLAR);
    spend('b', 2 * DOLLAR);
    recordAll(store, [
      request({
        id: 'b',
        at: Date.now(),
        cost: 3 * DOLLAR,
        usage: { outputTokens: 900 },
        labels: costs,
      }),
      correction({ id: 'settled:s', at: Date.now(), cost: 500, labels: costs }),
    ]);
    const lines = store.readLines({
      window: { startAt: 0, endAt: Number.POSITIVE_INFINITY },
      where: [],
    });
    const [line] = lines;
    if (line !== undefined) {
      store.immediately(() =>
        store.reattribute(line, { ...line.attribution, client: 'acme' }, Date.now()),
      );
    }
    expect(await work()).toMatchObject({
      sentCount: 6,
      addedCount: 6,
      flaggedCount: 0,
      skippedCount: 0,
    });
    const own = store.readLedgerTotals();
    expect(own.costNanoUsd).toBe(4 * DOLLAR + 500);
    expect(await team.manager.readTotals()).toMatchObject(own);
    // Told again from the beginning, as after a lost position.
    store.immediately(() => store.writeTeamPosition(0));
    expect(await work()).toMatchObject({ sentCount: 6, addedCount: 0 });
    expect(await team.manager.readTotals()).toMatchObject(own);
    const rows = await team.connection.query(
      "SELECT sum(cost_nano_usd)::bigint AS cost FROM tollgate.spend_day JOIN tollgate.attribution USING (attribution_id) WHERE client = 'acme'",
    );
    expect(rows).toEqual([{ cost: line?.costNanoUsd }]);
  });

  test('is in both roll-ups what it is in the entries', async () => {
    for (let at = 0; at < 30; at += 1) spend(`r${at}`, 1_000 + at);
    await work();
    const rows = await team.connection.query(`SELECT
      (SELECT sum(cost_nano_usd)::bigint FROM tollgate.entry) AS entries,
      (SELECT sum(cost_nano_usd)::bigint FROM tollgate.spend_quarter) AS quarters,
      (SELECT sum(cost_nano_usd)::bigint FROM tollgate.spend_day) AS days`);
    const sum = ledger.store.readLedgerTotals().costNanoUsd;
    expect(rows).toEqual([{ entries: sum, quarters: sum, days: sum }]);
  });

  test('on two machines of one session counts once', async () => {
    const other = temporaryLedger();
    other.store.immediately(() => other.store.enterTeam());
    const noa = await team.join('noa@acme.example');
    spend('same', DOLLAR);
    spend('same', DOLLAR, other.store);
    recordAll(other.store, [correction({ id: 'settled:other', at: Date.now(), cost: 7 })]);
    await work();
    expect(await work(other.store, noa)).toMatchObject({ addedCount: 0, skippedCount: 1 });
    expect((await team.manager.readTotals()).costNanoUsd).toBe(DOLLAR);
    other.remove();
  });
});

describe('a lease', () => {
  test('is what may be spent, and spending it changes the pool of the team by nothing', async () => {
    ask(2 * DOLLAR);
    expect(await work()).toMatchObject({ answeredCount: 1 });
    expect(held()).toMatchObject({
      state: 'granted',
      outstandingNanoUsd: 2 * DOLLAR,
      spentNanoUsd: 0,
    });
    expect(isHeld(held(), ledger.store.readHolder(), Date.now())).toBe(true);
    expect(await pool()).toMatchObject({ spentNanoUsd: 0, heldNanoUsd: 2 * DOLLAR });
    spend('x', DOLLAR);
    expect(used()).toBe(DOLLAR);
    await work();
    expect(await pool()).toMatchObject({ spentNanoUsd: DOLLAR, heldNanoUsd: DOLLAR });
    // Renewed: what was spent before and what is carried are told anew.
    ask(2 * DOLLAR);
    await work();
    expect([held().spentNanoUsd, held().outstandingNanoUsd, used()]).toEqual([
      DOLLAR,
      2 * DOLLAR,
      DOLLAR,
    ]);
    expect(shareCeiling(held())).toBe(3 * DOLLAR);
  });

  test('is refused where the team has not what is needed, and its ceiling is never passed', async () => {
    ask(6 * DOLLAR);
    await work();
    const noa = await team.join('noa@acme.example');
    const other = temporaryLedger();
    other.store.immediately(() => other.store.enterTeam());
    ask(5 * DOLLAR, other.store);
    await work(other.store, noa);
    expect(held(other.store)).toMatchObject({ state: 'refused', outstandingNanoUsd: 0 });
    ask(4 * DOLLAR, other.store);
    await work(other.store, noa);
    expect(held(other.store)).toMatchObject({ state: 'granted', outstandingNanoUsd: 4 * DOLLAR });
    expect(await pool()).toMatchObject({ heldNanoUsd: 10 * DOLLAR, ceilingNanoUsd: 10 * DOLLAR });
    // A manager gives more.
    await team.manager.grant({
      ...{ budgetId: 'day', labels: {}, sessionId: '', amountNanoUsd: DOLLAR, reason: 'release' },
    });
    ask(5 * DOLLAR, other.store);
    await work(other.store, noa);
    expect(held(other.store)).toMatchObject({ state: 'granted', outstandingNanoUsd: 5 * DOLLAR });
    other.remove();
  });

  test('that carries no further request goes back at once, and another machine may have it', async () => {
    const noa = await team.join('noa@acme.example');
    const other = temporaryLedger();
    other.store.immediately(() => other.store.enterTeam());
    ask(6 * DOLLAR);
    await work();
    ask(4 * DOLLAR, other.store);
    await work(other.store, noa);
    spend('x', 5 * DOLLAR);
    const reservation = {
      ...{ sessionId: 'session-a' as never, agentId: null, turnId: null },
      ...{ attribution: { ...NO_ATTRIBUTION, model: 'house-model' }, amountNanoUsd: DOLLAR / 2 },
      ...{ madeAt: Date.now(), expiresAt: Date.now() + 60_000 },
    };
    ledger.store.immediately(() => ledger.store.reserve(reservation));
    ask(3 * DOLLAR);
    await work();
    // Something is under way, which it has to carry.
    expect(held()).toMatchObject({ state: 'refused', outstandingNanoUsd: DOLLAR });
    ledger.store.immediately(() => ledger.store.release('session-a' as never, null));
    ask(3 * DOLLAR);
    await work();
    expect(held()).toMatchObject({ state: 'refused', outstandingNanoUsd: 0 });
    expect([shareCeiling(held()), used()]).toEqual([5 * DOLLAR, 5 * DOLLAR]);
    expect(held().ceilingNanoUsd - held().committedNanoUsd).toBe(DOLLAR);
    ask(5 * DOLLAR, other.store);
    await work(other.store, noa);
    expect(held(other.store)).toMatchObject({ state: 'granted', outstandingNanoUsd: 5 * DOLLAR });
    // What it needs is less now, and somebody has left as much.
    spend('y', 2 * DOLLAR, other.store);
    ask(9 * DOLLAR, other.store);
    await work(other.store, noa);
    ask(3 * DOLLAR);
    await work();
    expect(held()).toMatchObject({ state: 'granted', outstandingNanoUsd: 3 * DOLLAR });
    expect(await pool()).toMatchObject({ spentNanoUsd: 7 * DOLLAR, heldNanoUsd: 3 * DOLLAR });
    other.remove();
  });

  test('whose answer was lost is answered again, and not given twice', async () => {
    ask(2 * DOLLAR);
    const real = machine.store;
    const loses = {
      ...real,
      takeLease: async (asked: Parameters<typeof real.takeLease>[0]) => {
        await real.takeLease(asked);
        throw new TollgateError({
          code: 'TEAM_UNREACHABLE',
          message: 'lost',
          hint: '',
          retryable: true,
        });
      },
    };
    await expect(work(ledger.store, { ...machine, store: loses })).rejects.toMatchObject({
      code: 'TEAM_UNREACHABLE',
    });
    expect(ledger.store.readTeam()?.unreachableSince).not.toBeNull();
    await work();
    expect(ledger.store.readTeam()?.unreachableSince).toBeNull();
    expect(held()).toMatchObject({ renewal: 1, outstandingNanoUsd: 2 * DOLLAR });
    expect(await pool()).toMatchObject({ heldNanoUsd: 2 * DOLLAR });
  });

  /** Another ledger with all that this one knows. */
  const copyLedger = (): Store => {
    ledger.store.immediately(() => ledger.store.writeTeamPosition(0));
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-clone-'));
    for (const end of ['', '-wal'])
      copyFileSync(`${ledger.path}${end}`, join(folder, `ledger.db${end}`));
    return openSqliteStore(join(folder, 'ledger.db'));
  };

  test('is of this machine alone: a copy of its ledger may spend nothing of it, whoever asks first', async () => {
    ask(2 * DOLLAR);
    await work();
    const copy = copyLedger();
    expect(isHeld(held(copy), copy.readHolder(), Date.now())).toBe(false);
    ask(3 * DOLLAR, copy);
    await work(copy);
    // Both may spend what they hold, and the team has counted both.
    expect(isHeld(held(), ledger.store.readHolder(), Date.now())).toBe(true);
    expect(held().outstandingNanoUsd).toBe(2 * DOLLAR);
    expect(held(copy)).toMatchObject({ state: 'granted', outstandingNanoUsd: 3 * DOLLAR });
    expect(await pool()).toMatchObject({ spentNanoUsd: 2 * DOLLAR, heldNanoUsd: 3 * DOLLAR });
    ask(3 * DOLLAR);
    await work();
    expect(held()).toMatchObject({ state: 'held-elsewhere', outstandingNanoUsd: 0 });
    expect(await pool()).toMatchObject({ spentNanoUsd: 2 * DOLLAR, heldNanoUsd: 3 * DOLLAR });
    copy.close();
  });

  test('that was given back may be asked for again, also where the answer was lost', async () => {
    ask(2 * DOLLAR);
    await work();
    const { poolKey, renewal } = held();
    // As the worker does: first it is nobody's here, and then the answer does not come.
    ledger.store.immediately(() =>
      ledger.store.writeHeldLease({ ...held(), outstandingNanoUsd: 0 }),
    );
    expect(await machine.store.settleLease(poolKey, renewal)).toBe(2 * DOLLAR);
    expect(await pool()).toMatchObject({ spentNanoUsd: 0, heldNanoUsd: 0 });
    ask(3 * DOLLAR);
    await work();
    expect(held()).toMatchObject({ state: 'granted', outstandingNanoUsd: 3 * DOLLAR });
    expect(await pool()).toMatchObject({ spentNanoUsd: 0, heldNanoUsd: 3 * DOLLAR });
  });

  test('of a ledger that was lost stays spent, and the machine begins anew', async () => {
    ask(2 * DOLLAR);
    await work();
    const anew = temporaryLedger();
    anew.store.immediately(() => anew.store.enterTeam());
    ask(DOLLAR, anew.store);
    await work(anew.store);
    expect(held(anew.store)).toMatchObject({ state: 'granted', outstandingNanoUsd: DOLLAR });
    const [row] = await team.connection.query(
      'SELECT committed_nano_usd AS committed FROM tollgate.pool',
    );
    expect(row).toEqual({ committed: 3 * DOLLAR });
    anew.remove();
  });

  test('counts by the clock of the team, however wrong that of the machine is', async () => {
    const ahead = 26 * 3_600_000;
    const wrong = () => Date.now() + ahead;
    ledger.store.immediately(() => ledger.store.writeTeamPosition(0));
    ask(2 * DOLLAR);
    await work(ledger.store, machine, wrong);
    expect(isHeld(held(), ledger.store.readHolder(), wrong())).toBe(true);
    expect(isHeld(held(), ledger.store.readHolder(), wrong() + 24 * 3_600_000)).toBe(false);
    recordAll(ledger.store, [request({ id: 'late', at: wrong(), cost: DOLLAR, labels: costs })]);
    await work(ledger.store, machine, wrong);
    expect(await pool()).toMatchObject({ spentNanoUsd: DOLLAR, heldNanoUsd: DOLLAR });
  });

  test('is stopped for a developer at once, and refused while that stands', async () => {
    await team.manager.kill('developer', 'mia@acme.example', 'on holiday');
    ask(DOLLAR);
    await work();
    expect(held()).toMatchObject({ state: 'refused', outstandingNanoUsd: 0 });
    expect(ledger.store.readTeam()?.state?.kills).toMatchObject([{ reason: 'on holiday' }]);
  });

  test('is not refused before the machine knows that it was stopped', async () => {
    const real = machine.store;
    const takeLease = async (asked: Parameters<typeof real.takeLease>[0]) => {
      // After the worker has asked what is new.
      await team.manager.kill('developer', 'mia@acme.example', 'on holiday');
      return real.takeLease(asked);
    };
    ask(DOLLAR);
    await work(ledger.store, { ...machine, store: { ...real, takeLease } });
    expect(held().state).toBe('refused');
    expect(ledger.store.readTeam()?.state?.kills).toMatchObject([{ reason: 'on holiday' }]);
  });
});

describe('a worker that stays', () => {
  /** Waits take no time, and the clock goes on by them; `during` is told the time that has passed. */
  const stay = (
    during: (passedMs: number) => number | undefined = () => 0,
    open: () => Promise<TestMachine['store'] & { close: () => Promise<void> }> = async () => ({
      ...machine.store,
      close: async () => {},
    }),
  ) => {
    let passedMs = 0;
    const wait = async (ms: number) => {
      passedMs += ms + (during(passedMs) ?? 0);
    };
    const clock = () => Date.now() + passedMs;
    const given = { store: ledger.store, open, owner: 'stays', clock, wait, isOnce: false };
    return runTeamWorker(given).then((done) => ({ ...done, passedMs }));
  };
  const away = (): never => {
    throw new TollgateError({
      ...{ code: 'TEAM_UNREACHABLE', message: 'lost', hint: '', retryable: true },
    });
  };

  test('answers what comes, and gives back what nobody uses after a quiet minute', async () => {
    ask(2 * DOLLAR);
    let hasSpent = false;
    const { passedMs, ...done } = await stay((passed) => {
      if (!hasSpent && passed > 10_000) {
        hasSpent = true;
        // A hook is another process, with a connection of its own.
        const hook = openSqliteStore(ledger.path);
        spend('while-it-stays', DOLLAR, hook);
        hook.close();
      }
      return 0;
    });
    expect(done).toMatchObject({ isOurs: true, answeredCount: 1, sentCount: 1, addedCount: 1 });
    expect(passedMs).toBeGreaterThan(65_000);
    expect(passedMs).toBeLessThan(75_000);
    expect(held()).toMatchObject({ outstandingNanoUsd: 0, renewal: 2 });
    expect(await pool()).toMatchObject({ spentNanoUsd: DOLLAR, heldNanoUsd: 0 });
  });

  test('tries again while the team cannot be reached, and gives it up after a minute', async () => {
    ask(2 * DOLLAR);
    let tries = 0;
    const gaveUp = await stay(undefined, async () => {
      tries += 1;
      return away();
    });
    expect(gaveUp).toMatchObject({ isOurs: true, answeredCount: 0 });
    expect(tries).toBeGreaterThan(20);
    expect(ledger.store.readTeam()?.unreachableSince).not.toBeNull();
    let lost = 0;
    const { answeredCount } = await stay(undefined, async () => {
      const readsOn = () => (lost++ < 2 ? away() : machine.store.pullState());
      return { ...machine.store, pullState: readsOn, close: async () => {} };
    });
    expect([answeredCount, lost > 2]).toEqual([1, true]);
    expect(ledger.store.readTeam()?.unreachableSince).toBeNull();
  });

  test('ends where another has taken over while the machine slept', async () => {
    const { store } = ledger;
    const become = (owner: string, at: number) =>
      store.immediately(() => store.becomeTeamWorker(owner, at + 5_000, at));
    let wokenAt = 0;
    const { passedMs } = await stay((passed) => {
      if (wokenAt > 0 || passed < 1_000) return 0;
      wokenAt = Date.now() + passed + 60_000;
      expect(become('other', wokenAt)).toBe(true);
      return 60_000;
    });
    expect(passedMs).toBeLessThan(62_000);
    expect(become('third', wokenAt)).toBe(false);
  });
});

test('a machine that is revoked knows it after the next question', async () => {
  await team.manager.revoke(machine.role);
  await expect(work()).rejects.toMatchObject({ code: 'TEAM_SHUT_OUT' });
  expect(ledger.store.readTeam()?.refusal).toContain('no member');
});

test('one worker at a time', async () => {
  ledger.store.immediately(() =>
    ledger.store.becomeTeamWorker('other', Date.now() + 5_000, Date.now()),
  );
  expect(await work()).toMatchObject({ isOurs: false });
});

test('one worker at a time, also while the team is slow to let it in', async () => {
  let now = Date.now();
  const { store } = ledger;
  const tries: boolean[] = [];
  await runTeamWorker({
    store,
    open: async () => {
      now += 6_000;
      tries.push(store.immediately(() => store.becomeTeamWorker('other', now + 5_000, now)));
      return { ...machine.store, close: async () => {} };
    },
    ...{ owner: 'own', clock: () => now, wait: async () => {}, isOnce: true },
  });
  expect(tries).toEqual([false]);
});
