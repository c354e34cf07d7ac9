// Responses as wholes: a client writes one line for each block of a response, and only a later one names the tool
// it asks for. Rule: the first fact of a response knows every tool of it; nothing else of what is told changes.
import type { RequestFact, TranscriptFact } from '../agents/agent.ts';

/** What takes facts in and gives them on; `end` gives on what is held back, and is called after the last one. */
export interface WholeResponses {
  readonly take: (fact: TranscriptFact) => void;
  readonly end: () => void;
}

/**
 * Holds the facts of a response back until the next one begins. A response that a reader meets in two pieces is two
 * to it: what was recorded of the first piece stays, without the tool.
 */
export function wholeResponses(tell: (fact: TranscriptFact) => void): WholeResponses {
  let held: RequestFact[] = [];
  const end = () => {
    const [first, ...others] = held;
    if (!first) return;
    held = [];
    if (others.length === 0) return tell(first);
    const all = [first, ...others].flatMap(({ toolNames }) => toolNames);
    tell(all.length === first.toolNames.length ? first : { ...first, toolNames: all });
    for (const fact of others) tell(fact);
  };
  return {
    take: (fact) => {
      if (fact.kind !== 'request') {
        end();
        tell(fact);
        return;
      }
      if (held[0] && !isSame(held[0], fact)) end();
      held.push(fact);
    },
    end,
  };
}

const isSame = (a: RequestFact, b: RequestFact): boolean =>
  a.requestId === b.requestId && a.sessionId === b.sessionId && a.copiedInto === b.copiedInto;
