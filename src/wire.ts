// Where the concrete parts meet: the only file that knows every one of them. Function calls, no container.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AGENTS } from './agents/agents.ts';
import { hostPidOf, projectFolderOf } from './agents/claude-code/environment.ts';
import { type Origin, originOf } from './agents/claude-code/events/origin.ts';
import {
  claimsKeyboard,
  readPresence,
  sessionAround,
} from './agents/claude-code/events/presence.ts';
import { inspectSettings } from './agents/claude-code/install/inspect-settings.ts';
import { readInstallation } from './agents/claude-code/install/installation-record.ts';
import { namesServer, readInstalledPaths } from './agents/claude-code/install/installed-paths.ts';
import { LAUNCHER_NAME } from './agents/claude-code/install/launcher-name.ts';
import { claudeFolders, claudeStateFile, transcriptsPattern } from './agents/claude-code/paths.ts';
import {
  type RecentSession,
  recentSessions,
} from './agents/claude-code/transcript/recent-sessions.ts';
import { threadSteps } from './agents/claude-code/transcript/thread-steps.ts';
import { toolSteps } from './agents/claude-code/transcript/tool-steps.ts';
import { readPlace } from './attribution/git-files.ts';
import type { Place } from './attribution/source.ts';
import { isClockSetBack } from './config/boot-clock.ts';
import type { Config } from './config/config.ts';
import type { InstalledPaths } from './config/installed-files.ts';
import {
  configSources,
  findProjectRoot,
  stateHome,
  userConfigFile,
  userFolders,
} from './config/paths.ts';
import type { SessionId } from './domain/ids.ts';
import { repositoryKey } from './domain/repository.ts';
import { DAY_MS, type EpochMs } from './domain/time.ts';
import type { EventDeps } from './gate/on-event.ts';
import { type Pricer, pricerOf } from './pricing/pricer.ts';
import { RATE_CARDS } from './pricing/rate-cards.ts';
import { places } from './runtime/places.ts';
import { pluginRoot } from './runtime/plugin-root.ts';
import { ancestorsOf } from './runtime/processes.ts';
import { judgeSeal } from './stores/seal/judge-seal.ts';
import { openSealed, restoreDamaged } from './stores/seal/open-sealed.ts';
import { holdsWhatWasSealed } from './stores/seal/restore-ledger.ts';
import { identityOf, newestHeader, sealPlaces } from './stores/seal/seal-file.ts';
import { readRestorations } from './stores/seal/seal-lines.ts';
import { restoredText, takeNews } from './stores/seal/seal-news.ts';
import { forgetBackups as forgetBackupsOf } from './stores/sqlite/backup.ts';
import { IN_MEMORY } from './stores/sqlite/ledger-file.ts';
import { type LedgerHealth, readLedgerHealth } from './stores/sqlite/ledger-health.ts';
import { openSqliteStore } from './stores/sqlite/sqlite.ts';
import type { LockWait } from './stores/sqlite/transaction.ts';
import type { Store } from './stores/store.ts';

export { askModelSwitch, parseModelSwitch } from './agents/claude-code/events/model-switch.ts';
export { parseRateLimits } from './agents/claude-code/events/rate-limits.ts';
export { hasRestored } from './stores/seal/open-sealed.ts';
export { readDriverFacts } from './stores/sqlite/ledger-file.ts';
export { hasMended, takeMended } from './stores/sqlite/private-files.ts';
export type { LockWait } from './stores/sqlite/transaction.ts';

export const agent = AGENTS['claude-code'];

/** Where the ledger is, and the two places of its seal. */
const sealedLedger = (stateHome: string, env: NodeJS.ProcessEnv) => ({
  path: `${stateHome}/ledger.db`,
  places: sealPlaces(stateHome, dirname(userConfigFile(env))),
});

/**
 * The ledger of this machine's user; made when there is none, and restored where it does not fit its seal. `isCompared`: what it
 * holds is compared, too; `isBrief`: somebody waits, and what takes long is left to others. Throws `TollgateError`.
 */
export function openLedger(
  stateHome: string,
  env: NodeJS.ProcessEnv,
  options: {
    readonly wait?: LockWait;
    readonly isCompared?: boolean;
    readonly isBrief?: boolean;
  } = {},
): Store {
  return openSealed({
    ...{ isCompared: false, isBrief: false },
    ...options,
    ...sealedLedger(stateHome, env),
  });
}

/** The same for recording alone: nobody looks whether it fits its seal, but where one was it is not made anew. Throws `TollgateError`. */
export function openLedgerToRecord(
  stateHome: string,
  env: NodeJS.ProcessEnv,
  wait: LockWait,
): Store {
  const { path, places } = sealedLedger(stateHome, env);
  return openSqliteStore(path, wait, { isExpected: () => newestHeader(places) !== null });
}

