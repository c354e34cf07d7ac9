// The configuration of a folder, read with the schema and without the cache, and its problems as text.
import type { Config, ConfigProblem } from '../config/config.ts';
import { type CachedConfig, readCachedConfig } from '../config/config-cache.ts';
import { type ConfigInForce, type InForceQuery, readConfigInForce } from '../config/in-force.ts';
import { loadConfig } from '../config/load.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import type { SessionId } from '../domain/ids.ts';
import type { HaltRecord } from '../domain/verdict.ts';
import { TollgateError } from '../errors.ts';
import type { EventDeps } from '../gate/on-event.ts';
import { readStandingHalt } from '../gate/standing-halts.ts';
import { VERSION } from '../runtime/version.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** The configuration of the folder the command runs in. */
export function readConfig(context: CliContext, folder = context.cwd) {
  return loadConfig(configSources(findProjectRoot(folder), context.env));
}

/** What handles events, with the configuration in force for a session. */
export function depsFor(session: SessionRecord, deps: EventDeps, context: CliContext): EventDeps {
  const folder = session.cwd ?? context.cwd;
  const { config } = configInForceAt(folder, deps.store, context, session.sessionId);
  return { ...deps, config, labels: config };
}

/** The halt that stands for a session under its own configuration; `null`: none does. Opens transactions of its own. */
export function standingHaltOf(
  session: SessionRecord,
  deps: EventDeps,
  context: CliContext,
): HaltRecord | null {
  // Most sessions were never halted, and need not be asked about.
  if (deps.store.readHalt(session.sessionId) === null) return null;
  const own = depsFor(session, deps, context);
  return deps.store.immediately(() => readStandingHalt(session, own, context.now));
}

/** What the files of a folder ask for, and how to compare it with what is held of them. */
export function askedAt(
  folder: string,
  context: CliContext,
): { readonly known: CachedConfig; readonly query: InForceQuery } {
  const sources = configSources(findProjectRoot(folder), context.env);
  const at = context.now;
  const home = stateHome(context.env);
  const options = { stateHome: home, programVersion: VERSION, at, loadFully: loadConfig };
  const outside = { sessionId: null, binds: false, confirms: false };
  return {
    known: readCachedConfig(sources, options),
    query: { sources, loadFully: loadConfig, at, ...outside },
  };
}

/** The configuration in force in a folder, for a session or for whoever begins one there. */
export function configInForceAt(
  folder: string,
  store: Store,
  context: CliContext,
  sessionId: SessionId | null = null,
): ConfigInForce {
  const { known, query } = askedAt(folder, context);
  return readConfigInForce(known, { ...query, sessionId }, store);
}

/** Stops on a configuration with mistakes: figures against wrong ceilings would mislead. */
export function requireConfig(context: CliContext, folder = context.cwd): Config {
  const { config, problems } = readConfig(context, folder);
  const mistakes = problems.filter(({ kind }) => kind === 'mistake');
  for (const problem of problems) context.emit(`tollgate: ${problemText(problem)}`);
  if (mistakes.length > 0) {
    throw new TollgateError({
      code: 'CONFIG_MISTAKES',
      message: `the configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}`,
      hint: 'correct what is named above; tollgate config shows what is in force meanwhile',
    });
  }
  return config;
}

/** `file:line:column path: message hint` on one line. */
export function problemText({ file, path, at, message, hint }: ConfigProblem): string {
  const where = `${file}${at ? `:${at.line}:${at.column}` : ''}`;
  return `${where}${path ? ` ${path}` : ''}: ${message} ${hint}`;
}
