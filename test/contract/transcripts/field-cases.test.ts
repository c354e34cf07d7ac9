// Transcripts as people have met them in the field: everything that used tokens is counted once.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ingestSession } from '../../../src/ingest/ingest-session.ts';
import { type FileLedger, LATER, openFileLedger } from '../../support/file-ledger.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const SESSION = 'aaaa0001-0000-4000-8000-000000000001';
/** 10 in, 1,000 written to the cache, 20,000 read from it and 100 out of Opus 4.7, in nano-dollars. */
const REQUEST = 18_800_000;

let ledger: FileLedger;

beforeEach(() => {
  ledger = openFileLedger();
});
afterEach(() => ledger.close());

const read = (name: string) => readFileSync(join(fixtures, 'field-cases', name), 'utf8');
const totals = () => {
  const { entries } = ledger.read();
  return {
    requestCount: entries.filter(({ kind }) => kind === 'usage').length,
    costNanoUsd: entries.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
  };
};

/** Reads a text as a session's transcript; answers the lines that could not be used. */
function ingest(text: string, session = SESSION): number {
  ledger.write(`${session}.jsonl`, text);
  const { deps } = ledger;
  return deps.store.immediately(() =>
    ingestSession(ledger.path(`${session}.jsonl`), deps, LATER, null),
  ).unusableCount;
}

test.each([
  ['02-same-message-id/gateway.jsonl', 4, 99_400_000],
  ['02-same-message-id/api-repeats-id.jsonl', 6, 6 * REQUEST],
  ['03-json-with-spaces/spaced.jsonl', 3, 3 * REQUEST],
  ['06-request-without-id-vanishes/no-message-id.jsonl', 4, 4 * REQUEST],
  ['06-request-without-id-vanishes/no-session-id.jsonl', 2, 2 * REQUEST],
  // Three times as dear: the most expensive model there is.
  ['06-request-without-id-vanishes/no-model.jsonl', 1, 3 * REQUEST],
])('%s holds %i requests', (name, requestCount, costNanoUsd) => {
  expect(ingest(read(name))).toBe(0);
  expect(totals()).toEqual({ requestCount, costNanoUsd });
});

test('400 requests of a gateway that has one id for all are 400', () => {
  const [line = ''] = read('02-same-message-id/gateway.jsonl').split('\n').slice(1);
  const lines = Array.from({ length: 400 }, (_, index) => {
    const timestamp = new Date(Date.UTC(2026, 10, 20) + index * 1_000);
    return JSON.stringify({ ...JSON.parse(line), uuid: `u-${index}`, timestamp });
  });
  ingest(`${lines.join('\n')}\n`);
  expect(totals()).toEqual({ requestCount: 400, costNanoUsd: 400 * REQUEST });
});

test('the id of a gateway in two sessions is two requests, and a forked copy is none', () => {
  const text = read('02-same-message-id/gateway.jsonl');
  ingest(text);
  const other = text.replaceAll(SESSION, 'other');
  ingest(other, 'other');
  expect(totals().requestCount).toBe(8);
  ingest(text.replaceAll(`"sessionId":"${SESSION}"`, '"sessionId":"fork"'), 'fork');
  expect(totals().requestCount).toBe(8);
});

describe('sessions recorded from the real client', () => {
  const recorded = join(fixtures, 'transcripts');
  test.each(readdirSync(recorded))('%s has no line that cannot be used', (name) => {
    for (const file of readdirSync(join(recorded, name))) {
      if (!file.endsWith('.jsonl')) continue;
      expect(ingest(readFileSync(join(recorded, name, file), 'utf8'), file.slice(0, -6))).toBe(0);
    }
  });
});
