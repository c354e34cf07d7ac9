// Money that no transcript line shows: settled with the client's own total at the end, and labelled as what it is.
import { afterEach, describe, expect, test } from 'vitest';
import {
  expectMetered,
  type MeteredSandbox,
  openMeteredSandbox,
  totalOf,
} from '../support/metered.ts';
import { ordinaryUsage, scenario, toolLoop, webSearch } from '../support/scenarios.ts';

let open: MeteredSandbox | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

async function meter(...args: Parameters<typeof openMeteredSandbox>): Promise<MeteredSandbox> {
  open = await openMeteredSandbox(...args);
  return open;
}

describe('a request that no line shows', { timeout: 120_000 }, () => {
  test('the search behind WebSearch', async () => {
    const metered = await meter(webSearch(2));
    const run = await metered.run({ allowedTools: ['WebSearch'] });
    const ledger = expectMetered(metered, totalOf(run));
    expect(ledger.entries.filter(({ kind }) => kind === 'correction')).toMatchObject([
      {
        ...{ reason: 'settled', provenance: 'client-settled', costNanoUsd: 47_850_000 },
        ...{ model: null, agentId: null, repository: 'github.com/Acme/Shop', branch: 'main' },
      },
    ]);
  });

  test('a hook that asks a model', async () => {
    const side = () => ({ text: '{"ok": true}', usage: ordinaryUsage });
    const hooks = {
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'prompt', prompt: 'Is this fine?' }] }],
    };
    const metered = await meter(scenario({ main: toolLoop({ turns: 2 }), side }), {
      settings: { hooks },
    });
    const ledger = expectMetered(metered, totalOf(await metered.run()));
    expect(metered.stub.served.filter(({ kind }) => kind === 'side')).toHaveLength(2);
    expect(ledger.entries.filter(({ kind }) => kind === 'correction')).toMatchObject([
      { reason: 'settled', provenance: 'client-settled' },
    ]);
  });
});

describe('a model without a price', { timeout: 120_000 }, () => {
  test('costs the dearest of its family until the client has said what it charged', async () => {
    const metered = await meter(toolLoop({ turns: 1 }));
    const run = await metered.run({ model: 'claude-opus-9' });
    const ledger = expectMetered(metered, totalOf(run));
    const requests = ledger.entries.filter(({ kind }) => kind === 'usage');
    expect(requests.every(({ unknownModel }) => unknownModel)).toBe(true);
    const settled = ledger.entries.filter(({ kind }) => kind === 'correction');
    expect(settled).toMatchObject([{ reason: 'settled', provenance: 'client-settled' }]);
    expect(settled[0]?.costNanoUsd).toBeLessThan(0);
  });
});
