// Skills, plugins, MCP servers and tools of the real client: every request carries those of its moment, whether hooks
// recorded it while it happened or `tollgate sync` read it afterwards.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { writeExtensions } from '../support/extensions.ts';
import { readLedgerFile } from '../support/guarded.ts';
import type { Script } from '../support/messages-api-stub.ts';
import {
  expectMetered,
  type MeteredSandbox,
  openMeteredSandbox,
  totalOf,
} from '../support/metered.ts';
import { ordinaryUsage, scenario, toolLoop } from '../support/scenarios.ts';
import { tollgateOk } from '../support/tollgate.ts';

let open: MeteredSandbox | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

const agent = (subagent_type: string) => ({
  name: 'Agent',
  input: { description: 'd', prompt: 'Go. SCEN:sub', subagent_type, run_in_background: false },
});
const bash = { name: 'Bash', input: { command: 'echo a', description: 'd' } };

/** What the model asks for, request by request, and the labels that request has: skill, plugin, server, tool. */
const STEPS = [
  [bash, [null, null, null, 'Bash']],
  [{ name: 'Skill', input: { skill: 'polish' } }, [null, null, null, 'Skill']],
  [bash, ['polish', null, null, 'Bash']],
  [agent('general-purpose'), ['polish', null, null, 'Agent']],
  [{ name: 'mcp__box__put', input: {} }, ['polish', null, 'box', 'mcp__box__put']],
  // This one took in what the server had answered.
  [{ name: 'Skill', input: { skill: 'tools:sweep' } }, ['polish', null, 'box', 'Skill']],
  [agent('tools:reviewer'), ['tools:sweep', 'tools', null, 'Agent']],
  [null, ['tools:sweep', 'tools', null, null]],
] as const;

test('of the moment, by hooks and by sync alike', { timeout: 120_000 }, async () => {
  const main: Script = ({ body, firstPromptText }) => {
    // A skill's text looks like a prompt, so the messages are counted.
    const step = body.messages.filter(({ role }) => role === 'assistant').length;
    const tool = firstPromptText.startsWith('go') ? STEPS[step]?.[0] : null;
    return { usage: ordinaryUsage, text: `step ${step}`, tools: tool ? [tool] : [] };
  };
  open = await openMeteredSandbox(scenario({ main, subagents: { sub: toolLoop({ turns: 1 }) } }));
  const { sandbox, stub } = open;
  const { extraArgs } = await writeExtensions(sandbox);
  const allowedTools = ['Bash', 'Skill', 'Agent', 'mcp__box__put'];
  const first = await open.run({ extraArgs, allowedTools });
  const typed = await open.run({ extraArgs, allowedTools, prompt: '/tools:sweep now' });

  const { entries } = expectMetered(open, totalOf(first), totalOf(typed));
  const labelsOf = (kind: 'main' | 'subagent', sessionId: string) =>
    stub.served
      .filter((each) => each.kind === kind && each.sessionId === sessionId)
      .map(({ messageId }) => {
        const entry = entries.find(({ entryId }) => entryId === messageId);
        return [entry?.skill, entry?.plugin, entry?.mcpServer, entry?.tool];
      });
  const { session_id: firstId } = first.result;
  expect(labelsOf('main', firstId)).toEqual(STEPS.map(([, labels]) => labels));
  // What a skill's subagents spend is spent for the skill.
  expect(labelsOf('subagent', firstId)).toEqual([
    ['polish', null, null, 'Bash'],
    ['polish', null, null, null],
    ['tools:sweep', 'tools', null, 'Bash'],
    ['tools:sweep', 'tools', null, null],
  ]);
  // A skill that a person calls by its name is in force from the first request on.
  expect(labelsOf('main', typed.result.session_id)).toEqual([['tools:sweep', 'tools', null, null]]);

  const home = join(sandbox.root, 'synced');
  await tollgateOk(sandbox, ['sync'], { TOLLGATE_HOME: home });
  const byId = (found: typeof entries) =>
    found
      .filter(({ kind }) => kind === 'usage')
      .map(({ entryId, skill, plugin, mcpServer, tool }) => ({
        ...{ entryId, skill, plugin, mcpServer, tool },
      }))
      .sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
  expect(byId(readLedgerFile(join(home, 'ledger.db')).entries)).toEqual(byId(entries));

  const report = JSON.parse(await tollgateOk(sandbox, ['report', '--by', 'skill', '--json']));
  const rows = report.rows as { key: { skill: string }; requestCount: number }[];
  expect(rows.map(({ key, requestCount }) => [key.skill, requestCount])).toEqual([
    ['polish', 6],
    ['tools:sweep', 5],
    ['(unattributed)', 2],
  ]);
});
