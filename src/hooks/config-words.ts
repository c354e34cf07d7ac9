// What an answer says of the configuration: mistakes, what waits to be accepted, and ceilings that are not known.
import type { AgentEvent, Answer, Moment } from '../agents/agent.ts';
import type { Config, ConfigProblem } from '../config/config.ts';
import type { CachedConfig } from '../config/config-cache.ts';
import { changeText, differenceText } from '../config/differences.ts';
import type { ConfigInForce } from '../config/in-force.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Breach } from '../domain/verdict.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';
import { pluginDefaultsRemark } from './plugin-words.ts';

/** Moments at which a person reads what a hook has to say about itself. */
const TELLS_PROBLEMS: ReadonlySet<Moment> = new Set<Moment>(['session-start', 'prompt']);

/** The answer with what a person is to know of the configuration at this moment. */
export function withWords(
  answered: Answer,
  { moment, source }: AgentEvent,
  known: ConfigInForce,
  remarks: () => readonly (string | null)[],
): Answer {
  if (!TELLS_PROBLEMS.has(moment)) return withWaiting(answered, known, false);
  const told = remarks().reduce(
    withRemark,
    withWaiting(withProblems(answered, known), known, true),
  );
  return source === 'startup' || source === 'clear'
    ? withRemark(told, pluginDefaultsRemark(known.config, pluginRoot()))
    : told;
}

export const withRemark = (given: Answer, remark: string | null): Answer =>
  remark === null
    ? given
    : { ...given, forPerson: [remark, given.forPerson].filter(Boolean).join('\n') };

/** Where a ceiling is not known, nothing goes on under it; a refusal of the gate's own stays as it is. */
export function withUnreadCeiling(
  answered: Answer,
  unread: ConfigProblem | null,
  onFailure: Config['onFailure'],
  session: SessionId,
): Answer {
  const { kind, breaches } = answered.verdict;
  if (unread === null || kind === 'halt' || kind === 'deny') return answered;
  const { file, path, message, hint } = unread;
  const breach: Breach = { code: 'NO_CEILING', file, path, detail: `${message} ${hint}` };
  const halts = onFailure === 'halt';
  return {
    ...answered,
    verdict: { kind: halts ? 'halt' : 'warn', breaches: [breach, ...breaches] },
    reason: halts ? toPerson(breach, session) : null,
  };
}

/** What counts only when a person accepts it, and what was found to be a person's own change. */
function withWaiting(given: Answer, known: ConfigInForce, isAsked: boolean): Answer {
  const { loosened } = known;
  // At a prompt each time, in the middle of a turn once.
  const waiting = known.isNews || isAsked ? known.waiting : [];
  const lines = [
    ...(loosened.length === 0
      ? []
      : ['Tollgate: the configuration was changed while no session ran, and counts from now on:']),
    ...loosened.map((each) => `  ${changeText(each)}`),
    ...(waiting.length === 0
      ? []
      : [
          'Tollgate: the configuration was loosened while a session ran; that does not count yet:',
          ...waiting.map((each) => `  ${differenceText(each)}`),
          ACCEPT_HINT,
        ]),
  ];
  return lines.length === 0 ? given : withRemark(given, lines.join('\n'));
}

const ACCEPT_HINT =
  'To let it count: /budget accept, or tollgate accept in a terminal of your own.';

function withProblems(given: Answer, known: CachedConfig): Answer {
  if (known.problems.length === 0) return given;
  const told = known.problems.map(({ file, path, at, message, hint }) => {
    const where = `${file}${at ? `:${at.line}:${at.column}` : ''}${path ? ` ${path}` : ''}`;
    return `Tollgate configuration: ${where}: ${message} ${hint}`;
  });
  if (known.basis === 'last-good') {
    told.push('Until that is mended the last configuration without mistakes holds.');
  }
  return { ...given, forPerson: [given.forPerson, ...told].filter(Boolean).join('\n') };
}
