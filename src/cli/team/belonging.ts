// `tollgate team init`, `invite`, `join`, `leave`, `revoke` and `reclaim`: who belongs to a team. Rule: a machine is in the team under a role of its own.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { stateHome } from '../../config/paths.ts';
import { parseSpanWithin } from '../../config/value-parsers.ts';
import { formatUsd } from '../../domain/money.ts';
import { DAY_MS, MINUTE_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import type { MemberKind, TeamAddress, TeamStore } from '../../stores/team-store.ts';
import {
  addressText,
  type Invitation,
  invitationCode,
  parseInvitation,
  parseTeamUrl,
} from '../../team/address.ts';
import {
  forgetMembership,
  membershipFile,
  passwordFile,
  readMembership,
  writeMembership,
} from '../../team/membership.ts';
import { placeReader } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { parseZone } from '../time-zone.ts';
import { commandPlace, passwordFrom, withConnection, withTeam } from './connection.ts';
import type { TeamRequest } from './request.ts';

const INVITED_MS = 2 * DAY_MS;
const LONGEST_INVITATION_MS = 31 * DAY_MS;

/** Makes the schema, and lets this machine join as a manager's. */
export async function init({ words, options, context }: TeamRequest): Promise<number> {
  const url = words[0] ?? context.env.TOLLGATE_TEAM_URL;
  if (url === undefined) {
    throw wanted('which database?', 'tollgate team init postgres://admin@db.acme.example/tollgate');
  }
  const address = parseTeamUrl(url, textOf(options.caFile) ?? null);
  const { makeTeam, schemaText } = await import('../../team/open-team.ts');
  if (options.printSql === true) {
    context.print(`${schemaText(address.database)}\n`);
    return FINE;
  }
  const config = requireConfig(context);
  const developer = developerOf(options.developer, context);
  const team = {
    name: textOf(options.name) ?? address.database,
    timeZone: parseZone(options.timezone, config.timeZone),
    developer,
  };
  const password = await passwordFrom(commandPlace(options.passwordCommand), context.env);
  const { outcome, version, store } = await makeTeam(address, password, team, config.pricing);
  try {
    const isMember = readMembership(stateHome(context.env)) !== null;
    if (outcome === 'made' && !isMember) {
      await joinWith(
        await invitationFor(store, address, 'manager', developer, MINUTE_MS),
        options,
        context,
      );
    }
  } finally {
    await store.close();
  }
  const where = addressText(address);
  if (options.json) {
    printJson(
      { schema: 'tollgate/team-init@1', outcome, version, ...team, address: where },
      context,
    );
    return FINE;
  }
  const said = {
    made: `team ${team.name} is in ${where}; this machine belongs to it, as a manager's`,
    upgraded: `team in ${where} upgraded to version ${version}; rates are those of this program`,
    unchanged: `team in ${where} is of version ${version} already; rates are those of this program`,
  }[outcome];
  context.print(`${said}\n`);
  if (outcome === 'made')
    context.print('Next: tollgate team budget set day --per developer --hard 40\n');
  return FINE;
}

/** Makes a role and a code that lets one machine join once. */
export async function invite({ words, options, context }: TeamRequest): Promise<number> {
  const [developer] = words;
  if (developer === undefined) throw wanted('whom?', 'tollgate team invite mia@acme.example');
  const span =
    options.expires === undefined
      ? { ok: true as const, value: INVITED_MS }
      : parseSpanWithin(options.expires, MINUTE_MS, LONGEST_INVITATION_MS);
  if (!span.ok) throw wanted(`--expires: ${span.message}`, span.hint);
  const kind: MemberKind = options.manager === true ? 'manager' : 'developer';
  return withTeam(context, async (team, { address }) => {
    const invitation = await invitationFor(team, address, kind, developer, span.value);
    const code = invitationCode(invitation);
    const { user: role, expiresAt } = invitation;
    if (options.json) {
      printJson(
        { schema: 'tollgate/team-invite@1', developer, kind, role, expiresAt, code },
        context,
      );
      return FINE;
    }
    context.print(`${code}\n`);
    context.emit(
      `tollgate: for one machine of ${developer} (role ${role}), until ${new Date(expiresAt).toISOString()}. ` +
        'There: tollgate team join <code>',
    );
    return FINE;
  });
}

async function invitationFor(
  team: TeamStore,
  { host, port, database, tls }: TeamAddress,
  kind: MemberKind,
  developer: string,
  spanMs: number,
): Promise<Invitation> {
  const { newSecret } = await import('../../team/open-team.ts');
  const { password, verifier } = newSecret();
  const expiresAt = Date.now() + spanMs;
  const user = await team.invite({ kind, developer, verifier, expiresAt });
  return { host, port, database, user, tls, password, expiresAt };
}

export async function join({ words, options, context }: TeamRequest): Promise<number> {
  const code = words[0] ?? context.env.TOLLGATE_TEAM_INVITATION;
  if (code === undefined) throw wanted('with which invitation?', 'tollgate team join <code>');
  const home = stateHome(context.env);
  if (existsSync(membershipFile(home))) {
    throw new TollgateError({
      code: 'TEAM_JOINED',
      message: `this machine belongs to the team ${readMembership(home)?.team} already`,
      hint: 'leave it first: tollgate team leave',
    });
  }
  const state = await joinWith(parseInvitation(code), options, context);
  if (options.json) printJson({ schema: 'tollgate/team-join@1', ...state }, context);
  else {
    context.print(
      `This machine belongs to the team ${state.team}, and what it spends is ${state.developer}'s. ` +
        'tollgate team status shows how the team stands.\n',
    );
  }
  return FINE;
}

/** Takes the invitation: from then on the password is one that only this machine knows. */
async function joinWith(
  invitation: Invitation,
  options: TeamRequest['options'],
  context: CliContext,
): Promise<{ team: string; developer: string; role: string }> {
  const { env, now } = context;
  const { newSecret } = await import('../../team/open-team.ts');
  const { password: once, expiresAt, ...rest } = invitation;
  if (expiresAt < now) {
    throw wanted(
      `this invitation has ended at ${new Date(expiresAt).toISOString()}`,
      'ask a manager for another: tollgate team invite',
    );
  }
  const address: TeamAddress = { ...rest, caFile: textOf(options.caFile) ?? null };
  const home = stateHome(env);
  const { password, verifier } = newSecret();
  const place = { file: passwordFile(home) };
  await withConnection(address, once, async (team) => {
    // Kept before it counts: a machine that stops here can still be told what its password is.
    const pending = {
      address,
      team: address.database,
      developer: '',
      password: place,
      joinedAt: now,
    };
    writeMembership(home, pending, password);
    try {
      await team.join(verifier, textOf(options.machine) ?? hostname());
    } catch (error) {
      forgetMembership(home);
      throw error;
    }
  });
  const state = await withConnection(address, password, (team) => team.pullState());
  const { name } = state.team;
  const { developer, role } = state;
  writeMembership(home, { address, team: name, developer, password: place, joinedAt: now }, null);
  await withStore(context, (store) =>
    store.immediately(() => {
      store.enterTeam();
      store.writeTeamState(state, Date.now());
    }),
  );
  return { team: name, developer, role };
}

/** What leases carry goes back; the role can log in no more. */
export async function leave({ options, context }: TeamRequest): Promise<number> {
  const home = stateHome(context.env);
  const returnedNanoUsd =
    options.force === true ? null : await withTeam(context, (team) => team.leave());
  forgetMembership(home);
  if (hasLedger(context)) {
    await withStore(context, (store) => store.immediately(() => store.forgetTeam()));
  }
  if (options.json) {
    printJson({ schema: 'tollgate/team-leave@1', returnedNanoUsd }, context);
    return FINE;
  }
  const went =
    returnedNanoUsd === null
      ? 'the team was not told: a manager revokes this machine with tollgate team revoke'
      : `${formatUsd(returnedNanoUsd)} that it still held went back`;
  context.print(`This machine belongs to no team any more; ${went}\n`);
  return FINE;
}

export async function revoke({ words, options, context }: TeamRequest): Promise<number> {
  const [role] = words;
  if (role === undefined)
    throw wanted('which machine?', 'name its role; tollgate team status lists them');
  await withTeam(context, (team) => team.revoke(role));
  if (options.json) printJson({ schema: 'tollgate/team-revoke@1', role }, context);
  else {
    context.print(
      `${role} may ask for nothing more. What its leases carry counts as spent; ten minutes after they have ended: tollgate team reclaim ${role}\n`,
    );
  }
  return FINE;
}

export async function reclaim({ words, options, context }: TeamRequest): Promise<number> {
  const [role] = words;
  if (role === undefined)
    throw wanted('from which machine?', 'name its role; tollgate team status lists them');
  const returnedNanoUsd = await withTeam(context, (team) => team.reclaim(role));
  if (options.json)
    printJson({ schema: 'tollgate/team-reclaim@1', role, returnedNanoUsd }, context);
  else context.print(`${formatUsd(returnedNanoUsd)} of ${role} may be spent by others\n`);
  return FINE;
}

function developerOf(option: unknown, context: CliContext): string {
  const developer = textOf(option) ?? placeReader(context.env)(context.cwd).developer;
  if (developer !== null) return developer;
  throw wanted('who are you?', 'say --developer you@acme.example: git has no address here');
}

const wanted = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'TEAM_WORDS', message, hint });
