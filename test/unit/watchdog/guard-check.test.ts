// Ordering decides: what ran without a hook is told, and nothing that only takes long.
import { expect, test } from 'vitest';
import type { Moment, ToolStep } from '../../../src/agents/agent.ts';
import type { EventNote } from '../../../src/hooks/event-notes.ts';
import { createGuardCheck } from '../../../src/watchdog/guard-check.ts';

const note = (at: number, moment: Moment, ...toolUseIds: string[]): EventNote => ({
  ...{ at, moment, toolUseIds, sessionId: 's', agentId: '', transcriptPath: '/t.jsonl' },
});
const call = (at: number, n: number, isAsked = true): ToolStep => ({
  ...{ kind: 'call', at, responseId: `r${n}`, useId: `u${n}`, isAsked },
});
const result = (at: number, n: number, hasRun = true): ToolStep => ({
  ...{ kind: 'result', at, useId: `u${n}`, hasRun },
});
const said = (at: number, n: number): ToolStep => ({ kind: 'response', at, responseId: `r${n}` });
/** Each look: what was noted until then, and what the transcript then shows. */
function looks(
  ...each: readonly (readonly [readonly EventNote[], readonly ToolStep[]])[]
): boolean[] {
  const check = createGuardCheck('main');
  return each.map(([notes, steps]) => {
    check.note(notes);
    return check.see('main', steps);
  });
}

test('a guarded session is no alarm, however late its lines are read', () => {
  const notes = [note(1, 'prompt')];
  const steps: ToolStep[] = [];
  for (let n = 1; n <= 10; n += 1) {
    notes.push(note(n * 10 + 1, 'before-tool', `u${n}`), note(n * 10 + 5, 'after-tools', `u${n}`));
    steps.push(call(n * 10, n), result(n * 10 + 3, n));
  }
  expect(looks([notes, steps])).toEqual([false]);
  expect(looks(...steps.map((step) => [notes, [step]] as const))).not.toContain(true);
});

test('a tool that ran without its hook is told when its result is there', () => {
  const first = [note(1, 'prompt'), note(11, 'before-tool', 'u1'), note(15, 'after-tools', 'u1')];
  expect(
    looks([first, [call(10, 1), result(12, 1)]], [[], [call(20, 2)]], [[], [result(22, 2)]]),
  ).toEqual([false, false, true]);
});

test('a tool that the client does not ask about is told with the next request', () => {
  const first = [note(1, 'prompt')];
  expect(
    looks(
      [first, [call(10, 1, false), result(12, 1)]],
      [[note(13, 'after-tools', 'u1')], [call(20, 2, false), result(22, 2)]],
      [[], [call(30, 3)]],
    ),
  ).toEqual([false, false, true]);
});

test('tools that were refused or interrupted need no hook', () => {
  expect(looks([[note(1, 'prompt')], [call(10, 1), result(12, 1, false), said(20, 2)]])).toEqual([
    false,
  ]);
});

test('a missing hook after tools is told where it stays away', () => {
  const one = [note(1, 'prompt'), note(11, 'before-tool', 'u1'), note(15, 'after-tools', 'u1')];
  const rest = [2, 3, 4].map((n) => note(n * 10 + 1, 'before-tool', `u${n}`));
  const steps = [1, 2, 3, 4].flatMap((n) => [call(n * 10, n), result(n * 10 + 3, n)]);
  expect(looks([[...one, ...rest], steps])).toEqual([true]);
  expect(looks([[...one, ...rest.slice(0, 1)], steps.slice(0, 5)])).toEqual([false]);
  // A person broke it off and asked for something else.
  const asked = [2, 3, 4].map((n) => note(n * 10 + 5, 'prompt'));
  expect(looks([[...one, ...rest, ...asked], steps])).toEqual([false]);
});

test('answers without tools are told when hooks stay away for long', () => {
  const steps = [1, 2, 3, 4, 5, 6].map((n) => said(n * 10, n));
  expect(looks([[note(1, 'prompt')], steps])).toEqual([true]);
  const turns = [1, 2, 3, 4, 5, 6].flatMap((n) => [note(n * 10 + 1, 'turn-end')]);
  expect(looks([[note(1, 'prompt'), ...turns], steps])).toEqual([false]);
});
