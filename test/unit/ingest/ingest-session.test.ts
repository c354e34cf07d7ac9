// Reading transcripts into a ledger: what files do to a reader, and what counts once.
import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FileLedger, openFileLedger, totalsOf } from '../../support/file-ledger.ts';
import { dumpLedger } from '../../support/ledger-dump.ts';
import { costState, prompt, response } from '../../support/transcript-lines.ts';

const REQUEST = 7_500_000;
/** Of Opus 4.7, in nano-dollars. */
const OUTPUT_TOKEN = 25_000;

let ledger: FileLedger;

beforeEach(() => {
  ledger = openFileLedger();
});
afterEach(() => ledger.close());

const total = () => totalsOf(ledger.read()).s1;
const usage = () => ledger.read().entries.filter(({ kind }) => kind === 'usage');

describe('a file', () => {
  test('is read on from where the last reader stopped, never from the middle of a line', () => {
    const line = response({ id: 'm2' });
    ledger.write('s1.jsonl', response({ id: 'm1' }) + line.slice(0, 80));
    expect(ledger.ingest('s1.jsonl')).toBe(1);
    expect(ledger.ingest('s1.jsonl')).toBe(0);
    ledger.append('s1.jsonl', line.slice(80));
    expect(ledger.ingest('s1.jsonl')).toBe(1);
    expect(ledger.deps.store.readCheckpoint(ledger.path('s1.jsonl'))?.offset).toBe(
      Buffer.byteLength(response({ id: 'm1' }) + line),
    );
  });

  test('that is not there, or empty, tells nothing', () => {
    expect(ledger.ingest('s1.jsonl')).toBe(0);
    ledger.write('s1.jsonl', '');
    expect(ledger.ingest('s1.jsonl')).toBe(0);
    expect(ledger.read().sessions).toEqual([]);
  });

  test('that was cut short is read anew', () => {
    ledger.write('s1.jsonl', response({ id: 'm1' }) + response({ id: 'm2' }));
    ledger.ingest('s1.jsonl');
    ledger.write('s1.jsonl', response({ id: 'm3' }));
    ledger.ingest('s1.jsonl');
    ledger.append('s1.jsonl', response({ id: 'm4' }));
    ledger.ingest('s1.jsonl');
    expect(total()).toBe(4 * REQUEST);
  });

  test('that took the place of another is read anew, what it repeats counts once', () => {
    ledger.write('s1.jsonl', prompt('t1') + response({ id: 'm1' }) + costState(0.01));
    ledger.ingest('s1.jsonl');
    const path = ledger.path('s1.jsonl');
    const lines = prompt('t1') + response({ id: 'm1' }) + costState(0.01) + response({ id: 'm2' });
    writeFileSync(`${path}.new`, lines);
    renameSync(`${path}.new`, path);
    ledger.ingest('s1.jsonl');
    expect(usage()).toHaveLength(2);
  });

  test('with a line longer than a gulp is read', () => {
    const huge = response({ id: 'm1', text: 'x'.repeat(9 * 1024 * 1024) });
    ledger.write('s1.jsonl', huge + response({ id: 'm2' }));
    ledger.ingest('s1.jsonl');
    expect(total()).toBe(2 * REQUEST);
  });

  test('of a subagent may be read before the main one, and anything may come late', () => {
    ledger.write('s1/subagents/agent-a.jsonl', response({ id: 'm1', agent: 'a' }));
    ledger.write('s1/subagents/workflows/wf/agent-b.jsonl', response({ id: 'm2', agent: 'b' }));
    ledger.ingest('s1.jsonl');
    ledger.write('s1.jsonl', response({ id: 'm3' }) + response({ id: 'm1', agent: 'a' }));
    ledger.ingest('s1.jsonl');
    expect(total()).toBe(3 * REQUEST);
    expect(usage().map(({ agentId }) => agentId)).toEqual(['a', 'b', null]);
  });
});

