// Reading a few fields must not change what a transcript tells: every line is held against parsing it whole.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_CARRY, type ScanCarry, type TranscriptFact } from '../../../../../src/agents/agent.ts';
import { lineReader } from '../../../../../src/agents/claude-code/transcript/line-reader.ts';
import { scanTranscript } from '../../../../../src/agents/claude-code/transcript/scan-transcript.ts';
import {
  type Line,
  readLine,
} from '../../../../../src/agents/claude-code/transcript/transcript-line.ts';

const RECORDED = join(import.meta.dirname, '../../../../fixtures', 'transcripts');

function tellWhole(lines: readonly string[]): TranscriptFact[] {
  const facts: TranscriptFact[] = [];
  let carry: ScanCarry = NO_CARRY;
  for (const line of lines) {
    carry = readLine(JSON.parse(line) as Line, carry, (fact) => facts.push(fact));
  }
  return facts;
}

function tellRead(lines: readonly string[]): TranscriptFact[] {
  const facts: TranscriptFact[] = [];
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  scanTranscript(bytes, NO_CARRY, (fact) => facts.push(fact), 0);
  return facts;
}

/** How many lines need no parser. */
function readCount(lines: readonly string[]): number {
  const reader = lineReader();
  if (reader === null) return 0;
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  let count = 0;
  let start = reader.load(bytes);
  for (const line of lines) {
    if (reader.read(start, null) !== null) count += 1;
    start += Buffer.byteLength(line) + 1;
  }
  return count;
}

/** A response's line as the client writes it; `change` is applied to its message. */
function responseLine(content: unknown, change: object = {}, top: object = {}): string {
  const usage = { input_tokens: 3, output_tokens: 50, cache_read_input_tokens: 9 };
  const message = {
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-4-7', content },
    ...{ stop_reason: 'tool_use', stop_sequence: null, usage, stop_details: null },
    ...change,
  };
  return JSON.stringify({
    ...{ parentUuid: 'p', isSidechain: false, message, apiBlockIndex: 0, requestId: 'req_1' },
    ...{ requestedModel: 'claude-opus-4-7', type: 'assistant', uuid: 'u' },
    ...{
      timestamp: '2026-11-21T20:45:07.941Z',
      cwd: '/home/dev',
      sessionId: 's',
      gitBranch: 'main',
    },
    ...top,
  });
}

