// What hooks say of an installation that is not as it was: this program's files, Node, the database's driver, and the settings that start
// them. Rule: where a turn begins or ends, so that no tool call waits for it.
import type { AgentEvent, Answer, Moment } from '../agents/agent.ts';
import { takeChangedFiles } from '../config/installed-files.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { EpochMs } from '../domain/time.ts';
import { rewrittenRemark } from '../gate/rewritten-transcript.ts';
import type { GateDeps } from '../gate/types.ts';
import { installedPaths } from '../wire.ts';
import { withRemark } from './config-words.ts';

const LOOKS: ReadonlySet<Moment> = new Set<Moment>(['session-start', 'prompt', 'turn-end']);

/** The answer, with what was changed behind Tollgate's back: transcripts and the installation. */
export function withTampering(
  asked: Answer,
  event: AgentEvent,
  deps: GateDeps & { readonly stateHome: string },
  env: NodeJS.ProcessEnv,
): Answer {
  const now = Date.now();
  const remarks = [
    rewrittenRemark(event, deps, now),
    programRemark(event, deps.store, deps.stateHome, env, now),
  ];
  return remarks.reduce(withRemark, asked);
}

/** What to tell of the installation; `null`: nothing, or nobody looks now. */
function programRemark(
  { moment, sessionId, cwd }: AgentEvent,
  store: GateDeps['store'],
  stateHome: string,
  env: NodeJS.ProcessEnv,
  now: EpochMs,
): string | null {
  if (!LOOKS.has(moment)) return null;
  const changed = takeChangedFiles(stateHome, installedPaths(stateHome, cwd, env));
  if (changed === null) return null;
  const files = [...changed.program, ...changed.node, ...changed.driver];
  const faults = changed.settings.length === 0 ? [] : settingsFaults(cwd, env);
  if (files.length === 0 && faults.length === 0) return null;
  const breach = { code: 'INSTALLATION_CHANGED', files, faults } as const;
  const verdict = { kind: 'warn', breaches: [breach] } as const;
  store.immediately(() => store.recordDecision({ at: now, sessionId, moment, verdict }));
  return toPerson(breach, sessionId);
}

type Watch = typeof import('./installation-watch.ts');
const settingsFaults = (cwd: string, env: NodeJS.ProcessEnv): readonly string[] =>
  (require('./installation-watch.ts') as Watch).installationProblems(cwd, env);
