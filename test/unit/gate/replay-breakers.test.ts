// Circuit breakers over sessions of the past: how often each would have tripped, on what, and what was spent afterwards.
import { expect, test } from 'vitest';
import { USUAL_BREAKERS } from '../../../src/breakers/usual.ts';
import type { LedgerLine } from '../../../src/domain/aggregates.ts';
import { NO_ATTRIBUTION } from '../../../src/domain/attribution.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { replayBreakers } from '../../../src/gate/replay-breakers.ts';
import { readThreadSteps } from '../../../src/wire.ts';
import { BEGIN, prompt, response } from '../../support/transcript-lines.ts';

const CENT = 10_000_000;
const COUNT = 20;

const line = (index: number): LedgerLine => ({
  ...{
    entryId: `m${index}`,
    kind: 'usage',
    reason: null,
    sessionId: sessionId('s1'),
    agentId: null,
  },
  ...{ turnId: null, occurredAt: BEGIN + index * 10_000, usage: NO_USAGE, costNanoUsd: CENT },
  ...{ provenance: 'metered', attribution: NO_ATTRIBUTION, recordedAttribution: NO_ATTRIBUTION },
});

const result = (index: number, content: string, isError: boolean) =>
  `${JSON.stringify({
    ...{ type: 'user', timestamp: new Date(BEGIN + index * 10_000 + 2_000).toISOString() },
    message: {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: `toolu_m${index}`, content, is_error: isError },
      ],
    },
  })}\n`;

test('a session of failing calls, read from its transcript', () => {
  const text = Array.from({ length: COUNT }, (_, index) => {
    const reminder = `\n\n<system-reminder>${1_000 - index} tokens left</system-reminder>`;
    const call = response({ id: `m${index}`, at: index * 10, tool: 'Bash', text: 'make' });
    // The client writes a result twice, the second time with what it adds for the model.
    return call + result(index, 'broken', true) + result(index, `broken${reminder}`, true);
  }).join('');
  const steps = readThreadSteps(prompt('t1') + text + response({ id: 'last', at: 999 }));
  expect(steps.map(({ kind }) => kind)).toEqual([
    'prompt',
    ...Array.from({ length: COUNT }, () => 'calls'),
    'response',
  ]);
  const lines = Array.from({ length: COUNT }, (_, index) => line(index));
  const found = replayBreakers(
    [{ sessionId: sessionId('s1'), agentId: null, steps }],
    lines,
    USUAL_BREAKERS,
  );
  const of = (name: string) => found.find(({ breaker }) => breaker === name);
  expect(of('failingCalls')).toMatchObject({ mode: 'warn', tripCount: 1, sessionCount: 1 });
  expect(of('failingCalls')?.trips[0]).toMatchObject({
    ...{ count: 8, subject: 'Bash', costNanoUsd: 7 * CENT, laterNanoUsd: 12 * CENT },
    at: BEGIN + 72_000,
  });
  expect(of('repeatedCalls')?.trips[0]).toMatchObject({ count: 10 });
  expect(of('unattended')).toMatchObject({ mode: 'off', tripCount: 0 });
});
