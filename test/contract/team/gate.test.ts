// The gate on a machine of a team: what it asks for and when, and what happens while the team's database cannot be reached.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';
import { ScenarioHarness } from '../../scenario/harness.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';
import type { TestMachine } from '../../support/team-database.ts';
import { forgetSpend, setDay, syncOnce, useTeam } from '../../support/use-team.ts';

const DOLLAR = 1_000_000_000;
const CENT = DOLLAR / 100;

const team = useTeam('gate');
let sandbox: Sandbox;
let session: ScenarioHarness;
let store: Store;
let machine: TestMachine;
beforeEach(async () => {
  await forgetSpend(team);
  await team.manager.setOffline('lease');
  await setDay(team, DOLLAR);
  sandbox = await createSandbox();
  session = new ScenarioHarness(sandbox);
  session.now = Date.now();
  store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  store.immediately(() => store.enterTeam());
  machine = await team.join('mia@acme.example');
  await work();
  session.event('SessionStart', { source: 'startup' });
  session.prompt('go');
  await work();
});
afterEach(async () => {
  store.close();
  session.close();
  await sandbox.cleanup();
});

/** What hooks have asked for is fetched. */
const work = () => syncOnce(store, machine, () => session.now);

const beforeTool = (name: string, input: object, id: string) =>
  session.event('PreToolUse', { tool_name: name, tool_input: input, tool_use_id: id });

describe('before a tool', () => {
  test('the team is asked for what the next request needs, and then the tool runs', async () => {
    session.set('safety', 'expected');
    // A quarter of the dollar was given.
    const id = session.respond(20 * CENT);
    const halted = beforeTool('Bash', { command: 'ls' }, id);
    expect(halted.verdict.kind).toBe('halt');
    // Nobody answers here: whoever is halted is not sent to a manager who need not give more.
    expect(halted.reason).toContain(
      "To go on, ask again in a moment: the team's database has not answered in time",
    );
    expect(store.readLeaseAsks()).toMatchObject([{ budgetId: 'day' }]);
    await work();
    expect(beforeTool('Bash', { command: 'ls' }, id).verdict.kind).toBe('allow');
  });

  test('nothing is asked for where the lease carries the next request', async () => {
    session.set('safety', 'expected');
    beforeTool('Bash', { command: 'ls' }, session.respond(2 * CENT));
    expect(store.readLeaseAsks()).toEqual([]);
  });

  test('it is asked for what subagents need to start', async () => {
    const id = session.respond(9 * CENT);
    const agent = { description: 'a', prompt: 'b', subagent_type: 'general-purpose' };
    const refused = beforeTool('Agent', agent, id);
    expect(refused.verdict.kind).toBe('deny');
    expect(refused.reason).toContain('ask again in a moment');
    await work();
    expect(beforeTool('Agent', agent, id).verdict.kind).toBe('allow');
  });
});

test('a session that knows nothing of its cost does not begin with the last of the money', async () => {
  const noa = await team.join('noa@acme.example');
  // What is left is less than what it needs: half as much again is given where there is that much.
  const rest = {
    ...{ budgetId: 'day', labels: {}, sessionId: 'n', known: null, askId: 'rest' },
    sentAt: Date.now(),
  };
  const needNanoUsd = 70 * CENT;
  const first = await noa.store.takeLease({ ...rest, wantNanoUsd: needNanoUsd, needNanoUsd });
  if (first.state !== 'granted') throw new Error(first.state);
  const mia = store.readHeldLease('day');
  await machine.store.settleLease(mia?.poolKey ?? '', mia?.renewal ?? 0);
  const all = {
    ...rest,
    wantNanoUsd: 92 * CENT,
    needNanoUsd: 92 * CENT,
    known: first,
    askId: 'all',
  };
  expect(await noa.store.takeLease(all)).toMatchObject({ outstandingNanoUsd: 92 * CENT });
  store.immediately(() => store.forgetTeam());
  store.immediately(() => store.enterTeam());
  await work();
  expect(session.prompt('go').verdict.kind).toBe('halt');
  await work();
  expect(store.readHeldLease('day')).toMatchObject({ state: 'refused', outstandingNanoUsd: 0 });
  const halted = session.prompt('go');
  expect(halted.verdict.kind).toBe('halt');
  expect(halted.reason).toContain('have a manager give more: tollgate team grant day 5');
});

