import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseEvent } from '../../../src/agents/claude-code/events/event.ts';
import { forgetAnswers, isFirstToAnswer } from '../../../src/hooks/said-once.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tollgate-said-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const event = (fields: object) =>
  parseEvent(JSON.stringify({ hook_event_name: 'PreToolUse', session_id: 's1', ...fields }));
const CALL = event({ tool_name: 'Bash', tool_use_id: 't1', prompt_id: 'p1' });
/** What a resident gate is told of the same call. */
const CALL_BY_SERVER = event({ tool_name: 'Bash', tool_use_id: 't1', agent_id: '' });

test('of two installations the first answers an event, and answers it again', () => {
  expect(isFirstToAnswer(CALL, 'closes', home, 'settings')).toBe(true);
  expect(isFirstToAnswer(CALL_BY_SERVER, 'closes', home, 'plugin')).toBe(false);
  expect(isFirstToAnswer(CALL, 'closes', home, 'settings')).toBe(true);
});

test('a remark does not keep the other installation from closing the gate', () => {
  expect(isFirstToAnswer(CALL, 'remark', home, 'settings')).toBe(true);
  expect(isFirstToAnswer(CALL, 'closes', home, 'plugin')).toBe(true);
});

test.each([
  event({ tool_name: 'Bash', tool_use_id: 't2' }),
  event({ tool_name: 'Bash', tool_use_id: 't1', session_id: 's2' }),
  event({ tool_name: 'Bash', tool_use_id: 't1', agent_id: 'a1' }),
  event({ hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_use_id: 't1' }),
  event({ hook_event_name: 'UserPromptSubmit', prompt: 'go', prompt_id: 'p1' }),
])('another event is another answer: %#', (other) => {
  expect(isFirstToAnswer(CALL, 'closes', home, 'settings')).toBe(true);
  expect(isFirstToAnswer(other, 'closes', home, 'plugin')).toBe(true);
});

test('an answer of long ago silences nobody, and is forgotten', () => {
  expect(isFirstToAnswer(CALL, 'closes', home, 'settings')).toBe(true);
  const folder = join(home, 'answered');
  const [name = ''] = readdirSync(folder);
  const hourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(join(folder, name), hourAgo, hourAgo);
  expect(isFirstToAnswer(CALL, 'closes', home, 'plugin')).toBe(true);
  expect(isFirstToAnswer(CALL, 'closes', home, 'settings')).toBe(false);
  utimesSync(join(folder, name), hourAgo, hourAgo);
  forgetAnswers(home);
  expect(readdirSync(folder)).toEqual([]);
});

test('where nothing can be written both answer', () => {
  const nowhere = join(home, 'absent\0');
  expect(isFirstToAnswer(CALL, 'closes', nowhere, 'settings')).toBe(true);
  expect(isFirstToAnswer(CALL, 'closes', nowhere, 'plugin')).toBe(true);
  expect(() => forgetAnswers(nowhere)).not.toThrow();
});
