// Responses as wholes: a client writes one line for each block of a response, and only a later one names the tool
// it asks for. Rule: the first fact of a response knows every tool of it; nothing else of what is told changes.
import { type RequestFact, type TranscriptFact, toldAgain } from '../agents/agent.ts';

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
    const facts = held;
    const first = facts[0];
    if (!first) return;
    held = [];
    const names = facts.length === 1 ? first.toolNames : facts.flatMap((fact) => fact.toolNames);
    const isWhole = names.length === first.toolNames.length;
    tell(isWhole ? first : toldAgain(first, first.occurredAt, first.toolUseIds, names));
    for (let index = 1; index < facts.length; index += 1) tell(facts[index] as RequestFact);
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