test('a lease that is used up is renewed also where nothing is forecast', async () => {
  expect(session.usage(25 * CENT).verdict.kind).toBe('halt');
  await work();
  const tool = { tool_name: 'Bash', tool_input: { command: 'ls' }, tool_use_id: 't1' };
  const again = session.event('PostToolBatch', { tool_calls: [{ ...tool, tool_response: 'ok' }] });
  expect(again.verdict.kind).toBe('allow');
});

describe("while the team's database cannot be reached", () => {
  const loseTeam = (agoMs: number) =>
    store.immediately(() => store.writeTeamTrouble({ unreachableSince: session.now - agoMs }));
  const choose = async (mode: 'lease' | 'halt' | 'warn') => {
    await team.manager.setOffline(mode);
    await work();
  };

  test('`lease` goes on within the lease, then halts and says why', async () => {
    session.set('safety', 'expected');
    loseTeam(60_000);
    const kinds = [5, 5, 5].map((cents) => session.usage(cents * CENT).verdict.kind);
    // This lease is the last one for now, so whoever is halted is warned before.
    expect(kinds).toContain('warn');
    expect(kinds).not.toContain('halt');
    session.set('safety', 'none');
    const halted = session.usage(10 * CENT);
    expect(halted.verdict.kind).toBe('halt');
    expect(halted.reason).toBe(
      "Tollgate halted this session: your share of the team's day, offline: $0.25 spent of $0.25. " +
        "To go on, see why the team's database cannot be reached: tollgate team status",
    );
    // Nobody waits for who cannot be reached.
    const before = session.now;
    expect(session.prompt('and now?').verdict.kind).toBe('halt');
    expect(session.now).toBe(before);
    // It is back.
    await work();
    session.prompt('and now?');
    await work();
    expect(session.prompt('and now?').verdict.kind).toBe('allow');
  });

  test('`halt` halts once that has lasted for half a minute, whatever the lease carries', async () => {
    await choose('halt');
    loseTeam(20_000);
    expect(session.usage(CENT).verdict.kind).toBe('allow');
    session.now += 11_000;
    const halted = session.usage(CENT);
    expect(halted.verdict.kind).toBe('halt');
    expect(halted.reason).toBe(
      "Tollgate halted this session: your share of the team's day, offline: the team wants nothing spent meanwhile. " +
        "To go on, see why the team's database cannot be reached: tollgate team status",
    );
    await work();
    expect(session.prompt('and now?').verdict.kind).toBe('allow');
  });

  test('`warn` goes on beyond the lease, and says so once each time', async () => {
    await choose('warn');
    loseTeam(60_000);
    const said = [10, 10, 5, 10, 10].map((cents) => session.usage(cents * CENT));
    expect(said.every(({ verdict }) => verdict.kind !== 'halt')).toBe(true);
    const told = (answers: typeof said) =>
      answers.filter(({ forPerson }) => forPerson?.includes('the session goes on'));
    expect(told(said)).toHaveLength(1);
    expect(told(said)[0]?.forPerson).toBe(
      "Tollgate: your share of the team's day, offline: $0.25 spent of $0.25; the session goes on. " +
        "To end that, see why the team's database cannot be reached: tollgate team status",
    );
    // All of it is sent when it is back, and counts.
    await work();
    expect((await team.manager.readTotals()).costNanoUsd).toBe(45 * CENT);
    loseTeam(40_000);
    expect(told([session.usage(60 * CENT)])).toHaveLength(1);
  });
});
