// What the checks of `tollgate doctor` may ask, put together from the parts of this program.
import { existsSync, statSync } from 'node:fs';
import { readHostFacts } from '../agents/claude-code/install/host-version.ts';
import {
  type InspectedSettings,
  inspectSettings,
} from '../agents/claude-code/install/inspect-settings.ts';
import { otherHomes } from '../agents/claude-code/install/other-homes.ts';
import { type RehearsalPlace, rehearse } from '../agents/claude-code/install/rehearse.ts';
import { timeToolHook } from '../agents/claude-code/install/time-hook.ts';
import { unguardedPlaces } from '../agents/claude-code/install/unguarded-places.ts';
import { loadConfig } from '../config/load.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import type { DoctorWorld, PlanFacts } from '../doctor/check.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { readLosses } from '../gate/guard-loss.ts';
import { noteSync } from '../ingest/sync/background.ts';
import { unusableFiles } from '../ingest/torn-end.ts';
import { RATE_CARDS } from '../pricing/rate-cards.ts';
import { pathSystemOf } from '../runtime/local-path.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';
import { untold } from '../runtime/processes.ts';
import type { ChannelHealth } from '../stores/store.ts';
import {
  ledgerHealth,
  ledgerRestorations,
  makeTrialLedger,
  openLedger,
  readDriverFacts,
  sessionsSince,
} from '../wire.ts';
import type { CliContext } from './command.ts';
import { knownSessions } from './context.ts';
import { packageFolder } from './init-plan.ts';

export function doctorWorld(context: CliContext): DoctorWorld {
  const { env, now } = context;
  const projectRoot = findProjectRoot(context.cwd);
  const readSettings = () => inspectSettings(projectRoot, env);
  return {
    now,
    nodeVersion: process.versions.node,
    untold,
    stateHome: stateHome(env),
    projectRoot,
    readDriver: readDriverFacts,
    readSettings,
    readHost: once(() => readHostFacts(env)),
    rehearse: () => {
      const entries = readSettings().hooksInForce.map(({ event, hook }) => {
        return { event, group: { hooks: [hook] as const } };
      });
      return rehearse({ ...rehearsalPlace(context), entries });
    },
    timeHook: () => timeToolHook(readSettings().hooksInForce, rehearsalPlace(context)),
    readConfig: once(() => {
      // The ceiling that comes with the plugin holds for the sessions the plugin guards.
      const plugin = pluginRoot() ?? readSettings().pluginFolder;
      return loadConfig(configSources(projectRoot, env, undefined, undefined, plugin));
    }),
    readLedger: () => ledgerHealth(stateHome(env)),
    readRestorations: () => ledgerRestorations(stateHome(env), env),
    readTranscripts: (sinceAt) => sessionsOfProject(projectRoot, readSettings(), sinceAt, env),
    readOtherHomes: () => otherHomes(pathSystemOf(env)),
    readUnusable: () => readUnusable(stateHome(env), env),
    readHookedSessions: () => new Set(hookedSessions(context).map(({ sessionId }) => sessionId)),
    readGuardLosses: () => readLosses(stateHome(env)),
    readUnguardedPlaces: () => unguardedPlaces(stateHome(env), projectRoot),
    installedAt: () => installedAt(readSettings(), context),
    readChannelHealth: () => readChannelHealth(stateHome(env), env),
    readPlan: () => readPlan(stateHome(env), env, now),
    pricesReadOn: /\d{4}-\d\d-\d\d/.exec(RATE_CARDS.map(({ id }) => id).join())?.[0] ?? '',
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone ?? '',
    reinstall: async (scope) => {
      const { run } = await import('./commands/init.ts');
      await run([], { scope, yes: true }, { ...context, print: () => {} });
    },
  };
}

/** Where installed hooks are run for a trial. */
export function rehearsalPlace(context: CliContext): RehearsalPlace {
  return {
    projectRoot: findProjectRoot(context.cwd),
    environment: context.env,
    packageFolder: packageFolder(),
    prepare: (folder) => {
      makeTrialLedger(folder);
      noteSync(folder);
    },
  };
}

/** Reads where each transcript was read to; nothing where there is no ledger. */
function readUnusable(home: string, env: NodeJS.ProcessEnv): ReturnType<typeof unusableFiles> {
  if (!existsSync(`${home}/ledger.db`)) return [];
  const store = openLedger(home, env);
  try {
    return unusableFiles(store.readCheckpoints());
  } finally {
    store.close();
  }
}

/** How channels have fared; nothing where there is no ledger. */
function readChannelHealth(home: string, env: NodeJS.ProcessEnv): readonly ChannelHealth[] {
  if (!existsSync(`${home}/ledger.db`)) return [];
  const store = openLedger(home, env);
  try {
    return store.readChannelHealth();
  } finally {
    store.close();
  }
}

const NO_PLAN: PlanFacts = { readings: [], problems: [] };

/** What Claude Code has told of a plan; nothing where there is no ledger. */
function readPlan(home: string, env: NodeJS.ProcessEnv, now: EpochMs): PlanFacts {
  if (!existsSync(`${home}/ledger.db`)) return NO_PLAN;
  const store = openLedger(home, env);
  try {
    return {
      readings: store.readPlanWindowNames().flatMap((name) => store.readPlanReadings(name, 1)),
      problems: store.readPlanProblems(now - 7 * DAY_MS),
    };
  } finally {
    store.close();
  }
}

/** Sessions that a hook has told of: only a hook knows the host's process, or that a session has ended. */
function hookedSessions(context: CliContext) {
  return knownSessions(context).filter(
    ({ hostPid, endedAt }) => hostPid !== null || endedAt !== null,
  );
}

const hasHooks = ({ hooks, plugins }: InspectedSettings['scopes'][number]): boolean =>
  hooks.length > 0 || plugins.length > 0;

/** When hooks of ours came into the settings, at the latest; `null`: they are in none. */
function installedAt({ scopes }: InspectedSettings, context: CliContext): EpochMs | null {
  const files = scopes.filter(hasHooks).map(({ file }) => file);
  if (files.length === 0) return null;
  const written = files.map((file) => statSync(file).mtimeMs);
  const heard = hookedSessions(context).map(({ startedAt }) => startedAt);
  return Math.min(...written, ...heard);
}

/** Sessions that our hooks should have met: those of this project, or all where the hooks are the user's. */
function sessionsOfProject(
  projectRoot: string,
  { scopes }: InspectedSettings,
  sinceAt: EpochMs,
  env: NodeJS.ProcessEnv,
): ReturnType<typeof sessionsSince> {
  const isEverywhere = scopes.some(
    (each) => (each.scope === 'user' || each.scope === 'managed') && hasHooks(each),
  );
  return sessionsSince(sinceAt, env).filter(
    ({ cwd }) => isEverywhere || (cwd !== null && findProjectRoot(cwd) === projectRoot),
  );
}

/** The same answer each time, found out when it is first asked for. */
function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}
