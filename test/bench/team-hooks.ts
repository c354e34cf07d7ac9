// What a team costs a hook: the same session of a machine without one, of one whose team's database is there, of one that nothing listens for any more,
// and of one that takes a connection and never answers. Each machine has its worker beside it, as hooks start it.
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { writeMembership } from '../../src/team/membership.ts';
import { runTeamWorker } from '../../src/team/worker.ts';
import type { Sandbox } from '../support/sandbox.ts';
import {
  makeTeam,
  startTeamServer,
  type TeamServer,
  type TestTeam,
} from '../support/team-database.ts';
import { type Built, type Scene, scene } from './hook-latency.ts';
import { interleave, onProcessor, type Ratio, ratioOf, type Variant } from './measure.ts';

/** Far more than is spent here: no lease is renewed. */
const LEASE_NANO_USD = 1e12;
const STATES = ['there', 'refused', 'silent'] as const;
type State = (typeof STATES)[number];

const EVENTS = {
  PreToolUse: ['pre-tool-use', {}],
  UserPromptSubmit: ['user-prompt-submit', { prompt: 'go on' }],
  PostToolBatch: ['post-tool-batch', { tool_calls: [] }],
} as const;
type EventName = keyof typeof EVENTS;

/** Beside the same without a team. */
export interface TeamHookFigure {
  readonly event: EventName;
  readonly state: State;
  readonly ratio: Ratio;
  /** The same by the clock: what it waits for. */
  readonly byClock: Ratio;
}

export async function measureTeamHooks(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<readonly TeamHookFigure[]> {
  const [server, silent] = await Promise.all([startTeamServer(), listenInSilence()]);
  const team = await makeTeam(server, 'bench');
  try {
    await team.manager.setBudget({
      ...{ id: 'day', where: {}, per: [], period: 'day', softNanoUsd: null },
      ...{ hardNanoUsd: 1e15, mode: 'enforce' },
    });
    const ports: Record<State, number> = { there: server.port, refused: 1, silent: portOf(silent) };
    const scenes = new Map([['none', scene(sandbox, built, 'none')]]);
    for (const state of STATES) {
      const joined = scene(sandbox, built, state);
      await joinTeam(joined, team, server, ports[state]);
      scenes.set(state, joined);
    }
    const variants = [...scenes].flatMap(([state, { variant }]) =>
      (Object.keys(EVENTS) as EventName[]).map((event) =>
        onProcessor(variantOf(`${event} ${state}`, event, variant, built), sandbox.root),
      ),
    );
    // As in `hook-latency.ts`: the first hooks of a session have more to do.
    await interleave(variants, 4);
    const timings = await interleave(variants, isShort ? 12 : 100);
    const byClock = new Map(
      [...timings].map(([name, runs]) => [
        name,
        runs.map((run) => ({ ...run, ms: run.elapsedMs })),
      ]),
    );
    return (Object.keys(EVENTS) as EventName[]).flatMap((event) =>
      STATES.map((state) => ({
        ...{ event, state },
        ratio: ratioOf(timings, `${event} ${state}`, `${event} none`),
        byClock: ratioOf(byClock, `${event} ${state}`, `${event} none`),
      })),
    );
  } finally {
    silent.close();
    await team.close();
    await server.remove();
  }
}

function variantOf(name: string, event: EventName, variant: Variant, built: Built): Variant {
  const [file, fields] = EVENTS[event];
  const told = { ...JSON.parse(variant.stdin?.() ?? '{}'), hook_event_name: event, ...fields };
  return {
    ...variant,
    name,
    args: [join(built.hooks, `${file}.cjs`)],
    stdin: () => JSON.stringify(told),
  };
}

/** Makes the scene's machine one of the team, with a large lease; then its database is found at another port. */
async function joinTeam(
  { ledgerPath }: Scene,
  team: TestTeam,
  server: TeamServer,
  port: number,
): Promise<void> {
  const { role, password, store: ofTeam } = await team.join('mia@acme.example');
  const store = openSqliteStore(ledgerPath);
  const lease = { shareKey: 'day', budgetId: 'day', labels: {}, sessionId: 's' };
  store.immediately(() => {
    store.enterTeam();
    store.askLease({
      ...{ ...lease, askedAt: Date.now() },
      ...{ wantNanoUsd: LEASE_NANO_USD, needNanoUsd: LEASE_NANO_USD },
    });
  });
  await runTeamWorker({
    store,
    open: async () => ({ ...ofTeam, close: async () => {} }),
    ...{ owner: 'bench', clock: Date.now, wait: async () => {}, isOnce: true },
  });
  store.close();
  const address = { ...server.admin('bench'), user: role, port };
  const joined = { team: 'Acme', developer: 'mia@acme.example', joinedAt: Date.now() };
  const home = dirname(ledgerPath);
  writeMembership(
    home,
    { ...joined, address, password: { file: join(home, 'team-password') } },
    password,
  );
}

/** Takes connections and says nothing. */
const listenInSilence = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
