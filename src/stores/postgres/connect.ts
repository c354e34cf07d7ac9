// A connection to PostgreSQL. Rule: what leaves this machine is encrypted and the server's certificate checked, unless somebody says otherwise;
// what the server says becomes one of our errors.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { SECOND_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import type { TeamAddress } from '../team-store.ts';

export interface Connection {
  /** Throws `TollgateError`; see \`TeamMachineStore\`. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** All of `work` or nothing of it. */
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;

const INT8 = 20;
/** Serialisation and deadlock: another try may do. */
const AGAIN: ReadonlySet<string> = new Set(['40001', '40P01']);
const TRIES = 6;

/** `password`: `undefined` leaves it to a pgpass file. Throws `TollgateError`. */
export async function connect(
  address: TeamAddress,
  password: string | undefined,
  timeoutMs = 10 * SECOND_MS,
): Promise<Connection> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  const { host, port, database, user } = address;
  const client = new pg.Client({
    ...{ host, port, database, user, password, types, ssl: tlsOf(address) },
    ...{ connectionTimeoutMillis: timeoutMs, query_timeout: 6 * timeoutMs, keepAlive: true },
    application_name: 'tollgate',
  });
  // A connection that is lost while nobody asks: the next question says so.
  client.on('error', () => {});
  const ask = async (sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    (await client.query<Row>(sql, [...values])).rows;
  try {
    await client.connect();
  } catch (error) {
    throw refusal(error, address);
  }
  let isInside = false;
  return {
    query: async (sql, values) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await ask(sql, values);
        } catch (error) {
          if (isInside || tries >= TRIES || !AGAIN.has(codeOf(error)))
            throw refusal(error, address);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** tries));
        }
      }
    },
    inTransaction: async (work) => {
      await ask('BEGIN');
      isInside = true;
      try {
        const result = await work();
        await ask('COMMIT');
        return result;
      } catch (error) {
        await ask('ROLLBACK').catch(() => {});
        throw error instanceof TollgateError ? error : refusal(error, address);
      } finally {
        isInside = false;
      }
    },
    close: () => client.end(),
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');

function tlsOf({ host, tls, caFile }: TeamAddress): ConnectionOptions | false {
  if (tls === 'off' || (isLoopback(host) && caFile === null)) return false;
  return {
    rejectUnauthorized: true,
    // A name for the server to choose its certificate by; an address is none.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') }),
  };
}

const codeOf = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** What PostgreSQL's own codes mean for people: https://www.postgresql.org/docs/18/errcodes-appendix.html, read 2026-11-29. */
function refusal(error: unknown, { host, port, database, user }: TeamAddress): TollgateError {
  const code = codeOf(error);
  const told = error instanceof Error ? error.message : String(error);
  const where = `${host}:${port}/${database}`;
  const make = (ours: string, message: string, hint: string, retryable = false) =>
    new TollgateError({ code: ours, message, hint, retryable, cause: error });
  if (
    code === '28P01' ||
    code === '28000' ||
    told.includes('no password supplied') ||
    told.includes('SASL') ||
    told.includes('is no member of this team')
  ) {
    return make(
      'TEAM_SHUT_OUT',
      `the team's database ${where} does not let ${user} in: ${told}`,
      'was the machine revoked, or the invitation used? A manager makes a new one with tollgate team invite',
    );
  }
  if (code === '3F000' || code === '42P01' || code === '42883') {
    return make(
      'TEAM_OUTDATED',
      `the database ${where} has no team of this version: ${told}`,
      'its administrator runs tollgate team init again, which upgrades it',
    );
  }
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(08|53|57)/.test(code)) {
    const { hint } = error as { readonly hint?: string };
    const isOurs =
      hint ?? 'your role may not do this, or not so; tollgate team status shows what it may';
    return make('TEAM_REFUSED', `the team's database refused: ${told}`, isOurs);
  }
  return make(
    'TEAM_UNREACHABLE',
    `the team's database ${where} cannot be reached: ${told}`,
    'is the network there, and the server running? What was spent is sent later',
    true,
  );
}
