// The price tag of a spawn: what subagents of the kind have cost in this repository, told before it starts.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Stage } from '../../scenario/harness.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
let stage: Stage;
const USD = 1_000_000_000;

beforeEach(async () => {
  sandbox = await createSandbox();
  stage = new Stage(sandbox);
  stage.budget('session', { hard: '10.00' });
  stage.event('SessionStart', { source: 'startup' });
  stage.prompt('do it');
});
afterEach(async () => {
  stage.close();
  await sandbox.cleanup();
});

const spawn = (tool: string, input: object) =>
  stage.event('PreToolUse', {
    tool_name: tool,
    tool_input: input,
    tool_use_id: stage.respond(0.1 * USD),
  });

test('the first of its kind has none; the next has the average of those before', () => {
  expect(spawn('Agent', { prompt: 'x' }).forPerson).toBeNull();
  for (const [agent, usd] of [
    ['a1', 0.2],
    ['a2', 0.4],
  ] as const) {
    stage.become(agent);
    stage.event('SubagentStart');
    stage.usage(usd * USD);
    stage.event('SubagentStop');
  }
  stage.become(null);
  const told = spawn('Agent', { prompt: 'x', subagent_type: 'general-purpose' }).forPerson;
  expect(told).toContain('general-purpose');
  expect(told).toContain('$0.30');
  expect(told).toContain('2 so far');
  expect(spawn('Agent', { prompt: 'x', subagent_type: 'reviewer' }).forPerson).toBeNull();
});
