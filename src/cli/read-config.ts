// The configuration of a folder, read with the schema and without the cache, and its problems as text.
import type { Config, ConfigProblem } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { configSources, findProjectRoot } from '../config/paths.ts';
import { TollgateError } from '../errors.ts';
import type { EventDeps } from '../gate/on-event.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** The configuration of the folder the command runs in. */
export function readConfig(context: CliContext, folder = context.cwd) {
  return loadConfig(configSources(findProjectRoot(folder), context.env));
}

/** What handles events, with the configuration of the folder a session works in. */
export function depsFor(session: SessionRecord, deps: EventDeps, context: CliContext): EventDeps {
  const { config } = readConfig(context, session.cwd ?? context.cwd);
  return { ...deps, config, labels: config };
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
