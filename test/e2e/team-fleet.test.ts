// A fleet under one ceiling: eight machines with a home, a state folder and a ledger each draw on one day of their team at once, five of them by
// scripted sessions and three by the real client, until the team's ceiling has halted all; then a manager gives more, stops one of them, revokes
// another, and the database is lost. On the way it stands still for longer than a hook waits: whoever that halts asks again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from '../../src/stores/postgres/connect.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { billedNanoUsd } from '../support/billed.ts';
import type { ClaudeRun } from '../support/claude.ts';
import { guard, noonZone, readLedger } from '../support/guarded.ts';
import type { HookAnswer } from '../support/hook-process.ts';
import { fullUsage } from '../support/messages-api-reply.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import {
  isHalted,
  openScriptedSession,
  type ScriptedSession,
} from '../support/scripted-session.ts';
import { startTeamServer, type TeamServer } from '../support/team-database.ts';
import { runGuarded, tollgate, tollgateOk } from '../support/tollgate.ts';

const CEILING_NANO_USD = 2_000_000_000;
const SCRIPTED = 5;
const REAL = 3;
const MODEL = 'claude-opus-4-7';
/** A request: $0.0295. */
const USAGE = {
  ...{ input_tokens: 20, output_tokens: 700 },
  ...{ cache_read_input_tokens: 20_000, cache_creation_input_tokens: 300 },
};
const COST_NANO_USD = billedNanoUsd([{ model: MODEL, usage: fullUsage(USAGE) }]);
const ASK_AGAIN_MS = 500;
const TEAM_WORDS = "your share of the team's day";

let server: TeamServer;
let database: Connection;
let stub: MessagesApiStub;
let lead: Sandbox;
let machines: readonly Sandbox[];
let sessions: readonly ScriptedSession[];
let silenceCount = 0;

const developer = (at: number): string => `dev${at}@acme.example`;

beforeAll(async () => {
  [server, stub, lead] = await Promise.all([
    startTeamServer(),
    startMessagesApiStub(toolLoop({ turns: 60, usage: USAGE })),
    createSandbox(),
  ]);
  await server.createDatabase('fleet');
  const url = `postgres://postgres@127.0.0.1:${server.port}/fleet`;
  const words = ['team', 'init', url, '--developer', 'lead@acme.example', '--timezone', noonZone()];
  await tollgateOk(lead, words, { PGPASSWORD: server.password });
  await tollgateOk(lead, ['team', 'budget', 'set', 'day', '--hard', '2']);
  machines = await Promise.all(
    Array.from({ length: SCRIPTED + REAL }, async (_none, at) => {
      const machine = await createSandbox();
      await guard(machine);
      const code = await tollgateOk(lead, ['team', 'invite', developer(at)]);
      await tollgateOk(machine, ['team', 'join', code.trim()]);
      return machine;
    }),
  );
  sessions = machines
    .slice(0, SCRIPTED)
    .map((machine, at) =>
      openScriptedSession(machine, `${at}5c91000-0000-4000-8000-000000000000`, USAGE),
    );
  database = await connect(server.admin('fleet'), server.password);
});
afterAll(async () => {
  await database.close();
  await Promise.all([server.remove(), stub.close(), lead.cleanup()]);
  await Promise.all(machines.map((machine) => machine.cleanup()));
});

/** One number that the server knows. */
const ask = async (sql: string): Promise<number> =>
  Number(Object.values((await database.query(sql))[0] ?? {})[0]);
const teamSpent = () => ask('SELECT coalesce(sum(cost_nano_usd), 0)::bigint FROM tollgate.entry');
const committed = () => ask('SELECT committed_nano_usd FROM tollgate.pool');
const ledgersSpent = (): number =>
  machines
    .flatMap((machine) => readLedger(machine).entries)
    .reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
const requestCount = (): number =>
  sessions.reduce((sum, session) => sum + session.requestCount(), stub.served.length);

/** Asks until it is so; answers how long that took. */
async function until(isSo: () => Promise<boolean>, mostMs: number): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > mostMs) throw new Error(`not within ${mostMs} ms`);
    await sleep(100);
  }
  return performance.now() - startedAt;
}

/** What it is told whom the team did not answer in time. */
const SILENCE = 'ask again in a moment';

/** Once this much was given, lets the database stand still until a hook has waited in vain. */
async function stallAt(nanoUsd: number): Promise<void> {
  await until(async () => (await committed()) > nanoUsd, 60_000);
  const rows = await database.query(
    "SELECT pid FROM pg_stat_activity WHERE datname = 'fleet' AND pid <> pg_backend_pid()",
  );
  const pids = rows.map(({ pid }) => Number(pid));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await until(async () => silenceCount > 0, 20_000).finally(() => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  });
}

/** Goes on until the team has no more, as a person does who is told to ask again. */
async function scriptedDay(session: ScriptedSession): Promise<HookAnswer> {
  await session.begin();
  for (;;) {
    const answer = await session.turn(60);
    if (!JSON.stringify(answer.output).includes(SILENCE)) return answer;
    silenceCount += 1;
    await sleep(ASK_AGAIN_MS);
  }
}

async function realDay(machine: Sandbox): Promise<ClaudeRun> {
  let run = await runGuarded(machine, { stub, prompt: 'go', model: MODEL });
  const resume = run.result?.session_id ?? '';
  while (lastWordsOfTeam(run).includes(SILENCE)) {
    silenceCount += 1;
    await sleep(ASK_AGAIN_MS);
    run = await runGuarded(machine, { stub, prompt: 'go on', model: MODEL, resume });
  }
  return run;
}