test('recorded lines are read, most without a parser, and tell the same', () => {
  let lineCount = 0;
  let read = 0;
  for (const name of readdirSync(RECORDED, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.jsonl')) continue;
    const lines = readFileSync(join(RECORDED, name), 'utf8').split('\n').filter(Boolean);
    expect(tellRead(lines), name).toEqual(tellWhole(lines));
    lineCount += lines.length;
    read += readCount(lines);
  }
  expect(read / lineCount).toBeGreaterThan(0.8);
});

/** A list in a list in a list … */
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

describe('lines made to mislead', () => {
  const usage = { input_tokens: 1, output_tokens: 999_999 };
  const tool = (input: unknown) => ({ type: 'tool_use', id: 'toolu_1', name: 'Bash', input });
  test.each<[string, string]>([
    [
      'a tool input that looks like the end of a message',
      responseLine([tool({ a: [], stop_reason: 'x', stop_sequence: null, usage })]),
    ],
    ['the same in a list of lists', responseLine([tool({ a: [[{ b: [1], usage }], { usage }] })])],
    [
      'a text with every mark in it',
      responseLine([
        {
          type: 'text',
          text: '"}],"stop_reason":"x","usage":{"output_tokens":9},"apiBlockIndex":1,{"parentUuid":',
        },
      ]),
    ],
    [
      'responses before a pause',
      responseLine([tool({})], {
        pausedResponses: [{ content: [tool({})], stop_reason: 'pause_turn', usage }],
      }),
    ],
    [
      'two blocks on one line',
      responseLine([{ type: 'text', text: 'a' }, tool({})], {}, { apiBlockIndex: undefined }),
    ],
    [
      'a response that was cut off',
      responseLine([{ type: 'text', text: 'abc' }], { stop_reason: null }),
    ],
    [
      'names that are written with escapes',
      responseLine([tool({})]).replace('"message"', '"m\\u0065ssage"'),
    ],
    [
      'values that are written with escapes',
      responseLine([tool({})], {}, { cwd: 'C:\\dev\\"shop"' }).replace(
        'assistant","uuid',
        'assist\\u0061nt","uuid',
      ),
    ],
    [
      'a message told twice',
      responseLine([tool({})]).replace(
        '"apiBlockIndex"',
        '"message":{"id":"msg_2"},"apiBlockIndex"',
      ),
    ],
    ['a field told twice', responseLine([tool({})]).replace('"uuid"', '"cwd":"/elsewhere","uuid"')],
    [
      'counts that are no counts',
      responseLine([tool({})], {
        usage: {
          ...{ input_tokens: 1e3, output_tokens: 2.5, cache_read_input_tokens: -7 },
          cache_creation_input_tokens: 1e300,
          cache_creation: { ephemeral_1h_input_tokens: '5', ephemeral_5m_input_tokens: null },
          server_tool_use: { web_search_requests: 2 ** 70 },
        },
      }).replace('1000', '1e3'),
    ],
    [
      'counts of another shape',
      responseLine([tool({})], {
        usage: {
          cache_creation: [1],
          server_tool_use: 3,
          speed: 5,
          inference_geo: {},
          iterations: 'x',
        },
      }),
    ],
    [
      'steps of a response',
      responseLine([tool({})], {
        usage: { ...usage, iterations: [{ type: 'message', ...usage }, { type: 'compaction' }] },
      }),
    ],
    ['a result deeper than can be counted', responseLine([tool(deep(60))])],
    ['a cost that the client wrote', responseLine([tool({})], {}, { costUSD: 0.123456789 })],
    ['a folder beyond ASCII', responseLine([tool({})], {}, { cwd: '/home/dévé/日本' })],
    ['no usage at all', responseLine([tool({})], { usage: undefined })],
    ['usage before content', responseLine(undefined, { usage, content: [tool({})] })],
    [
      'the result of a subagent',
      JSON.stringify({
        parentUuid: 'p',
        message: { role: 'user', content: [{ type: 'tool_result' }] },
        toolUseResult: { content: [{ a: 1 }], totalTokens: 5, usage },
        type: 'user',
        sessionId: 's',
      }),
    ],
  ])('%s', (_, line) => {
    expect(tellRead([line])).toEqual(tellWhole([line]));
  });

  test('instants, of one minute and of others, written as usual and not', () => {
    const instants = [
      ...['2026-11-21T20:45:08.941Z', '2026-11-21T20:45:59.999Z', '2026-11-21T20:45:60.000Z'],
      ...['2026-11-21T20:45:8a.941Z', '2026-11-21T20:45:08.94aZ', '2026-11-21T20:46:00.000Z'],
      ...['2026-11-21T24:00:00.000Z', '2026-11-21T24:00:00.001Z', '2026-13-21T20:45:08.941Z'],
      ...['2026-02-31T20:45:08.941Z', '2024-02-29T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
      ...['2026-11-21T20:45:08.941z', '2026-11-21T20:45:08,941Z', '2026-11-21 20:45:08.941Z'],
      ...['2026-11-21T20:45:08Z', '2026-11-21T20:45:08.9417Z', '2026-11-21T20:45:08.941+01:00'],
      ...['+02026-11-21T20:45:08.94Z', '', 'yesterday', 1_795_207_508_941, null, {}],
    ];
    const lines = [...instants, ...instants.toReversed()].map((timestamp, index) =>
      responseLine([], { id: `msg_${index}` }, { timestamp }),
    );
    expect(tellRead(lines)).toEqual(tellWhole(lines));
  });

  test('texts that are more than ASCII, or escaped, in any place', () => {
    const lines = ['é', '日', '\\', '"', '\n', 'x'].flatMap((letter) =>
      Array.from({ length: 40 }, (_, at) =>
        responseLine([], { id: `msg_${at}` }, { cwd: `${'/'.repeat(at)}${letter}home` }),
      ),
    );
    expect(tellRead(lines)).toEqual(tellWhole(lines));
  });

  test('a line torn by a crash does not lend its name to the next one', () => {
    const torn = responseLine([{ type: 'text', text: 'half' }], { id: 'msg_torn' }).slice(0, 160);
    const next = responseLine([tool({})]);
    expect(tellRead([torn + next])).toEqual(tellWhole([next]));
  });

  test('a hole of zero bytes does not join two lines', () => {
    const torn = responseLine([{ type: 'text', text: 'half' }], { id: 'msg_torn' }).slice(0, 160);
    const rest = responseLine([tool({})]).slice(-420);
    const next = responseLine([tool({})], { id: 'msg_next' });
    expect(tellRead([torn + '\0'.repeat(64) + rest, next])).toEqual(tellWhole([next]));
  });

  test('anything in a content', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 4 }), fc.string(), (blocks, text) => {
        const lines = [
          responseLine([{ type: 'text', text }]),
          responseLine([tool(blocks)], {}, { timestamp: '2026-11-21T20:45:08.000Z' }),
          responseLine(
            blocks.map((input) => tool(input)),
            { id: 'msg_2' },
            { apiBlockIndex: undefined },
          ),
        ];
        expect(tellRead(lines)).toEqual(tellWhole(lines));
      }),
      { numRuns: 300 },
    );
  });
});
