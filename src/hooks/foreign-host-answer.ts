// The answer to another program that runs our hooks. Rule: it is told once for each program, no session of it reaches
// the ledger, and it is refused only where a person configured that.

import type { Answer } from '../agents/agent.ts';
import { projectFolderOf } from '../agents/claude-code/environment.ts';
import { FOREIGN_HOST } from '../agents/claude-code/events/event.ts';
import type { CachedConfig } from '../config/config-cache.ts';
import { stateHome } from '../config/paths.ts';
import { toPerson } from '../domain/breach-text.ts';
import { sessionId } from '../domain/ids.ts';
import type { Breach } from '../domain/verdict.ts';
import { TollgateError } from '../errors.ts';

/** Whether reading an event failed because another program sent it. */
export const isForeignHost = (error: unknown): error is TollgateError =>
  error instanceof TollgateError && error.code === FOREIGN_HOST;

/** Allows it, with a word the first time, or refuses it; a configuration that cannot be read allows. */
export function answerForeignHost(
  host: string,
  text: string,
  env: NodeJS.ProcessEnv,
  readConfigFor: (folder: string, env: NodeJS.ProcessEnv) => CachedConfig,
): Answer {
  const { config } = readConfigFor(projectFolderOf(env, folderOf(text)), env);
  const isRefused = config.foreignHosts === 'refuse';
  const breach: Breach = { code: 'FOREIGN_HOST', host, isRefused };
  const said = toPerson(breach, sessionId('unknown'));
  return {
    verdict: { kind: isRefused ? 'deny' : 'allow', breaches: [breach] },
    forPerson: isRefused || isFirst(host, stateHome(env)) ? said : null,
    forModel: null,
    reason: isRefused ? said : null,
  };
}

/** The folder the program works in: `cwd`, or the first of its workspace's. */
function folderOf(text: string): string {
  const { cwd, workspace_roots: roots } = JSON.parse(text) as Record<string, unknown>;
  const named: unknown = typeof cwd === 'string' ? cwd : Array.isArray(roots) ? roots[0] : null;
  return typeof named === 'string' ? named : process.cwd();
}

/** True once for each program; also where nothing can be remembered. */
function isFirst(host: string, home: string): boolean {
  const { mkdirSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const folder = `${home}/foreign-hosts`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${folder}/${host.replaceAll(' ', '-')}`, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
}
