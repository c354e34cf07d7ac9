// What the checks of `tollgate doctor` may ask, put together from the parts of this program.
import { statSync } from 'node:fs';
import { readHostFacts } from '../agents/claude-code/install/host-version.ts';
import {
  type InspectedSettings,
  inspectSettings,
} from '../agents/claude-code/install/inspect-settings.ts';
import {
  openRehearsal,
  type RehearsalPlace,
  rehearse,
} from '../agents/claude-code/install/rehearse.ts';
import {
  type RecentSession,
  recentSessions,
} from '../agents/claude-code/transcript/recent-sessions.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import type { DoctorWorld } from '../doctor/check.ts';
import type { EpochMs } from '../domain/time.ts';
import { noteSync } from '../ingest/sync/background.ts';
import { RATE_CARDS } from '../pricing/rate-cards.ts';

import { readLedgerHealth } from '../stores/sqlite/ledger-health.ts';
import { openLedger, readDriverFacts, transcriptFolders } from '../wire.ts';
import type { CliContext } from './command.ts';
import { knownSessions } from './context.ts';
import { packageFolder } from './init-plan.ts';
import { readConfig } from './read-config.ts';

/** Hooks and bare Node are timed this often, in turn. */
const TIMED_ROUNDS = 5;

export function doctorWorld(context: CliContext): DoctorWorld {
  const { env, now } = context;
  const projectRoot = findProjectRoot(context.cwd);
  const readSettings = () => inspectSettings(projectRoot, env);
  return {
    now,
    nodeVersion: process.versions.node,
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
    timeHook: () => timeHook(readSettings(), rehearsalPlace(context)),
    readConfig: once(() => readConfig(context)),
    readLedger: () => readLedgerHealth(`${stateHome(env)}/ledger.db`),
    readTranscripts: (sinceAt) => sessionsOfProject(projectRoot, readSettings(), sinceAt, env),
    readHookedSessions: () => new Set(hookedSessions(context).map(({ sessionId }) => sessionId)),
    installedAt: () => installedAt(readSettings(), context),
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
      openLedger(folder).close();
      noteSync(folder);
    },
  };
}

/** Sessions that a hook has told of: only a hook knows the host's process, or that a session has ended. */
export function hookedSessions(context: CliContext) {
  return knownSessions(context).filter(
    ({ hostPid, endedAt }) => hostPid !== null || endedAt !== null,
  );
}

/** When hooks of ours came into the settings, at the latest; `null`: they are in none. */
export function installedAt({ scopes }: InspectedSettings, context: CliContext): EpochMs | null {
  const files = scopes.filter(({ hooks }) => hooks.length > 0).map(({ file }) => file);
  if (files.length === 0) return null;
  const written = files.map((file) => statSync(file).mtimeMs);
  const heard = hookedSessions(context).map(({ startedAt }) => startedAt);
  return Math.min(...written, ...heard);
}

/** Sessions that our hooks should have met: those of this project, or all where the hooks are the user's. */
export function sessionsOfProject(
  projectRoot: string,
  { scopes }: InspectedSettings,
  sinceAt: EpochMs,
  env: NodeJS.ProcessEnv,
): readonly RecentSession[] {
  const isEverywhere = scopes.some(
    ({ scope, hooks }) => (scope === 'user' || scope === 'managed') && hooks.length > 0,
  );
  return transcriptFolders(env)
    .flatMap((folder) => recentSessions(folder, sinceAt))
    .filter(({ cwd }) => isEverywhere || (cwd !== null && findProjectRoot(cwd) === projectRoot));
}

async function timeHook({ hooksInForce }: InspectedSettings, place: RehearsalPlace) {
  const found = hooksInForce.find(({ event, isResident }) => event === 'PreToolUse' && !isResident);
  const hook = found?.hook;
  if (hook?.type !== 'command' || found?.missingFiles.length !== 0) return null;
  const session = openRehearsal(place);
  try {
    const bare = { ...hook, command: process.execPath, args: ['-e', '0'] };
    const [hookMs, nodeMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < TIMED_ROUNDS; round += 1) {
      hookMs.push((await session.run('PreToolUse', hook)).ms);
      nodeMs.push((await session.run('PreToolUse', bare)).ms);
    }
    return { hookMs: median(hookMs), nodeMs: median(nodeMs) };
  } finally {
    session.remove();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The same answer each time, found out when it is first asked for. */
function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}
