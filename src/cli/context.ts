// What commands work with: the ledger, the sessions it knows, and the cached configuration.
// Rule: no schema library is loaded from here, so that `report` starts fast; read-config.ts loads it.
import { wakeSender } from '../alerts/wake-sender.ts';
import type { Config } from '../config/config.ts';
import {
  type CachedConfig,
  readCachedConfig,
  readUnchangedConfig,
} from '../config/config-cache.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import { TollgateError } from '../errors.ts';
import { isOnPlan } from '../gate/billing.ts';
import type { EventDeps } from '../gate/on-event.ts';
import { syncToRestore } from '../ingest/sync/background.ts';
import { UNBILLED_NOTE } from '../reports/formats/figures.ts';
import { findBuiltFile } from '../runtime/built-file.ts';
import { localPath, pathSystemOf } from '../runtime/local-path.ts';
import { VERSION } from '../runtime/version.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import { hasLedgerIn, hasRestored, openLedger, takeLedgerNews, wireEvents } from '../wire.ts';
import type { CliContext } from './command.ts';

/** Whether there is a ledger; check before opening, because opening creates one. */
export function hasLedger(context: CliContext): boolean {
  return hasLedgerIn(stateHome(context.env), context.env);
}

/** Opens the ledger for the length of `work`. */
export async function withStore<T>(
  context: CliContext,
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const home = stateHome(context.env);
  const store = openLedger(home, context.env, { isCompared: true });
  if (hasRestored()) readTranscripts(context);
  for (const news of takeLedgerNews(home)) context.emit(news);
  try {
    const result = await work(store);
    if (store.hasAlertsDue(Date.now())) wake(context);
    return result;
  } finally {
    store.close();
  }
}

/** What was spent since the last turn that was sealed. */
function readTranscripts({ env, now }: CliContext): void {
  const cli = findBuiltFile('cli/main.js');
  if (cli !== null) syncToRestore(stateHome(env), cli, env, now);
}

/** Alerts that wait are sent, also where no hook comes by; not by a program that is no build. */
function wake({ env, cwd }: CliContext): void {
  const cli = findBuiltFile('cli/main.js');
  if (cli !== null) wakeSender(cli, env, cwd);
}

/** Opens the ledger for the length of `work`, with everything that handles events. */
export function withLedger<T>(
  context: CliContext,
  config: Config,
  work: (store: Store, deps: EventDeps) => T | Promise<T>,
): Promise<T> {
  return withStore(context, (store) =>
    work(store, wireEvents(store, config, context.env, context.cwd)),
  );
}

/** For `--json`, whether a plan covers the dollars that are printed; without it people are told so on stderr. */
export function tellBilling(
  { json }: Readonly<Record<string, unknown>>,
  config: Pick<Config, 'billing'>,
  store: Store,
  context: CliContext,
): { readonly billing?: 'plan' } {
  if (!isOnPlan(config, store, context.now)) return {};
  if (!json) context.emit(`tollgate: ${UNBILLED_NOTE}`);
  return { billing: 'plan' };
}

/** The configuration as hooks read it; the schema library is loaded only where a file has changed. */
export async function readHookConfig(root: string, context: CliContext): Promise<CachedConfig> {
  const sources = configSources(root, context.env);
  const options = { stateHome: stateHome(context.env), programVersion: VERSION };
  const unchanged = readUnchangedConfig(sources, options);
  if (unchanged !== null) return unchanged;
  const { loadConfig } = await import('../config/load.ts');
  return readCachedConfig(sources, { ...options, at: context.now, loadFully: loadConfig });
}

/** The configuration from the hooks' cache. Throws `TollgateError` `CONFIG_MISTAKES`. */
export async function readQuickConfig(context: CliContext): Promise<Config> {
  if (hasLedger(context)) {
    const read = await readHookConfig(findProjectRoot(context.cwd), context);
    if (read.problems.length === 0) return read.config;
  }
  return (await import('./read-config.ts')).requireConfig(context);
}

/** The sessions the ledger knows; none where there is no ledger. */
export function knownSessions(context: CliContext): readonly SessionRecord[] {
  if (!hasLedger(context)) return [];
  const store = openLedger(stateHome(context.env), context.env);
  try {
    return store.readSessions({});
  } finally {
    store.close();
  }
}

/** The sessions whose ids begin with `wanted`, else all of them. Throws `TollgateError` where none does. */
export function matchingSessions(
  sessions: readonly SessionRecord[],
  wanted: unknown,
): readonly SessionRecord[] {
  if (typeof wanted !== 'string') return sessions;
  const found = sessions.filter(({ sessionId }) => sessionId.startsWith(wanted));
  if (found.length > 0) return found;
  throw unknownSession(`no session begins with ${wanted}`, LIST_HINT);
}

const LIST_HINT = 'tollgate status --all lists every session the ledger knows';

/** The session whose id begins with `wanted`; without one the newest of this folder, those first for which `isFirst` holds. */
export function findSession(
  store: Store,
  wanted: unknown,
  context: CliContext,
  isFirst: (session: SessionRecord) => boolean = () => false,
): SessionRecord {
  const sessions = store.readSessions({});
  if (typeof wanted === 'string') {
    return named(sessions, wanted, LIST_HINT);
  }
  const here = sessionsHere(sessions, context);
  const found = here.find(isFirst) ?? here[0];
  if (found) return found;
  throw unknownSession(
    'no session has been seen in this folder',
    'name one with --session; tollgate status --all lists them',
  );
}

const CHOOSE_HINT =
  'name one with --session, or take --all; tollgate watch --once lists those that run';

/** The sessions that `--session` or `--all` choose; without either the newest of `among` in this folder. */
export function chosenSessions(
  store: Store,
  options: Readonly<Record<string, unknown>>,
  among: readonly SessionRecord[],
  context: CliContext,
): readonly SessionRecord[] {
  if (options.all === true) return among;
  // A session that does not run may be named: its halt holds when it is resumed.
  if (typeof options.session === 'string') {
    return [named(store.readSessions({}), options.session, CHOOSE_HINT)];
  }
  const newest = sessionsHere(among, context)[0];
  if (newest) return [newest];
  throw unknownSession('no such session in this folder', CHOOSE_HINT);
}

function sessionsHere(
  sessions: readonly SessionRecord[],
  context: CliContext,
): readonly SessionRecord[] {
  const root = findProjectRoot(context.cwd);
  const system = pathSystemOf(context.env);
  return sessions.filter(({ cwd }) => {
    const folder = cwd === null ? null : localPath(cwd, system);
    return folder !== null && findProjectRoot(folder) === root;
  });
}

function named(sessions: readonly SessionRecord[], wanted: string, hint: string): SessionRecord {
  const id = onlySession(
    sessions.map(({ sessionId }) => sessionId),
    wanted,
    hint,
  );
  return sessions.find(({ sessionId }) => sessionId === id) as SessionRecord;
}

/** The one session id that is `wanted`, or begins with it; they may be given more than once. Throws `TollgateError`. */
export function onlySession(ids: readonly string[], wanted: string, hint = LIST_HINT): string {
  const found = new Set(ids.filter((id) => id.startsWith(wanted)));
  const [first] = found;
  if (found.has(wanted)) return wanted;
  if (first !== undefined && found.size === 1) return first;
  const count = found.size === 0 ? 'no session begins' : `${found.size} sessions begin`;
  throw unknownSession(`${count} with ${wanted}`, hint);
}

function unknownSession(message: string, hint: string): TollgateError {
  return new TollgateError({ code: 'SESSION_UNKNOWN', message, hint });
}
