// Requests of every kind, metered from the live transcripts of the real client: to the micro-dollar what it says itself.
import { afterEach, describe, expect, test } from 'vitest';
import type { ApiUsage } from '../support/messages-api-stub.ts';
import {
  expectMetered,
  type MeteredSandbox,
  openMeteredSandbox,
  totalOf,
} from '../support/metered.ts';
import {
  apiErrorThenRetry,
  backgroundSubagents,
  fiveParallelTools,
  foregroundSubagent,
  nestedSubagents,
  ordinaryUsage,
  scenario,
  toolLoop,
} from '../support/scenarios.ts';

let open: MeteredSandbox | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

async function meter(...args: Parameters<typeof openMeteredSandbox>): Promise<MeteredSandbox> {
  open = await openMeteredSandbox(...args);
  return open;
}

/** Odd counts, so that a class taken for another shows. */
const uneven = (step: number): Partial<ApiUsage> => ({
  input_tokens: 101 + step,
  output_tokens: 307 + 13 * step,
  cache_read_input_tokens: 20_011 + 1_000 * step,
  cache_creation_input_tokens: 1_009,
  cache_creation: { ephemeral_5m_input_tokens: 403, ephemeral_1h_input_tokens: 606 },
});

describe('a loop of tools', { timeout: 120_000 }, () => {
  test.each(['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5', 'claude-opus-5-5'])(
    'with %s',
    async (model) => {
      const metered = await meter(toolLoop({ turns: 3, usage: uneven }));
      const run = await metered.run({ model });
      const ledger = expectMetered(metered, totalOf(run));
      expect(ledger.sessions).toMatchObject([
        { repository: 'github.com/Acme/Shop', branch: 'main', developer: 'dana@acme.example' },
      ]);
      expect(ledger.entries.every((entry) => entry.provenance === 'metered')).toBe(true);
      expect(ledger.entries.map((entry) => entry.model)).toEqual(Array(4).fill(model));
    },
  );

  test('with cache writes of five minutes only, of one hour only, and of no stated kind', async () => {
    const write = { cache_creation_input_tokens: 5_003 };
    const kinds: Partial<ApiUsage>[] = [
      {
        ...write,
        cache_creation: { ephemeral_5m_input_tokens: 5_003, ephemeral_1h_input_tokens: 0 },
      },
      {
        ...write,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 5_003 },
      },
      write,
    ];
    const metered = await meter(toolLoop({ turns: 2, usage: (step) => kinds[step] ?? {} }));
    expectMetered(metered, totalOf(await metered.run()));
  });

  test('with five tools in each message', async () => {
    const metered = await meter(fiveParallelTools(uneven, 2));
    const run = await metered.run();
    const ledger = expectMetered(metered, totalOf(run));
    expect(ledger.entries).toHaveLength(3);
  });

  test('with answers that were refused before', async () => {
    const metered = await meter(apiErrorThenRetry(toolLoop({ turns: 1 }), 2));
    expectMetered(metered, totalOf(await metered.run()));
    expect(metered.stub.refused).toHaveLength(2);
  });

  test('on a branch that is left midway: each entry has the branch of its moment', async () => {
    const command = (step: number) =>
      step === 1 ? 'git checkout --quiet -b feat/late && sleep 2' : 'sleep 0.1';
    const metered = await meter(toolLoop({ turns: 3, command }));
    const ledger = expectMetered(metered, totalOf(await metered.run()));
    const branches = metered.stub.served.map(
      ({ messageId }) => ledger.entries.find((entry) => entry.entryId === messageId)?.branch,
    );
    expect(branches).toEqual(['main', 'main', 'feat/late', 'feat/late']);
    expect(ledger.sessions[0]?.branch).toBe('feat/late');
  });
});

describe('subagents', { timeout: 120_000 }, () => {
  test('one in the foreground', async () => {
    const metered = await meter(foregroundSubagent(toolLoop({ turns: 2, usage: uneven })));
    const ledger = expectMetered(metered, totalOf(await metered.run()));
    const own = ledger.entries.filter((entry) => entry.agentId !== null);
    expect(own).toHaveLength(3);
    expect(new Set(own.map((entry) => entry.agentType))).toEqual(new Set(['general-purpose']));
  });

  test('three in the background', async () => {
    const metered = await meter(backgroundSubagents(3, toolLoop({ turns: 2, usage: uneven })));
    const ledger = expectMetered(metered, totalOf(await metered.run()));
    expect(new Set(ledger.entries.map((entry) => entry.agentId)).size).toBe(4);
  });

  test('one that starts another', async () => {
    const metered = await meter(nestedSubagents(toolLoop({ turns: 2, usage: ordinaryUsage })));
    const ledger = expectMetered(metered, totalOf(await metered.run()));
    expect(new Set(ledger.entries.map((entry) => entry.agentId)).size).toBe(3);
  });

  test('two of a workflow', async () => {
    const script =
      "export const meta = { name: 'two', description: 'd', phases: [{ title: 'p' }] }\n" +
      "return await parallel([() => agent('SCEN:sub', { label: 'a' }), () => agent('SCEN:sub', { label: 'b' })]);";
    const main = toolLoop({ turns: 1, tool: 'Workflow', input: () => ({ script }) });
    const sub = toolLoop({ turns: 2, usage: uneven });
    const metered = await meter(scenario({ main, subagents: { sub } }));
    const ledger = expectMetered(
      metered,
      totalOf(await metered.run({ allowedTools: ['Bash', 'Workflow'] })),
    );
    const own = ledger.entries.filter((entry) => entry.agentType === 'workflow-subagent');
    expect(own).toHaveLength(6);
  });

  test('a fork of the conversation: its file repeats the message that started it', async () => {
    const input = () => ({ description: 'd', prompt: 'p', subagent_type: 'fork', name: 'f' });
    const metered = await meter(toolLoop({ turns: 1, tool: 'Agent', input }));
    const run = await metered.run({ allowedTools: ['Bash', 'Agent'] });
    const ledger = expectMetered(metered, totalOf(run));
    expect(ledger.entries.filter((entry) => entry.agentType === 'fork')).not.toHaveLength(0);
  });
});
