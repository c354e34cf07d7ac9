// The tool of a response is on a later line than its first, and belongs to the response as a whole.
import { expect, test } from 'vitest';
import { NO_CARRY, type TranscriptFact } from '../../../src/agents/agent.ts';
import { scanTranscript } from '../../../src/agents/claude-code/transcript.ts';
import { wholeResponses } from '../../../src/gate/whole-responses.ts';
import { prompt, response } from '../../support/transcript-lines.ts';

function tell(text: string): (string | readonly string[])[] {
  const told: (string | readonly string[])[] = [];
  const whole = wholeResponses((fact: TranscriptFact) => {
    told.push(fact.kind === 'request' ? [fact.requestId, ...fact.toolNames] : fact.kind);
  });
  scanTranscript(Buffer.from(text), NO_CARRY, whole.take);
  whole.end();
  return told;
}

test('a response is told once, with every tool of it, and nothing is told out of order', () => {
  expect(
    tell(
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
  expect(tell(response({ id: 'm1' }) + copy)).toEqual([['m1'], ['m1', 'Bash']]);
});
