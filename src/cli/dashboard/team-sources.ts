// What each page asks for where a dashboard shows the whole team. Rule: the same commands with --team, and the same shapes as for this machine;
// what only a machine knows (forecasts, contexts, halts) is left empty.
import type { PageAnswer, PageSource } from '../../dashboard/dashboard.ts';
import { sessionId, shortId } from '../../domain/ids.ts';
import { ALL_TIME, type EpochMs, HOUR_MS, SECOND_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { zoneDays } from '../../reports/local-time.ts';
import { parseSpan } from '../../reports/time-range.ts';
import { VERSION } from '../../runtime/version.ts';
import type { TeamStore } from '../../stores/team-store.ts';
import { pricerFor } from '../../wire.ts';
import type { CliContext, CommandModule } from '../command.ts';
import { readQuickConfig } from '../context.ts';
import { IDLE_MS } from '../live/watch-view.ts';
import { linesOf } from '../session-causes.ts';
import { withTeam } from '../team/connection.ts';
import {
  readSessionsNamed,
  readTeamSessions,
  type TeamSession,
  teamSessionJson,
} from '../team/sessions.ts';
import { conditionsOfPool, teamWindowJson } from '../team/windows.ts';
import { fillingJson, fillingQuery, RECENT_MS, windowGone } from './budgets-page.ts';
import { commandSource, type PageOptions, silent } from './command-source.ts';
import { json, REPORT_OPTIONS } from './page-options.ts';
import { requestsJson } from './session-page.ts';
import { type NamedSession, sessionsSource } from './sessions-page.ts';

/** The team's database is asked for something new this often. */
const EVERY_MS = 5 * SECOND_MS;
const SESSION_COUNT = 50;
const WINDOW_COUNT = 30;

/** See `DashboardWorld.readVersion`. */
export const teamVersion = (): string => String(Math.floor(Date.now() / EVERY_MS));

/** Why a page of the team changes nothing. */
export const TEAM_READ_ONLY =
  "a team's budgets are changed with tollgate team grant, halt, resume and budget";

/** By the name after `/api/`. */
export function teamPageSources(context: CliContext): ReadonlyMap<string, PageSource> {
  const command = (
    load: () => Promise<CommandModule>,
    options: PageOptions,
    type?: PageAnswer['type'],
  ) => {
    const fixed = { json: true, ...options.fixed, team: true };
    return commandSource(load, { ...options, fixed }, context, type);
  };
  const report = () => import('../commands/report.ts');
  const asked =
    (
      read: (team: TeamStore, query: URLSearchParams, now: EpochMs) => Promise<object>,
    ): PageSource =>
    async (query) =>
      json(await withTeam(silent(context), (team) => read(team, query, Date.now())));
  return new Map<string, PageSource>([
    ['about', asked(aboutJson)],
    ['now', asked(nowJson)],
    ['report', command(report, REPORT_OPTIONS)],
    [
      'report.csv',
      command(report, { ...REPORT_OPTIONS, fixed: { json: false, format: 'csv' } }, 'text/csv'),
    ],
    [
      'sessions',
      sessionsSource(command(report, REPORT_OPTIONS), (ids) => namedSessions(ids, context)),
    ],
    ['session', asked((team, query, now) => sessionJson(team, query, now, context))],
    ['why', command(() => import('../commands/why.ts'), { argument: 'session' })],
    ['budgets', asked(budgetsJson)],
    ['window', asked(windowJson)],
    [
      'statements',
      command(() => import('../commands/statement.ts'), {
        fixed: { issued: true, format: 'markdown' },
      }),
    ],
  ]);
}

async function aboutJson(team: TeamStore) {
  const state = await team.pullState();
  const { name, timeZone } = state.team;
  return {
    ...{ version: VERSION, timeZone, readOnlyBecause: TEAM_READ_ONLY, isPlan: false },
    team: { name, isWhole: state.kind === 'manager' },
  };
}

/** Schema `tollgate/dashboard-now@1`; sessions of the last hour. */
async function nowJson(team: TeamStore, _query: URLSearchParams, now: EpochMs) {
  const { timeZone } = (await team.pullState()).team;
  const window = parseSpan('today', undefined, now, timeZone);
  const [day] = await team.readSums({
    by: [],
    zone: zoneDays(timeZone, window),
    window,
    where: [],
  });
  const sessions = await readTeamSessions(team, now - HOUR_MS, SESSION_COUNT, now);
  return {
    schema: 'tollgate/dashboard-now@1',
    at: now,
    dayNanoUsd: day?.costNanoUsd ?? 0,
    plans: [],
    sessions: sessions.map((session) => ({
      ...teamSessionJson(session),
      ...NOT_KNOWN,
      title: titleOf(session),
      state: now - session.lastAt < IDLE_MS ? 'working' : 'idle',
      lastRequestAt: session.lastAt,
    })),
  };
}

/** What only the machine of a session knows. */
const NOT_KNOWN = {
  ...{ haltedAt: null, haltCode: null, haltReason: null, runOutAt: null, requestsLeft: null },
  ...{ contextTokens: null, contextWindowTokens: null, nextRequestNanoUsd: null },
  ...{ budgets: [], subagents: [], nested: [] },
};

async function namedSessions(
  ids: readonly string[],
  context: CliContext,
): Promise<ReadonlyMap<string, NamedSession>> {
  const sessions = await withTeam(silent(context), (team) =>
    readSessionsNamed(team, ids, Date.now()),
  );
  return new Map(
    sessions.map((session) => {
      const { repository, branch } = session;
      return [session.sessionId, { title: titleOf(session), repository, branch }];
    }),
  );
}

/** Titles stay on their machine: sessions of the team are named by whose they are. */
const titleOf = ({ sessionId, developer }: Pick<TeamSession, 'sessionId' | 'developer'>): string =>
  `${developer ?? 'somebody'} · ${shortId(sessionId)}`;

/** Schema `tollgate/dashboard-session@1`. */
async function sessionJson(
  team: TeamStore,
  query: URLSearchParams,
  now: EpochMs,
  context: CliContext,
) {
  const id = query.get('session') ?? '';
  const [session] = await readSessionsNamed(team, [id], now);
  if (session === undefined) {
    throw new TollgateError({
      code: 'SESSION_UNKNOWN',
      message: `the team's ledger knows no session ${id}`,
      hint: 'choose one on the page of sessions',
    });
  }
  const config = await readQuickConfig(silent(context));
  const lines = await team.readLines(linesOf(sessionId(id), ALL_TIME));
  const { developer, repository, branch, firstAt, lastAt } = session;
  return {
    schema: 'tollgate/dashboard-session@1',
    ...{ at: now, sessionId: id, title: titleOf(session), repository, branch, developer },
    ...{ startedAt: firstAt, lastSeenAt: lastAt, endedAt: now - lastAt > HOUR_MS ? lastAt : null },
    ...{ parentSessionId: null, outerSessionId: null, nested: [] },
    ...{ haltedAt: null, haltCode: null, haltReason: null, budgets: [], grants: [], alerts: [] },
    requests: requestsJson(lines, pricerFor(config).rates),
  };
}

/** Schema `tollgate/dashboard-budgets@1`; the windows with the least left. */
async function budgetsJson(team: TeamStore, _query: URLSearchParams, now: EpochMs) {
  const { budgets } = await team.pullState();
  const windows: object[] = [];
  for (const pool of await team.readPools(WINDOW_COUNT)) {
    const budget = budgets.find(({ id }) => id === pool.budgetId);
    windows.push(await teamWindowJson(pool, budget, team, now));
  }
  const grants = (await team.readGrants(now - RECENT_MS)).map((grant) => ({
    ...{ budgetId: grant.poolKey.split('|')[0], windowKey: grant.poolKey },
    ...{ amountNanoUsd: grant.amountNanoUsd, reason: grant.reason, author: grant.author },
    ...{ grantedAt: grant.at, expiresAt: null },
  }));
  return { schema: 'tollgate/dashboard-budgets@1', at: now, windows, grants, alerts: [] };
}

/** Schema `tollgate/dashboard-window@1`. */
async function windowJson(team: TeamStore, query: URLSearchParams, now: EpochMs) {
  const key = query.get('key') ?? '';
  const state = await team.pullState();
  const pool = (await team.readPools(WINDOW_COUNT)).find(({ poolKey }) => poolKey === key);
  if (pool === undefined) throw windowGone(key);
  const budget = state.budgets.find(({ id }) => id === pool.budgetId);
  const where = conditionsOfPool(key, budget);
  const sums = await team.readSums(fillingQuery(pool.window, where, state.team.timeZone, now));
  return fillingJson(await teamWindowJson(pool, budget, team, now), pool.window, sums, now);
}
