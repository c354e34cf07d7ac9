// What each page of the dashboard asks for. To add one: a line here.

import type { PageSource } from '../../dashboard/dashboard.ts';
import { sessionId } from '../../domain/ids.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import { VERSION } from '../../runtime/version.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext, CommandModule } from '../command.ts';
import { readQuickConfig } from '../context.ts';
import { actionsOn, depsReader } from '../live/watch-actions.ts';
import type { WatchActions } from '../live/watch-loop.ts';
import { titleOf } from '../session-name.ts';
import { budgetsPageJson, type DepsOf, windowPageJson } from './budgets-page.ts';
import { commandSource, type PageOptions, silent } from './command-source.ts';
import { nowJson } from './now-page.ts';
import type { OpenLedger } from './open-ledger.ts';
import { ownProcess } from './own-process.ts';
import { json, REPORT_OPTIONS } from './page-options.ts';
import { sessionPageJson } from './session-page.ts';
import { type NamedSession, sessionsSource } from './sessions-page.ts';

/** By the name after `/api/`. */
export function pageSources(
  ledger: OpenLedger,
  readOnlyBecause: string | null,
  context: CliContext,
): ReadonlyMap<string, PageSource> {
  const command = (load: () => Promise<CommandModule>, options: PageOptions) =>
    commandSource(load, options, context);
  const report = () => import('../commands/report.ts');
  const readers = readersOf(ledger, context);
  const csv = { ...REPORT_OPTIONS, fixed: { format: 'csv' } };
  return new Map<string, PageSource>([
    ['about', async () => json(await about(ledger, readOnlyBecause, context))],
    ['now', () => json(readNow(ledger, readers()))],
    ['report', command(report, REPORT_OPTIONS)],
    ['report.csv', commandSource(report, csv, context, 'text/csv')],
    [
      'sessions',
      sessionsSource(command(report, REPORT_OPTIONS), (ids) => namedSessions(ids, ledger.store())),
    ],
    ['session', (query) => json(readSessionPage(query, readers()))],
    ['why', command(() => import('../commands/why.ts'), { argument: 'session' })],
    ['budgets', () => json(budgetsPageJson(ledger.store(), readers().depsOf, Date.now()))],
    ['window', (query) => json(readWindow(query, readers()))],
    ['statements', command(() => import('../commands/statement.ts'), ISSUED)],
    ['savings', command(() => import('../commands/savings.ts'), { single: ['since'] })],
    ['doctor', () => ownProcess(['doctor', '--json'], context)],
  ]);
}

const ISSUED = { fixed: { issued: true, format: 'markdown', json: true } } as const;

/** What reads a ledger for pages. */
interface Readers {
  readonly store: Store;
  readonly actions: WatchActions;
  readonly depsOf: DepsOf;
}

/** Made once for each file of the ledger, so that configurations are read once for many answers. */
function readersOf(ledger: OpenLedger, context: CliContext): () => Readers {
  let known: Readers | null = null;
  return () => {
    const store = ledger.store();
    if (known?.store === store) return known;
    const depsOf = depsReader(store, context);
    known = { store, depsOf, actions: actionsOn(store, context, 'dashboard', depsOf) };
    return known;
  };
}

async function about(ledger: OpenLedger, readOnlyBecause: string | null, context: CliContext) {
  const config = await readQuickConfig(silent(context));
  const { timeZone } = config;
  const isPlan = isOnPlan(config, ledger.store(), Date.now());
  return { version: VERSION, timeZone, readOnlyBecause, isPlan };
}

function readNow(ledger: OpenLedger, { store, actions }: Readers) {
  const now = Date.now();
  const statuses = actions.read(now);
  ledger.follow(statuses.flatMap(({ session }) => session.transcriptPath ?? []));
  return nowJson(statuses, store, now);
}

function readSessionPage(query: URLSearchParams, { store, depsOf }: Readers) {
  const id = query.get('session') ?? '';
  const session = store.readSession(sessionId(id));
  if (session === null) {
    throw new TollgateError({
      code: 'SESSION_UNKNOWN',
      message: `the ledger knows no session ${id}`,
      hint: 'choose one on the page of sessions',
    });
  }
  const now = Date.now();
  return sessionPageJson(session, depsOf(session, now), now);
}

const readWindow = (query: URLSearchParams, { store, depsOf }: Readers) =>
  windowPageJson(query.get('key') ?? '', store, depsOf, Date.now());

async function namedSessions(
  ids: readonly string[],
  store: Store,
): Promise<ReadonlyMap<string, NamedSession>> {
  const named = new Map<string, NamedSession>();
  for (const id of ids) {
    const session = store.readSession(sessionId(id));
    if (session === null) continue;
    const { repository, branch } = session;
    named.set(id, { title: titleOf(session), repository, branch });
  }
  return named;
}
