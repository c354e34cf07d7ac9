// `tollgate team status`: how the team stands, as far as whoever asks may see it.
import { stateHome } from '../../config/paths.ts';
import { formatUsd } from '../../domain/money.ts';
import { DAY_MS, MINUTE_MS, spanText } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import type {
  TeamKill,
  TeamMember,
  TeamPool,
  TeamState,
  TeamTotals,
} from '../../stores/team-store.ts';
import { addressText } from '../../team/address.ts';
import { type Membership, readMembership } from '../../team/membership.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { fitLines } from '../wrap-text.ts';
import { budgetText } from './budgets.ts';
import { withTeam } from './connection.ts';
import type { TeamRequest } from './request.ts';
import {
  readTeamSessions,
  type TeamSession,
  teamSessionJson,
  teamSessionLines,
} from './sessions.ts';
import { poolName } from './windows.ts';

export async function status({ options, context }: TeamRequest): Promise<number> {
  if (options.session !== undefined || options.all || options.check) {
    throw new TollgateError({
      code: 'TEAM_WHOLE',
      message: '--session, --all and --check are about the sessions of this machine',
      hint: 'leave them out with --team; tollgate why --team <session> tells of one',
    });
  }
  if (readMembership(stateHome(context.env)) === null) {
    if (options.json) printJson({ schema: 'tollgate/team@1', membership: null }, context);
    else
      context.print(
        'This machine belongs to no team. A manager invites it: tollgate team invite\n',
      );
    return FINE;
  }
  return withTeam(context, async (store, membership) => {
    const state = await store.pullState();
    const reading = {
      ...{ state, membership, clockAheadMs: Date.now() - state.now },
      ...{
        members: await store.readMembers(),
        pools: await store.readPools(POOL_COUNT[options.json ? 'json' : 'text'] + 1),
      },
      totals: await store.readTotals(),
      sessions: await readTeamSessions(
        store,
        context.now - RECENT_DAYS * DAY_MS,
        SESSION_COUNT[options.json ? 'json' : 'text'],
        context.now,
      ),
    };
    if (options.json) printJson(statusJson(reading), context);
    else {
      const { sessions } = reading;
      context.print(fitLines(statusLines(reading, context.now), context));
      context.print(`\n${teamSessionLines(sessions, context.now, context).join('\n')}\n`);
    }
    return FINE;
  });
}

const RECENT_DAYS = 7;
/** As many as people take in at a glance; scripts get more. */
const SESSION_COUNT = { text: 10, json: 100 };
export const POOL_COUNT = { text: 20, json: 1_000 };

interface TeamReading {
  readonly state: TeamState;
  readonly membership: Membership;
  readonly clockAheadMs: number;
  readonly members: readonly TeamMember[];
  readonly pools: readonly TeamPool[];
  readonly totals: TeamTotals;
  /** Of the last days, the newest first. */
  readonly sessions: readonly TeamSession[];
}

function statusJson({
  state,
  membership,
  clockAheadMs,
  members,
  pools,
  totals,
  sessions,
}: TeamReading) {
  const { developer, role, kind, budgets, kills } = state;
  const own = {
    team: membership.team,
    address: addressText(membership.address),
    developer,
    role,
    kind,
  };
  return {
    ...{ schema: 'tollgate/team@1', membership: own, clockAheadMs, ...state.team },
    ...{ totals, budgets, kills, pools, members, sessions: sessions.map(teamSessionJson) },
  };
}

function statusLines(
  { state, membership, clockAheadMs, members, pools, totals }: TeamReading,
  now: number,
): string[] {
  const { developer, role, kind, budgets, kills } = state;
  const own = kind === 'manager' ? 'The team has' : 'You have';
  const flagged =
    totals.flaggedCount === 0
      ? ''
      : `; ${totals.flaggedCount} lines cost otherwise by its rate card`;
  const away = `${spanText(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [
    `Team ${membership.team} in ${addressText(membership.address)}; this machine is ${developer}'s (${role}, ${kind})`,
    `${own} spent ${formatUsd(totals.costNanoUsd)} in ${totals.requestCount} requests${flagged}`,
    ...(Math.abs(clockAheadMs) < MINUTE_MS
      ? []
      : [`The clock of this machine is ${away} the team's`]),
    '',
    ...(budgets.length === 0
      ? ['No budget yet: tollgate team budget set day --hard 40']
      : budgets.map(budgetText)),
    ...poolLines(pools),
    ...(kills.length === 0 ? [] : ['', ...kills.map(killText)]),
    '',
    ...members.map((member) => memberText(member, now)),
  ];
}

const killText = ({ kind, value, author }: TeamKill): string =>
  `Stopped by ${author}: ${kind} ${value}`;

/** Those with the least left, and whether there are more. */
export const poolLines = (pools: readonly TeamPool[]): readonly string[] => [
  ...pools.slice(0, POOL_COUNT.text).map(poolText),
  ...(pools.length > POOL_COUNT.text
    ? ['  … and more that have more left: tollgate team status --json']
    : []),
];

const poolText = ({ poolKey, ceilingNanoUsd, spentNanoUsd, heldNanoUsd }: TeamPool): string =>
  `  ${poolName(poolKey)}: ${formatUsd(spentNanoUsd)} spent, ${formatUsd(heldNanoUsd)} held` +
  (ceilingNanoUsd === null ? '' : ` of ${formatUsd(ceilingNanoUsd)}`);

function memberText(
  { role, kind, developer, machine, state, seenAt, heldNanoUsd }: TeamMember,
  now: number,
): string {
  const seen = seenAt === null ? '' : `, seen ${spanText(Math.max(MINUTE_MS, now - seenAt))} ago`;
  const held = heldNanoUsd === 0 ? '' : `, holds ${formatUsd(heldNanoUsd)}`;
  return `${role}  ${developer}${machine === null ? '' : ` on ${machine}`} (${kind}, ${state})${seen}${held}`;
}
