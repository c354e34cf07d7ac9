// Facts as few flat arrays, for the way from a scanning thread to the recording one: cloning thousands of
// small objects would cost more than scanning them. Rule: what is decoded equals what was encoded.
import type { RequestFact, TranscriptFact } from '../../agents/agent.ts';
import type { Usage } from '../../domain/usage.ts';

/** Numbers are read in order; some of them are places in the texts. */
export interface EncodedFacts {
  readonly numbers: Float64Array;
  readonly texts: readonly string[];
  /** Facts that are rare, or requests that no table describes, as they are. */
  readonly others: readonly TranscriptFact[];
}

/** Encodes facts one by one, so that none of them has to be kept. */
export interface FactEncoder {
  readonly add: (fact: TranscriptFact) => void;
  readonly encoded: () => EncodedFacts;
}

/** Either writes each value it is given and gives it back, or gives back the next value that was written. */
interface Archive {
  readonly number: (value: number) => number;
  /** A text that other facts have, too, is kept once. */
  readonly text: <T extends string | null>(text: T) => T;
  /** A text that no other fact has is not looked for. */
  readonly uniqueText: <T extends string>(text: T) => T;
}

const REQUEST = 0;
const OTHER = 1;
/** In place of `null`, where a text or a number from 0 up could be. */
const NONE = -1;
const FIRST_CAPACITY = 2 * 1024;
const EMPTY: readonly never[] = [];

/** The fields of a request, in order, for both ways; without what few of them have, see `hasCommonFieldsOnly`. */
const requestIn = (io: Archive, fact: RequestFact): RequestFact => ({
  kind: 'request',
  requestId: io.uniqueText(fact.requestId),
  responseKey: optionalNumberIn(io, fact.responseKey),
  sessionId: io.text(fact.sessionId),
  copiedInto: io.text(fact.copiedInto),
  agentId: io.text(fact.agentId),
  turnId: io.text(fact.turnId),
  occurredAt: io.number(fact.occurredAt),
  model: io.text(fact.model),
  report: {
    usage: usageIn(io, fact.report.usage),
    speed: io.text(fact.report.speed),
    inferenceGeo: io.text(fact.report.inferenceGeo),
    messageIterations: listIn(io, fact.report.messageIterations, (each) => usageIn(io, each)),
    advisors: EMPTY,
    compactions: EMPTY,
  },
  paused: EMPTY,
  interrupted: io.number(fact.interrupted ? 1 : 0) === 1,
  writtenCostNanoUsd: optionalNumberIn(io, fact.writtenCostNanoUsd),
  cwd: io.text(fact.cwd),
  branch: io.text(fact.branch),
  toolUseIds: listIn(io, fact.toolUseIds, io.uniqueText),
  toolNames: listIn(io, fact.toolNames, io.text),
  skill: io.text(fact.skill),
  plugin: io.text(fact.plugin),
  mcpServer: io.text(fact.mcpServer),
});

const usageIn = (io: Archive, usage: Usage): Usage => ({
  inputTokens: io.number(usage.inputTokens),
  outputTokens: io.number(usage.outputTokens),
  cacheReadTokens: io.number(usage.cacheReadTokens),
  cacheWrite5mTokens: io.number(usage.cacheWrite5mTokens),
  cacheWrite1hTokens: io.number(usage.cacheWrite1hTokens),
  webSearchCount: io.number(usage.webSearchCount),
});

function optionalNumberIn(io: Archive, given: number | null): number | null {
  const value = io.number(given ?? NONE);
  return value === NONE ? null : value;
}

function listIn<T>(io: Archive, list: readonly T[], itemIn: (item: T) => T): readonly T[] {
  const length = io.number(list.length);
  if (length === 0) return EMPTY;
  const items: T[] = [];
  for (let index = 0; index < length; index += 1) items.push(itemIn(list[index] as T));
  return items;
}

const hasCommonFieldsOnly = ({ report, paused }: RequestFact): boolean =>
  paused.length === 0 && report.advisors.length === 0 && report.compactions.length === 0;

export function factEncoder(): FactEncoder {
  let numbers = new Float64Array(FIRST_CAPACITY);
  let used = 0;
  const texts: string[] = [];
  const others: TranscriptFact[] = [];
  const known = new Map<string, number>();

  const number = (value: number): number => {
    if (used === numbers.length) {
      const larger = new Float64Array(numbers.length * 2);
      larger.set(numbers);
      numbers = larger;
    }
    numbers[used++] = value;
    return value;
  };
  const writer: Archive = {
    number,
    text: (text) => {
      if (text === null) {
        number(NONE);
        return text;
      }
      let at = known.get(text);
      if (at === undefined) {
        at = texts.push(text) - 1;
        known.set(text, at);
      }
      number(at);
      return text;
    },
    uniqueText: (text) => {
      number(texts.push(text) - 1);
      return text;
    },
  };
  return {
    add: (fact) => {
      if (fact.kind === 'request' && hasCommonFieldsOnly(fact)) {
        number(REQUEST);
        requestIn(writer, fact);
      } else {
        number(OTHER);
        others.push(fact);
      }
    },
    encoded: () => ({ numbers: numbers.slice(0, used), texts, others }),
  };
}

/** Stands for the fact where there is only one to come; a reader looks at nothing in it. */
const NO_FACT = {
  report: { usage: {}, messageIterations: EMPTY },
  toolUseIds: EMPTY,
  toolNames: EMPTY,
} as unknown as RequestFact;

/** Emits the encoded facts, in order. */
export function decodeFacts(encoded: EncodedFacts, emit: (fact: TranscriptFact) => void): void {
  const { numbers, texts, others } = encoded;
  let at = 0;
  let other = 0;
  const next = (): number => numbers[at++] ?? 0;
  const nextText = () => {
    const index = next();
    return (index === NONE ? null : (texts[index] ?? null)) as never;
  };
  const reader: Archive = { number: next, text: nextText, uniqueText: nextText };
  while (at < numbers.length) {
    const fact = next() === REQUEST ? requestIn(reader, NO_FACT) : others[other++];
    if (fact) emit(fact);
  }
}