describe('a response', () => {
  test('of several lines counts once, the largest output stands, growth is a correction', () => {
    const lines = [9, 9, 159, 159, 40].map((output, block) =>
      response({ id: 'm1', output, block }),
    );
    for (const line of lines) {
      ledger.append('s1.jsonl', line);
      ledger.ingest('s1.jsonl');
    }
    expect(total()).toBe(5_000_000 + 159 * OUTPUT_TOKEN);
    expect(ledger.read().entries.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['usage', null],
      ['correction', 'grown'],
    ]);
  });

  test('cut off is estimated over all its lines, however they are read', () => {
    const parts = [0, 1, 2].map((block) =>
      response({ id: 'm1', block, stopReason: null, output: 1, text: 'x'.repeat(100) }),
    );
    for (const part of parts) {
      ledger.append('s1.jsonl', part);
      ledger.ingest('s1.jsonl');
    }
    // 300 characters, a third of a token each; a line told twice adds nothing.
    ledger.append('s1.jsonl', parts[1] ?? '');
    ledger.ingest('s1.jsonl');
    expect(total()).toBe(5_000_000 + 100 * OUTPUT_TOKEN);
    expect(ledger.read().sessions[0]?.byProvenance).toMatchObject({ metered: 0 });
  });

  test('finished after all is what was counted, also when the estimate was higher', () => {
    const begun = response({ id: 'm1', stopReason: null, output: 1, text: 'x'.repeat(900) });
    ledger.write('s1.jsonl', begun);
    ledger.ingest('s1.jsonl');
    expect(total()).toBe(5_000_000 + 300 * OUTPUT_TOKEN);
    ledger.append('s1.jsonl', response({ id: 'm1', output: 40, text: 'x'.repeat(900) }) + begun);
    ledger.ingest('s1.jsonl');
    expect(ledger.read().sessions[0]?.byProvenance).toEqual({
      metered: 5_000_000 + 40 * OUTPUT_TOKEN,
      estimated: 0,
      'client-settled': 0,
    });
    expect(ledger.read().sessions[0]).toMatchObject({ requestCount: 1 });
  });

  test('leaves the same behind read as a whole and line by line', () => {
    const lines = [
      response({ id: 'm1', stopReason: null }),
      response({ id: 'm1', at: 1, block: 1 }),
      response({ id: 'm1', at: 2, block: 2 }),
    ];
    const other = openFileLedger();
    try {
      other.write('s1.jsonl', lines.join(''));
      other.ingest('s1.jsonl');
      ledger.write('s1.jsonl', '');
      for (const line of lines) {
        ledger.append('s1.jsonl', line);
        ledger.ingest('s1.jsonl');
      }
      const [whole, piecewise] = [other, ledger].map(({ ledgerPath }) => {
        const { entry, rollup, thread, history } = dumpLedger(ledgerPath);
        return { entry, rollup, thread, history };
      });
      expect(piecewise).toEqual(whole);
      expect(whole?.entry).toHaveLength(3);
      expect(whole?.thread).toHaveLength(1);
    } finally {
      other.close();
    }
  });

  test('counts once over all projects, sessions and repetitions', () => {
    for (const name of ['s1.jsonl', '../other/s1.jsonl', '../worktree/s1.jsonl']) {
      ledger.write(name, prompt('t1') + response({ id: 'm1' }) + costState(0.01));
      ledger.ingest(name);
    }
    expect(total()).toBe(10_000_000);
    expect(usage()).toHaveLength(1);
  });

  test('of old clients costs what they wrote, and a sidechain in the main file counts', () => {
    const old = { requestedModel: undefined, apiBlockIndex: undefined, version: '1.0.24' };
    ledger.write(
      's1.jsonl',
      response({ id: 'm1', line: { ...old, costUSD: 0.123 } }) +
        response({ id: 'm2', line: { ...old, isSidechain: true } }) +
        response({ id: 'm3', line: { ...old, costUSD: 0.001 }, message: { usage: undefined } }),
    );
    ledger.ingest('s1.jsonl');
    expect(total()).toBe(123_000_000 + REQUEST + 1_000_000);
  });

  test('that is synthetic, an API error or not metered costs nothing', () => {
    ledger.write(
      's1.jsonl',
      response({ id: 'm1', line: { requestedModel: undefined }, model: '<synthetic>' }) +
        response({ id: 'm2', line: { isApiErrorMessage: true } }) +
        response({ id: 'm3', line: { isUnmetered: true } }),
    );
    ledger.ingest('s1.jsonl');
    expect(ledger.read().entries).toEqual([]);
  });

  test('of a model without a price is never free, and says so', () => {
    ledger.write('s1.jsonl', response({ id: 'm1', model: 'claude-opus-9' }));
    ledger.ingest('s1.jsonl');
    expect(usage()).toMatchObject([{ unknownModel: true, costNanoUsd: 22_500_000 }]);
  });
});