/** A ledger for a trial, in a folder of its own. Throws `TollgateError`. */
export const makeTrialLedger = (folder: string): void =>
  openSqliteStore(`${folder}/ledger.db`).close();

/** Names the ledger's file as it is now; see `restoreDamagedLedger`. */
export const ledgerIdentity = (stateHome: string): string | null =>
  identityOf(`${stateHome}/ledger.db`);

/** Restores a ledger that was found to be damaged in use; `seen`: its identity then. Throws `TollgateError`. */
export const restoreDamagedLedger = (
  stateHome: string,
  env: NodeJS.ProcessEnv,
  seen: string | null,
  wait?: LockWait,
): void => {
  const sealed = sealedLedger(stateHome, env);
  restoreDamaged({ ...sealed, wait, isCompared: false, isBrief: true }, seen);
};

/** Whether a ledger that is open is the one its seal tells of, and holds what was sealed. */
export function fitsSeal(store: Store, stateHome: string, env: NodeJS.ProcessEnv): boolean {
  const { places } = sealedLedger(stateHome, env);
  const isSame = judgeSeal(store.readSealMark(), places).kind === 'fits';
  return isSame && holdsWhatWasSealed(store, places, true);
}

/** The times that the ledger was restored, in words, the latest last. */
export const ledgerRestorations = (stateHome: string, env: NodeJS.ProcessEnv): readonly string[] =>
  readRestorations(sealedLedger(stateHome, env).places).map(restoredText);

/** What nobody was told of yet about the ledger and its seal. */
export const takeLedgerNews = (stateHome: string): readonly string[] =>
  takeNews(`${stateHome}/ledger.db`);

/** Whether there is a ledger, or was one that its seal brings back. */
export function hasLedgerIn(stateHome: string, env: NodeJS.ProcessEnv): boolean {
  const { path, places } = sealedLedger(stateHome, env);
  return existsSync(path) || newestHeader(places) !== null;
}

/** Removes copies from before upgrades of long ago. */
export const forgetBackups = (stateHome: string, now: EpochMs): void =>
  forgetBackupsOf(`${stateHome}/ledger.db`, now);

/** An empty ledger in memory, for a decision while the other cannot be used. Throws `TollgateError`. */
export const openEmptyLedger = (): Store => openSqliteStore(IN_MEMORY);

/** Whether the client says that somebody sits at it. */
export const hasKeyboard = claimsKeyboard;

/** Whether a person has taken the hooks out of a settings file since this time. */
export const wasUninstalled = (stateHome: string, since: EpochMs): boolean =>
  readInstallation(stateHome).removals.some(({ removedAt }) => removedAt >= since);

/** What a whole transcript shows to circuit breakers. */
export const readThreadSteps = threadSteps;

/** Whether a client that is started in a folder, with these variables, runs hooks of ours. */
export function runsHooksIn(folder: string, env: NodeJS.ProcessEnv): boolean {
  const { hooksInForce, scopes } = inspectSettings(findProjectRoot(folder), env);
  return hooksInForce.length > 0 || scopes.some(({ plugins }) => plugins.length > 0);
}

/** What new lines of a transcript show of tools. */
export const readToolSteps = toolSteps;

/** Where the agent keeps the transcripts of this machine's user. */
export function transcriptFolders(env: NodeJS.ProcessEnv): readonly string[] {
  return claudeFolders(env);
}

/** How the ledger is, looked at from outside. */
export function ledgerHealth(stateHome: string): LedgerHealth {
  return readLedgerHealth(`${stateHome}/ledger.db`);
}

/** Sessions of this machine's user that began at this time or later, by their transcripts. */
export function sessionsSince(sinceAt: number, env: NodeJS.ProcessEnv): readonly RecentSession[] {
  return transcriptFolders(env).flatMap((folder) => recentSessions(folder, sinceAt));
}

/** The `tollgate run` that an environment belongs to; `null` outside of one. */
export const runIdOf = (env: NodeJS.ProcessEnv): string | null => env.TOLLGATE_RUN_ID || null;

/** Who has sent the event that this process was started for. */
export const eventOrigin = (env: NodeJS.ProcessEnv, knownPid: number | null): Origin =>
  originOf(hostPidOf(env), knownPid);

/** Prices as one configuration has them. */
export const pricerFor = (config: Config): Pricer => pricerOf(config.pricing, RATE_CARDS);

