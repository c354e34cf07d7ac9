// What a machine knows of its team beside the ledger: where the database is, and where its password is. Rule: both are files of the state
// folder, which are their owner's alone; nothing of it is ever read from a repository.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { SecretPlace } from '../config/config.ts';
import { TollgateError } from '../errors.ts';
import { renameOver } from '../runtime/files.ts';
import type { TeamAddress } from '../stores/team-store.ts';

export interface Membership {
  readonly address: TeamAddress;
  readonly team: string;
  /** Who works here, as the invitation has it. */
  readonly developer: string;
  /** `null`: a pgpass file has it. */
  readonly password: SecretPlace | null;
  readonly joinedAt: number;
}

const VERSION = 1;

export const membershipFile = (stateHome: string): string => `${stateHome}/team.json`;
/** Where a password is kept that this machine has made itself. */
export const passwordFile = (stateHome: string): string => `${stateHome}/team-password`;

/** `null`: this machine belongs to no team. Throws `TollgateError` `TEAM_FILE`. */
export function readMembership(stateHome: string): Membership | null {
  const file = membershipFile(stateHome);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(file, 'it cannot be read', error);
  }
  try {
    const { version, ...membership } = JSON.parse(text) as Membership & {
      readonly version: number;
    };
    if (version === VERSION && typeof membership.address.host === 'string') return membership;
  } catch (error) {
    throw unusable(file, 'it is not JSON', error);
  }
  throw unusable(file, 'it is of another version', null);
}

/** Throws `TollgateError` `TEAM_MISSING`. */
export function requireMembership(stateHome: string): Membership {
  const membership = readMembership(stateHome);
  if (membership !== null) return membership;
  throw new TollgateError({
    code: 'TEAM_MISSING',
    message: 'this machine belongs to no team',
    hint: 'a manager invites it (tollgate team invite), then here: tollgate team join <code>',
  });
}

/** Keeps it, and the password that was made for it. */
export function writeMembership(
  stateHome: string,
  membership: Membership,
  password: string | null,
): void {
  mkdirSync(stateHome, { recursive: true, mode: 0o700 });
  if (password !== null) writePrivate(passwordFile(stateHome), `${password}\n`);
  writePrivate(
    membershipFile(stateHome),
    `${JSON.stringify({ version: VERSION, ...membership }, null, 2)}\n`,
  );
}

export function forgetMembership(stateHome: string): void {
  rmSync(membershipFile(stateHome), { force: true });
  rmSync(passwordFile(stateHome), { force: true });
}

function writePrivate(file: string, text: string): void {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, text, { mode: 0o600 });
  renameOver(aside, file);
}

const unusable = (file: string, why: string, cause: unknown): TollgateError =>
  new TollgateError({
    ...{ code: 'TEAM_FILE', message: `${file}: ${why}`, cause },
    hint: 'remove it and join again with a new invitation: tollgate team join <code>',
  });
