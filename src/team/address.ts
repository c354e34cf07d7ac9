// Where a team's database is, as people write it and as an invitation carries it. Rule: no password in an address: whoever lists the
// processes of a machine would read it.
import { TollgateError } from '../errors.ts';
import type { TeamAddress } from '../stores/team-store.ts';

const DEFAULT_PORT = 5432;

/** `postgres://lead@db.acme.example/tollgate?sslmode=disable`. Throws `TollgateError` `TEAM_ADDRESS`. */
export function parseTeamUrl(text: string, caFile: string | null): TeamAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
    throw wrong(
      `${text} is no address of a PostgreSQL database`,
      'write postgres://user@host:port/database',
    );
  }
  if (url.password !== '') {
    throw wrong(
      'the address holds a password',
      'leave it out, and put it into PGPASSWORD, a pgpass file, or what --password-command prints',
    );
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '')
    throw wrong(`${url.host} is without a database`, 'write postgres://user@host/database');
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !['disable', 'verify-full'].includes(mode)) {
    throw wrong(
      `sslmode=${mode} does not check who answers`,
      'leave it out (verify-full), or say sslmode=disable to go without encryption',
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user: decodeURIComponent(url.username) || 'postgres',
    tls: mode === 'disable' ? 'off' : 'verify',
    caFile: caFile ?? url.searchParams.get('sslrootcert'),
  };
}

/** `db.acme.example:5432/tollgate`. */
export const addressText = ({ host, port, database }: TeamAddress): string =>
  `${host}:${port}/${database}`;

/** What an invitation carries: where, who, and a password for one use. */
export interface Invitation extends Omit<TeamAddress, 'caFile'> {
  readonly password: string;
  readonly expiresAt: number;
}

const PREFIX = 'tollgate-team-';

export const invitationCode = ({
  host,
  port,
  database,
  user,
  tls,
  password,
  expiresAt,
}: Invitation): string =>
  `${PREFIX}${Buffer.from(JSON.stringify([host, port, database, user, tls, password, expiresAt])).toString('base64url')}`;

/** Throws `TollgateError` `TEAM_ADDRESS`. */
export function parseInvitation(code: string): Invitation {
  const hint = 'paste the whole line that tollgate team invite has printed';
  if (!code.startsWith(PREFIX)) throw wrong('this is no invitation', hint);
  try {
    const read: unknown = JSON.parse(
      Buffer.from(code.slice(PREFIX.length), 'base64url').toString('utf8'),
    );
    const [host, port, database, user, tls, password, expiresAt] = read as readonly unknown[];
    const texts = [host, database, user, password];
    if (texts.every((each) => typeof each === 'string') && Number.isInteger(port)) {
      return {
        ...{
          host: String(host),
          port: Number(port),
          database: String(database),
          user: String(user),
        },
        ...{ tls: tls === 'off' ? 'off' : 'verify', password: String(password) },
        expiresAt: Number(expiresAt),
      };
    }
  } catch {
    // refused below
  }
  throw wrong('this invitation was cut short or changed', hint);
}

const wrong = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'TEAM_ADDRESS', message, hint });
