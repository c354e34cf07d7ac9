// Facts as few flat arrays, for the way from a scanning thread to the recording one: cloning thousands of
// small objects would cost more than scanning them. Rule: what is unpacked equals what was packed.
import type { RequestFact, TranscriptFact } from '../../agents/agent.ts';
import { agentId, requestId, sessionId, turnId } from '../../domain/ids.ts';
import type { Usage } from '../../domain/usage.ts';

/** Packed facts: numbers are read in step, and point into the texts. */
export interface PackedFacts {
  readonly numbers: Float64Array;
  readonly texts: readonly string[];
  /** Facts that are rare, or requests that are more than their counts; as they are. */
  readonly others: readonly TranscriptFact[];
}

const REQUEST = 0;
const OTHER = 1;
/** Stands for `null` where a text or a cost could be. */
const NONE = -1;
const NOTHING: readonly never[] = [];
const ROOM_AT_FIRST = 16 * 1024;

/** Packs facts one by one, so that none of them has to be kept. */
export interface Packer {
  readonly add: (fact: TranscriptFact) => void;
  readonly parcel: () => PackedFacts;
}

export function packer(): Packer {
  let numbers = new Float64Array(ROOM_AT_FIRST);
  let used = 0;
  const texts: string[] = [];
  const others: TranscriptFact[] = [];
  const known = new Map<string, number>();

  const put = (value: number) => {
    if (used === numbers.length) {
      const larger = new Float64Array(numbers.length * 2);
      larger.set(numbers);
      numbers = larger;
    }
    numbers[used++] = value;
  };
  const putText = (text: string | null) => {
    if (text === null) return put(NONE);
    let at = known.get(text);
    if (at === undefined) {
      at = texts.push(text) - 1;
      known.set(text, at);
    }
    put(at);
  };
  /** For texts that are told once, which nobody has to look for. */
  const putNewText = (text: string) => put(texts.push(text) - 1);
  const putUsage = (usage: Usage) => {
    put(usage.inputTokens);
    put(usage.outputTokens);
    put(usage.cacheReadTokens);
    put(usage.cacheWrite5mTokens);
    put(usage.cacheWrite1hTokens);
    put(usage.webSearchCount);
  };

  const add = (fact: TranscriptFact) => {
    if (fact.kind !== 'request' || !isPlain(fact)) {
      others.push(fact);
      put(OTHER);
      return;
    }
    const { report } = fact;
    put(REQUEST);
    putNewText(fact.requestId);
    putText(fact.sessionId);
    putText(fact.copiedInto);
    putText(fact.agentId);
    putText(fact.turnId);
    put(fact.occurredAt);
    putText(fact.model);
    putText(report.speed);
    putText(report.inferenceGeo);
    putUsage(report.usage);
    put(report.messageIterations.length);
    for (const step of report.messageIterations) putUsage(step);
    put(fact.interrupted ? 1 : 0);
    put(fact.writtenCostNanoUsd ?? NONE);
    putText(fact.cwd);
    putText(fact.branch);
    putText(fact.skill);
    putText(fact.plugin);
    putText(fact.mcpServer);
    put(fact.toolUseIds.length);
    for (const id of fact.toolUseIds) putNewText(id);
    put(fact.toolNames.length);
    for (const name of fact.toolNames) putText(name);
  };
  return { add, parcel: () => ({ numbers: numbers.slice(0, used), texts, others }) };
}

/** Tells the packed facts, in order. */
export function unpackFacts(parcel: PackedFacts, emit: (fact: TranscriptFact) => void): void {
  const { numbers, texts, others } = parcel;
  let at = 0;
  let other = 0;
  const next = (): number => numbers[at++] ?? 0;
  const text = (): string | null => {
    const index = next();
    return index === NONE ? null : (texts[index] ?? null);
  };
  const list = (): readonly string[] => {
    const length = next();
    if (length === 0) return NOTHING;
    const found: string[] = [];
    for (let index = 0; index < length; index += 1) found.push(text() ?? '');
    return found;
  };
  const usage = (): Usage => ({
    inputTokens: next(),
    outputTokens: next(),
    cacheReadTokens: next(),
    cacheWrite5mTokens: next(),
    cacheWrite1hTokens: next(),
    webSearchCount: next(),
  });
  const steps = (): readonly Usage[] => {
    const length = next();
    return length === 0 ? NOTHING : Array.from({ length }, usage);
  };
  while (at < numbers.length) {
    const kind = next();
    if (kind === OTHER) {
      const fact = others[other++];
      if (fact) emit(fact);
      continue;
    }
    // Every field is named here, so that a new one cannot be forgotten.
    emit({
      kind: 'request',
      requestId: requestId(text() ?? ''),
      sessionId: sessionId(text() ?? ''),
      copiedInto: named(text(), sessionId),
      agentId: named(text(), agentId),
      turnId: named(text(), turnId),
      occurredAt: next(),
      model: text() ?? '',
      report: {
        speed: text() === 'fast' ? 'fast' : 'standard',
        inferenceGeo: text(),
        usage: usage(),
        messageIterations: steps(),
        advisors: NOTHING,
        compactions: NOTHING,
      },
      paused: NOTHING,
      interrupted: next() === 1,
      writtenCostNanoUsd: costOf(next()),
      cwd: text(),
      branch: text(),
      skill: text(),
      plugin: text(),
      mcpServer: text(),
      toolUseIds: list(),
      toolNames: list(),
    } satisfies RequestFact);
  }
}

const costOf = (value: number): number | null => (value === NONE ? null : value);

const named = <Id>(text: string | null, id: (text: string) => Id): Id | null =>
  text === null ? null : id(text);

/** Nothing in it but what the flat arrays carry. */
function isPlain({ report, paused }: RequestFact): boolean {
  return paused.length === 0 && report.advisors.length === 0 && report.compactions.length === 0;
}
