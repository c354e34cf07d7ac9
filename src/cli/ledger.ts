// What commands that read money share: the ledger, the configuration, and a session as people see it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, ConfigProblem } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { configSources, findProjectRoot, stateHome } from '../config/paths.ts';
import { TollgateError } from '../errors.ts';
import type { EventDeps } from '../gate/on-event.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import { openLedger, wireEvents } from '../wire.ts';
import type { CliContext } from './command.ts';

/** The configuration of the folder the command runs in. */
export function readConfig(context: CliContext, folder = context.cwd) {
  return loadConfig(configSources(findProjectRoot(folder), context.env));
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
      hint: 'mend what is named above; tollgate config shows what is in force meanwhile',
    });
  }
  return config;
}

/** `file:line:column path: message hint` on one line. */
export function problemText({ file, path, at, message, hint }: ConfigProblem): string {
  const where = `${file}${at ? `:${at.line}:${at.column}` : ''}`;
  return `${where}${path ? ` ${path}` : ''}: ${message} ${hint}`;
}

/** Whether there is a ledger at all; reading must not make an empty one. */
export function hasLedger(context: CliContext): boolean {
  return existsSync(join(stateHome(context.env), 'ledger.db'));
}

/** Opens the ledger for the length of `work`. */
export async function withLedger<T>(
  context: CliContext,
  config: Config,
  work: (store: Store, deps: EventDeps) => T | Promise<T>,
): Promise<T> {
  const store = openLedger(stateHome(context.env));
  try {
    return await work(store, wireEvents(store, config, context.env, context.cwd));
  } finally {
    store.close();
  }
}

/** The sessions the ledger knows; none where there is no ledger. */
export function knownSessions(context: CliContext): readonly SessionRecord[] {
  if (!hasLedger(context)) return [];
  const store = openLedger(stateHome(context.env));
  try {
    return store.readSessions({});
  } finally {
    store.close();
  }
}