function lastWordsOfTeam({ transcriptPath }: ClaudeRun): string {
  const transcript = readFileSync(transcriptPath ?? '', 'utf8');
  return transcript.slice(transcript.lastIndexOf(TEAM_WORDS));
}

const realMachine = (at: number): Sandbox => machines[SCRIPTED + at] as Sandbox;
let runs: readonly ClaudeRun[];

test('eight machines end at or under one ceiling of their team, and use it', async () => {
  const startedAt = performance.now();
  const [answers, ended] = await Promise.all([
    Promise.all(sessions.map(scriptedDay)),
    Promise.all(machines.slice(SCRIPTED).map(realDay)),
    stallAt(0.8 * CEILING_NANO_USD),
  ]);
  runs = ended;
  const spent = requestCount() * COST_NANO_USD;
  const waitedMs = await until(async () => (await teamSpent()) === spent, 20_000);
  const shares = machines.map((machine) => readLedger(machine).entries.length);
  console.log(
    `eight machines: $${(spent / 1e9).toFixed(4)} of $2.00, ${((100 * spent) / CEILING_NANO_USD).toFixed(1)} %, in ${requestCount()} requests (${shares.join(', ')}); ${silenceCount} times the team did not answer in time; ${((performance.now() - startedAt) / 1_000).toFixed(1)} s, the last entry ${Math.round(waitedMs)} ms later`,
  );
  for (const { output } of answers)
    expect(output?.systemMessage ?? output?.reason).toContain(TEAM_WORDS);
  for (const { result, transcriptPath } of runs) {
    expect(result?.terminal_reason).toBe('hook_stopped');
    expect(readFileSync(transcriptPath ?? '', 'utf8')).toContain(TEAM_WORDS);
  }
  expect(ledgersSpent()).toBe(spent);
  expect(spent).toBeLessThanOrEqual(CEILING_NANO_USD);
  expect(spent).toBeGreaterThanOrEqual(0.85 * CEILING_NANO_USD);
  expect(await committed()).toBeLessThanOrEqual(CEILING_NANO_USD);
});

test("a manager's grant lets a halted session of the real client go on within seconds", async () => {
  const { length } = stub.served;
  // An answer that there is no more holds for a second and a half.
  await sleep(1_500);
  await tollgateOk(lead, ['team', 'grant', 'day', '1', '--reason', 'release']);
  const grantedAt = Date.now();
  const run = await runGuarded(realMachine(0), {
    ...{ stub, prompt: 'go on', model: MODEL, resume: runs[0]?.result?.session_id ?? '' },
    extraArgs: ['--max-turns', '3'],
  });
  const tookMs = (stub.served[length]?.receivedAt ?? Number.POSITIVE_INFINITY) - grantedAt;
  console.log(
    `a grant: the real client's next request ${tookMs} ms later, ${stub.served.length - length} requests`,
  );
  expect(run.result?.terminal_reason).not.toBe('hook_stopped');
  expect(stub.served.length).toBeGreaterThan(length + 1);
  expect(tookMs).toBeLessThan(10_000);
});

test("a manager's halt stops the one developer who is meant within seconds, and nobody else", async () => {
  const [one, other] = sessions as readonly [ScriptedSession, ScriptedSession];
  for (const session of [one, other]) expect(isHalted(await session.turn(1))).toBe(false);
  await tollgateOk(lead, ['team', 'halt', `developer:${developer(0)}`, '--reason', 'on holiday']);
  let answer: HookAnswer | null = null;
  const tookMs = await until(async () => {
    answer = await one.turn(1);
    return isHalted(answer);
  }, 10_000);
  expect(JSON.stringify(answer)).toContain('on holiday');
  const before = other.requestCount();
  expect(isHalted(await other.turn(2))).toBe(false);
  console.log(`a halt: ${Math.round(tookMs)} ms later`);
  expect(other.requestCount()).toBe(before + 2);
  expect(await teamSpent()).toBeLessThanOrEqual(CEILING_NANO_USD + 1_000_000_000);
});

test('a machine that is revoked is halted within seconds, and one that has lost the team knows it', async () => {
  const [, , third, fourth] = machines as readonly [Sandbox, Sandbox, Sandbox, Sandbox];
  const told = await tollgateOk(third, ['team', 'status', '--json']);
  const { role } = (JSON.parse(told) as { readonly membership: { readonly role: string } })
    .membership;
  await tollgateOk(lead, ['team', 'revoke', role]);
  let answer: HookAnswer | null = null;
  const tookMs = await until(async () => {
    answer = (await sessions[2]?.turn(1)) ?? null;
    return JSON.stringify(answer).includes('your team refuses this machine');
  }, 15_000);
  await server.stop();
  const lostMs = await until(async () => {
    await sessions[3]?.turn(1);
    return unreachableSince(fourth) !== null;
  }, 15_000);
  console.log(
    `a revoked machine: ${Math.round(tookMs)} ms; a lost team: ${Math.round(lostMs)} ms later`,
  );
  const asked = await tollgate(fourth, ['team', 'status']);
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('cannot be reached')]);
  expect(asked.stderr).not.toContain('this is a bug');
  await server.start();
  await until(async () => {
    await sessions[3]?.turn(0);
    return unreachableSince(fourth) === null;
  }, 15_000);
});

/** Since when a machine cannot reach its team, as its hooks read it. */
function unreachableSince({ tollgateHome }: Sandbox): number | null {
  const store = openSqliteStore(join(tollgateHome, 'ledger.db'));
  try {
    return store.readTeam()?.unreachableSince ?? null;
  } finally {
    store.close();
  }
}
