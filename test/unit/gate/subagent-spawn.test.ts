// The price tag of a spawn: what subagents of the kind have cost in this repository, told before it starts.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ScenarioHarness } from '../../scenario/harness.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
let harness: ScenarioHarness;
const USD = 1_000_000_000;

beforeEach(async () => {
  sandbox = await createSandbox();
  harness = new ScenarioHarness(sandbox);
  harness.budget('session', { hard: '10.00' });
  harness.event('SessionStart', { source: 'startup' });
  harness.prompt('do it');
});
afterEach(async () => {
  harness.close();
  await sandbox.cleanup();
});

const spawn = (tool: string, input: object) =>
  harness.event('PreToolUse', {
    tool_name: tool,
    tool_input: input,
    tool_use_id: harness.respond(0.1 * USD),
  });

test('the first of its kind has none; the next has the average of those before', () => {
  expect(spawn('Agent', { prompt: 'x' }).forPerson).toBeNull();
  for (const [agent, usd] of [
    ['a1', 0.2],
    ['a2', 0.4],
  ] as const) {
    harness.become(agent);
    harness.event('SubagentStart');
    harness.usage(usd * USD);
    harness.event('SubagentStop');
  }
  harness.become(null);
  const told = spawn('Agent', { prompt: 'x', subagent_type: 'general-purpose' }).forPerson;
  expect(told).toContain('general-purpose');
  expect(told).toContain('$0.30');
  expect(told).toContain('2 so far');
  expect(spawn('Agent', { prompt: 'x', subagent_type: 'reviewer' }).forPerson).toBeNull();
});

test('a call that another installation has let through already is not counted twice', () => {
  harness.budget('tight', { hard: '0.50' });
  const call = {
    tool_name: 'Agent',
    tool_input: { prompt: 'x' },
    tool_use_id: harness.respond(0.1 * USD),
  };
  const kinds = [1, 2, 3].map(() => harness.event('PreToolUse', call).verdict.kind);
  expect(kinds).toEqual(['allow', 'allow', 'allow']);
  // Another call beside it does not fit.
  const other = { ...call, tool_use_id: 'toolu_other' };
  expect(harness.event('PreToolUse', other).verdict.kind).toBe('deny');
});
