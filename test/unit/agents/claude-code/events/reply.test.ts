// How an answer is said to Claude Code: a halt is told once, whatever the moment.
import { expect, test } from 'vitest';
import type { Answer, Moment } from '../../../../../src/agents/agent.ts';
import { formatReply } from '../../../../../src/agents/claude-code/events/reply.ts';

const REASON = 'Tollgate halted this session: $1.00 spent. To go on: /budget raise 2';
const halt = (forPerson: string | null): Answer => ({
  verdict: { kind: 'halt', breaches: [] },
  forPerson,
  forModel: null,
  reason: REASON,
});
const timesTold = (moment: Moment, forPerson: string | null): number =>
  formatReply(moment, halt(forPerson)).stdout.split('/budget raise 2').length - 1;

const MOMENTS: readonly Moment[] = [
  'prompt',
  'before-tool',
  'after-tool',
  'after-tools',
  'before-compaction',
];

test.each(MOMENTS)('a halt is told once at %s, with everything that helps', (moment) => {
  expect(timesTold(moment, REASON)).toBe(1);
  // One that was told before has nothing for the person but its reason.
  expect(timesTold(moment, null)).toBe(1);
  expect(timesTold(moment, `${REASON}\nmore`)).toBe(1);
  const { stderr, exitCode } = formatReply(moment, halt(REASON));
  expect({ stderr, exitCode }).toEqual({ stderr: REASON, exitCode: 2 });
});

test('what is said beside a halt is kept', () => {
  const said = (moment: Moment) =>
    JSON.parse(formatReply(moment, halt(`${REASON}\nmore`)).stdout) as Record<string, unknown>;
  expect(said('prompt')).toMatchObject({
    decision: 'block',
    reason: REASON,
    systemMessage: 'more',
  });
  expect(said('after-tools')).toMatchObject({
    continue: false,
    systemMessage: `${REASON}\nmore`,
    stopReason: 'Tollgate halted this session.',
  });
});
