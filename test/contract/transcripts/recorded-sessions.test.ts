// Every session recorded from the real client, read from its files alone: the ledger comes to what the client said.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type FileLedger, openFileLedger, toldTotal } from '../../support/file-ledger.ts';

const recorded = join(import.meta.dirname, '../../fixtures/transcripts');
const MICRO_USD = 1_000;

let ledger: FileLedger;

afterEach(() => ledger.close());

/** Puts a recorded folder into the ledger's own, and answers its main transcripts. */
function take(name: string): string[] {
  const folder = join(recorded, name);
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.jsonl?$/.test(file)) ledger.write(file, readFileSync(join(folder, file)));
  }
  return readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
}

/** Responses that a folder's files tell, by a plain parse of every line. */
function requestIds(name: string): Set<string> {
  const ids = new Set<string>();
  for (const file of readdirSync(join(recorded, name), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.jsonl')) continue;
    for (const text of readFileSync(join(recorded, name, file), 'utf8').split('\n')) {
      const line = text === '' ? null : JSON.parse(text);
      if (line?.type !== 'assistant' || line.message.model === '<synthetic>') continue;
      ids.add(line.message.id);
    }
  }
  return ids;
}

function expectTotals(mains: readonly string[]): void {
  const { sessions } = ledger.read();
  for (const main of mains) {
    const session = sessions.find((each) => `${each.sessionId}.jsonl` === main);
    const total = (session?.costNanoUsd ?? 0) + (session?.inheritedNanoUsd ?? 0);
    expect(Math.abs(total - (toldTotal(ledger.path(main)) ?? 0))).toBeLessThanOrEqual(MICRO_USD);
    expect(session?.rollupNanoUsd ?? 0).toBe(session?.costNanoUsd ?? 0);
  }
}

describe('recorded sessions', () => {
  const names = readdirSync(recorded);

  test('are all there', () => {
    ledger = openFileLedger();
    expect(names).toHaveLength(29);
  });

  test.each(names)('%s', (name) => {
    ledger = openFileLedger();
    const mains = take(name);
    for (const main of mains) ledger.ingest(main);
    expectTotals(mains);
    const entries = ledger.read().entries.filter(({ kind }) => kind === 'usage');
    expect(new Set(entries.map(({ entryId }) => entryId))).toEqual(requestIds(name));

    // Once more, in the other order, and settled by hand: nothing is recorded twice.
    const before = ledger.read();
    for (const main of [...mains].reverse()) ledger.ingest(main);
    for (const { sessionId } of before.sessions) ledger.settle(sessionId);
    expect(ledger.read()).toEqual(before);
  });

  test('a fork read before its parent comes to the same', () => {
    ledger = openFileLedger();
    const mains = take('resume-fork-compact');
    expect(mains).toHaveLength(2);
    for (const main of [...mains].reverse()) ledger.ingest(main);
    expectTotals(mains);
    const sum = ledger.read().sessions.reduce((total, each) => total + each.costNanoUsd, 0);
    ledger.close();

    ledger = openFileLedger();
    for (const main of take('resume-fork-compact')) ledger.ingest(main);
    expectTotals(mains);
    expect(ledger.read().sessions.reduce((total, each) => total + each.costNanoUsd, 0)).toBe(sum);
  });
});
