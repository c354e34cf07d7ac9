import { expect, test } from 'vitest';
import { annotatorOf, junitText } from '../../../src/cli/run-annotations.ts';

const run = {
  runId: 'job "1" <a&b>',
  cause: 'halted',
  costNanoUsd: 71_400_000,
  runExitCode: 3,
  startedAt: 0,
  startedAtIso: '1970-01-01T00:00:00.000Z',
  endedAt: 1_500,
};

test('a halt is a failed test case, with everything escaped', () => {
  const text = junitText(run, 'halted: "5" < 6\nnow');
  expect(text).toContain('failures="1"');
  expect(text).toContain('name="job &quot;1&quot; &lt;a&amp;b&gt;" time="1.500"');
  expect(text).toContain('type="halted" message="halted: &quot;5&quot; &lt; 6&#10;now"');
});

test('a run that was seen to its end passes', () => {
  expect(junitText({ ...run, cause: 'completed' }, null)).toContain('failures="0"');
});

test('an annotation is one line', () => {
  const lines: string[] = [];
  const context = { emit: (line: string) => lines.push(line) } as never;
  annotatorOf('github')(run, '50 %\nmore', context);
  annotatorOf('github')({ ...run, cause: 'completed' }, null, context);
  expect(lines[0]).toBe('::error title=Tollgate (halted)::50 %25%0Amore');
  expect(lines[1]).toContain('::notice title=Tollgate (completed)::');
});

test('another way to tell is refused', () => {
  expect(() => annotatorOf('gitlab')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
});
