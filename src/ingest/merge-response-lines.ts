// Merges the lines of a response: an agent writes one for each block, and only a later one names the tool it asks for.
// Rule: a response is emitted once for each usage that its lines give, at the first of their instants, and the first of
// these facts has the name of every tool.
import type { RequestFact, TranscriptFact } from '../agents/agent.ts';

/** Takes facts in and emits them merged; `end` emits what is held back, and is called after the last one. */
export interface ResponseMerger {
  readonly take: (fact: TranscriptFact) => void;
  readonly end: () => void;
}

/**
 * Holds the facts of a response back until the next one begins. A response that a reader meets in two pieces is two
 * to it: what was recorded of the first piece stays, without the tool.
 */
export function mergeResponseLines(emit: (fact: TranscriptFact) => void): ResponseMerger {
  let held: RequestFact[] = [];
  const end = () => {
    const [first, ...others] = held;
    if (!first) return;
    held = [];
    const names = others.flatMap((fact) => fact.toolNames);
    emit(addTools(first, [], names));
    for (const fact of others) emit(fact);
  };
  return {
    take: (fact) => {
      if (fact.kind !== 'request') {
        end();
        emit(fact);
        return;
      }
      if (held[0] && !isSame(held[0], fact)) end();
      const latest = held.at(-1);
      if (latest && saysSame(latest, fact)) {
        held[held.length - 1] = addTools(latest, fact.toolUseIds, fact.toolNames);
      } else {
        held.push(fact);
      }
    },
    end,
  };
}

const isSame = (a: RequestFact, b: RequestFact): boolean =>
  a.requestId === b.requestId &&
  a.responseKey === b.responseKey &&
  a.sessionId === b.sessionId &&
  a.copiedInto === b.copiedInto;

/**
 * Whether two lines say the same of what is paid for. What few responses have is not looked into, and counts as something
 * else.
 */
function saysSame(a: RequestFact, b: RequestFact): boolean {
  const [first, second] = [a.report.usage, b.report.usage];
  return (
    first.inputTokens === second.inputTokens &&
    first.outputTokens === second.outputTokens &&
    first.cacheReadTokens === second.cacheReadTokens &&
    first.cacheWrite5mTokens === second.cacheWrite5mTokens &&
    first.cacheWrite1hTokens === second.cacheWrite1hTokens &&
    first.webSearchCount === second.webSearchCount &&
    a.report.speed === b.report.speed &&
    a.report.inferenceGeo === b.report.inferenceGeo &&
    a.interrupted === b.interrupted &&
    hasTotalsOnly(a) &&
    hasTotalsOnly(b)
  );
}

const hasTotalsOnly = ({ report, paused }: RequestFact): boolean =>
  paused.length === 0 &&
  report.messageIterations.length === 0 &&
  report.advisors.length === 0 &&
  report.compactions.length === 0;

function addTools(
  fact: RequestFact,
  ids: readonly string[],
  names: readonly string[],
): RequestFact {
  if (ids.length === 0 && names.length === 0) return fact;
  const toolUseIds = joined(fact.toolUseIds, ids);
  return { ...fact, toolUseIds, toolNames: [...fact.toolNames, ...names] };
}

/** The tools of one response, which its lines name one by one; mostly one line names them all. */
export function joined(known: readonly string[], more: readonly string[]): readonly string[] {
  if (known.length === 0) return more;
  return more.length === 0 ? known : [...new Set([...known, ...more])];
}