/** What recording needs, for one configuration. */
export function wireRecording(
  store: Store,
  config: Config,
  env: NodeJS.ProcessEnv,
  readPlace: PlaceReader = placeReader(env, store),
) {
  return {
    agent,
    store,
    config,
    pricer: pricerFor(config),
    labels: config,
    readPlace,
    hostPid: hostPidOf(env),
    findOuter: () => findOuter(env, store),
    runId: runIdOf(env),
  };
}

/** Everything a moment needs, for one configuration. */
export function wireEvents(
  store: Store,
  config: Config,
  env: NodeJS.ProcessEnv,
  cwd: string,
  readPlace?: PlaceReader,
): EventDeps {
  return {
    ...wireRecording(store, config, env, readPlace),
    protectedFiles: () => protectedFiles(cwd, env),
    readPresence: (now) => readPresence(env, hostPids(store), now),
    // Whoever has read the files puts in how to accept what they say.
    acceptConfig: () => [],
    storeLease: null,
    storeTotals: null,
    variables: env,
    stateHome: stateHome(env),
    isClockSetBack: (now) => isClockSetBack(stateHome(env), now),
    isBatch: !claimsKeyboard(env),
    isAttended: (now) => readPresence(env, [], now).kind === 'person',
    clock: Date.now,
    wait: sleep,
  };
}

/** What runs and starts the hooks of whoever works in a folder. */
export const installedPaths = (
  stateHome: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): InstalledPaths => {
  const root = findProjectRoot(projectFolderOf(env, cwd));
  return readInstalledPaths(programFolder(), stateHome, root, env);
};

/** What only people may change: what decides over the guard, and what it remembers. */
export function protectedFiles(cwd: string, env: NodeJS.ProcessEnv): readonly string[] {
  const root = findProjectRoot(projectFolderOf(env, cwd));
  return [
    join(root, '.claude', 'settings.json'),
    join(root, '.claude', 'settings.local.json'),
    join(root, '.claude', LAUNCHER_NAME),
    ...claudeFolders(env).flatMap((folder) => [
      join(folder, 'settings.json'),
      join(folder, 'settings.local.json'),
      transcriptsPattern(folder),
      join(folder, 'plugins', 'installed_plugins.json'),
    ]),
    ...[join(root, '.mcp.json'), claudeStateFile(env)].filter(namesServer),
    places.hostManagedFolder,
    ...userFolders(env),
    ...configSources(root, env).map(({ file }) => file),
    stateHome(env),
    sealedLedger(stateHome(env), env).places[1],
    programFolder(),
  ];
}

/** The session whose agent has started this client: as the client's environment names it, else by the processes above it. */
function findOuter(env: NodeJS.ProcessEnv, store: Store): SessionId | null {
  const hostPid = hostPidOf(env);
  if (hostPid === null) return null;
  const named = sessionAround(hostPid);
  if (named !== null && store.readSession(named) !== null) return named;
  const above = ancestorsOf(hostPid);
  const sinceAt = Date.now() - DAY_MS;
  const found = store
    .readSessions({ sinceAt })
    .find((session) => session.hostPid !== null && above.includes(session.hostPid));
  return found?.sessionId ?? null;
}

/** The clients whose sessions the ledger knows. */
function hostPids(store: Store): readonly number[] {
  return store.readSessions({}).flatMap(({ hostPid }) => hostPid ?? []);
}

/** Where this program's own files are: its plugin, or `dist`, from whichever of its folders this part runs. */
function programFolder(): string {
  const built = /^.*[\\/]dist(?=[\\/]|$)/.exec(import.meta.dirname);
  return pluginRoot() ?? built?.[0] ?? import.meta.dirname;
}

/** Answers where a folder is; `null` is a folder that nobody knows. */
export type PlaceReader = (cwd: string | null) => Place;

/**
 * Reads each folder once: within one process a place does not move. With a ledger, a repository is spelled as it was when it
 * was first recorded, whatever letter case a clone's remote has.
 */
export function placeReader(
  env: NodeJS.ProcessEnv,
  store: Pick<Store, 'readSpelling'> | null = null,
): PlaceReader {
  const known = new Map<string | null, Place>();
  const spellings = new Map<string, string>();
  const memory = `${stateHome(env)}/git`;
  const spelled = (place: Place): Place => {
    if (store === null || place.repository === null) return place;
    const key = repositoryKey(place.repository);
    const repository = spellings.get(key) ?? store.readSpelling(place.repository);
    spellings.set(key, repository);
    return repository === place.repository ? place : { ...place, repository };
  };
  return (cwd) => {
    const found = known.get(cwd);
    if (found !== undefined) return found;
    const place = spelled(readPlace(cwd, env, { memory, isOwnFolder: cwd === process.cwd() }));
    known.set(cwd, place);
    return place;
  };
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
