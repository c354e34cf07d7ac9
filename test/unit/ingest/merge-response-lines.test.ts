// The tool of a response is on a later line than its first, and belongs to the response as a whole.
import { expect, test } from 'vitest';
import { NO_CARRY, type RequestFact, type TranscriptFact } from '../../../src/agents/agent.ts';
import { scanTranscript } from '../../../src/agents/claude-code/transcript/scan-transcript.ts';
import { mergeResponseLines } from '../../../src/ingest/merge-response-lines.ts';
import { BEGIN, prompt, response } from '../../support/transcript-lines.ts';

function emit(text: string): (string | readonly string[])[] {
  const told: (string | readonly string[])[] = [];
  const whole = mergeResponseLines((fact: TranscriptFact) => {
    told.push(fact.kind === 'request' ? [fact.requestId, ...fact.toolNames] : fact.kind);
  });
  scanTranscript(Buffer.from(text), NO_CARRY, whole.take);
  whole.end();
  return told;
}

test('a response is told once, with every tool of it, and nothing is told out of order', () => {
  expect(
    emit(
      prompt('t1') +
        response({ id: 'm1' }) +
        response({ id: 'm1', block: 1, tool: 'Bash' }) +
        response({ id: 'm1', block: 2, tool: 'Read' }) +
        prompt('t2') +
        response({ id: 'm2', tool: 'Edit' }) +
        response({ id: 'm3' }),
    ),
  ).toEqual(['turn', ['m1', 'Bash', 'Read'], 'turn', ['m2', 'Edit'], ['m3']]);
});

test('a copy in a fork is another telling', () => {
  const copy = response({ id: 'm1', session: 's2', madeBy: 's1', block: 1, tool: 'Bash' });
  expect(emit(response({ id: 'm1' }) + copy)).toEqual([['m1'], ['m1', 'Bash']]);
});

function factsOf(text: string): RequestFact[] {
  const facts: RequestFact[] = [];
  const whole = mergeResponseLines((fact) => {
    if (fact.kind === 'request') facts.push(fact);
  });
  scanTranscript(Buffer.from(text), NO_CARRY, whole.take);
  whole.end();
  return facts;
}

/** A block of `m1` that asks for a tool of its own. */
const asks = (block: number, id: string, output = 100) =>
  response({
    ...{ id: 'm1', block, at: block, output },
    message: { content: [{ type: 'tool_use', id, name: 'Bash', input: {} }] },
  });

test('it asks for the tools of all its lines, at the instant of the first', () => {
  const [fact, ...others] = factsOf(asks(0, 'a') + asks(1, 'b') + asks(2, 'b'));
  expect(others).toEqual([]);
  expect(fact).toMatchObject({ occurredAt: BEGIN, toolUseIds: ['a', 'b'] });
});

test('a line that gives another usage is told by itself', () => {
  const facts = factsOf(asks(0, 'a') + asks(1, 'b') + asks(2, 'c', 300));
  expect(facts.map(({ toolUseIds, report }) => [toolUseIds, report.usage.outputTokens])).toEqual([
    [['a', 'b'], 100],
    [['c'], 300],
  ]);
  expect(facts[0]?.toolNames).toEqual(['Bash', 'Bash', 'Bash']);
});

test('so is one that is finished, after one that was not', () => {
  const facts = factsOf(
    response({ id: 'm1', stopReason: null }) + response({ id: 'm1', block: 1 }),
  );
  expect(facts.map(({ interrupted }) => interrupted)).toEqual([true, false]);
});
