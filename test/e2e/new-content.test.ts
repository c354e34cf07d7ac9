// Large results on the real client under $5.00: an image of 2 MB, a PDF of 30 pages and an edit of a 600 kB file halt nothing, and what
// the forecast takes them for is what the request that followed carried, within a quarter. The stub has no tokenizer: images and PDFs are
// held against published rules, text against counts of Anthropic's tokenizer of the earlier models times what published comparisons add.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseEvent } from '../../src/agents/claude-code/events/event.ts';
import { guard, readLedger } from '../support/guarded.ts';
import { noisePng, pdfOf } from '../support/media.ts';
import type { StubRequest } from '../support/messages-api-request.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { runGuarded } from '../support/tollgate.ts';

const PDF_PAGES = 30;
const PDF_LINES = 50;
const PDF_LINE = 'The quick brown fox jumps over the lazy dog, and then it rests a bit.';
const PROSE = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/token-counts.json'), 'utf8')) as {
    kind: string;
    text: string;
    tokens: number;
  }[]
).find(({ kind }) => kind === 'prose');
const PROSE_REPEATS = 10;

/** What each result is in tokens of Opus 4.7, by sources that the product does not use. */
const EXPECTED = {
  // ⌈900/28⌉ × ⌈800/28⌉.
  image: 33 * 29,
  // 1 577 to 1 619 a page for its image, and 4.33 letters a token of earlier models, of which 1.45 make one of these.
  pdf: PDF_PAGES * (1_600 + (PDF_LINES * PDF_LINE.length * 1.45) / 4.33),
  prose: PROSE_REPEATS * (PROSE?.tokens ?? Number.NaN) * 1.45,
};

let sandbox: Sandbox;
let stub: MessagesApiStub;
const requests: StubRequest[] = [];

beforeEach(async () => {
  requests.length = 0;
  sandbox = await createSandbox();
  const inRepo = (name: string) => join(sandbox.repo, name);
  await writeFile(inRepo('noise.png'), noisePng(900, 800));
  const page = Array<string>(PDF_LINES).fill(PDF_LINE);
  await writeFile(inRepo('long.pdf'), pdfOf(Array(PDF_PAGES).fill(page)));
  const lines = Array.from(
    { length: 13_000 },
    (_, i) => `row ${i}: one of many rows of a large file`,
  );
  await writeFile(inRepo('large.txt'), lines.join('\n'));
  await writeFile(inRepo('prose.txt'), (PROSE?.text ?? '').repeat(PROSE_REPEATS));
  const tools = [
    { name: 'Bash', input: { command: 'true', description: 'begin' } },
    { name: 'Read', input: { file_path: inRepo('noise.png') } },
    { name: 'Read', input: { file_path: inRepo('long.pdf') } },
    { name: 'Read', input: { file_path: inRepo('large.txt'), offset: 100, limit: 5 } },
    {
      name: 'Edit',
      input: { file_path: inRepo('large.txt'), old_string: 'row 101:', new_string: 'line 101:' },
    },
    { name: 'Bash', input: { command: 'cat prose.txt', description: 'look' } },
  ];
  stub = await startMessagesApiStub((request) => {
    const usage = {
      input_tokens: 10,
      output_tokens: 120,
      cache_read_input_tokens: 20_000,
      cache_creation_input_tokens: 900,
    };
    if (request.kind === 'side') return { text: 'ok', usage };
    requests.push(request);
    const tool = tools[requests.length - 1];
    // Half of the ceiling goes at once, on searches: what follows has little to go by.
    const searches = requests.length === 1 ? { server_tool_use: { web_search_requests: 250 } } : {};
    return { ...(tool ? { tools: [tool] } : { text: 'done' }), usage: { ...usage, ...searches } };
  });
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

test('large results halt nothing, and are forecast within a quarter', async () => {
  const events = join(sandbox.root, 'events.jsonl');
  const recorder = join(sandbox.root, 'recorder.cjs');
  await writeFile(
    recorder,
    `const fs = require('fs'); fs.appendFileSync(${JSON.stringify(events)}, JSON.stringify(fs.readFileSync(0, 'utf8')) + '\\n');`,
  );
  const command = `"${process.execPath}" "${recorder}"`;
  await guard(sandbox, {
    budgets: [{ id: 'session', period: 'session', soft: '4.00', hard: '5.00' }],
    settings: { hooks: { PostToolBatch: [{ hooks: [{ type: 'command', command }] }] } },
  });
  const run = await runGuarded(sandbox, {
    stub,
    prompt: 'go',
    model: 'claude-opus-4-7',
    allowedTools: ['Bash', 'Read', 'Edit'],
  });

  expect(run.result?.terminal_reason).toBe('completed');
  expect(requests).toHaveLength(7);
  const { decisions, sessions } = readLedger(sandbox);
  expect(decisions).toEqual([]);
  expect(sessions[0]?.costNanoUsd).toBeGreaterThan(2.5e9);

  const [, image, pdf, , edit, prose] = readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => parseEvent(JSON.parse(line) as string).newTokens?.current ?? Number.NaN);
  console.log(JSON.stringify({ image, pdf, edit, prose, EXPECTED }));
  // The client makes a picture of 2 MB lighter, and still sends more than 500 kB of it.
  expect(JSON.stringify(requests[2]?.body.messages).length).toBeGreaterThan(500_000);
  expect(Math.abs((image ?? Number.NaN) / EXPECTED.image - 1)).toBeLessThan(0.25);
  // Where poppler is installed, the client sends a refusal instead of a long PDF.
  const isPdfRefused = JSON.stringify(requests[3]?.body.messages).includes('too many to read');
  if (isPdfRefused) expect(pdf).toBeLessThan(150);
  else expect(Math.abs((pdf ?? Number.NaN) / EXPECTED.pdf - 1)).toBeLessThan(0.25);
  expect(Math.abs((prose ?? Number.NaN) / EXPECTED.prose - 1)).toBeLessThan(0.25);
  expect(edit).toBeLessThan(100);
}, 120_000);
