// Leaving out the content must not change what a transcript tells: every line is held against parsing it whole.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_CARRY, type ScanCarry, type TranscriptFact } from '../../../src/agents/agent.ts';
import { scanTranscript } from '../../../src/agents/claude-code/transcript.ts';
import { responseParser } from '../../../src/agents/claude-code/transcript-cut.ts';
import { type Line, readLine } from '../../../src/agents/claude-code/transcript-line.ts';

const RECORDED = join(import.meta.dirname, '..', '..', 'fixtures', 'transcripts');

function tellWhole(lines: readonly string[]): TranscriptFact[] {
  const facts: TranscriptFact[] = [];
  let carry: ScanCarry = NO_CARRY;
  for (const line of lines) {
    carry = readLine(JSON.parse(line) as Line, carry, (fact) => facts.push(fact));
  }
  return facts;
}

function tellCut(lines: readonly string[]): TranscriptFact[] {
  const facts: TranscriptFact[] = [];
  scanTranscript(Buffer.from(`${lines.join('\n')}\n`), NO_CARRY, (fact) => facts.push(fact));
  return facts;
}

/** How many lines were parsed without their content. */
function cutCount(lines: readonly string[]): number {
  const buffer = Buffer.from(`${lines.join('\n')}\n`);
  const parse = responseParser(buffer);
  let count = 0;
  let start = 0;
  for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
    if (parse(start, end) !== null) count += 1;
    start = end + 1;
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

test('recorded responses are cut, and tell the same', () => {
  let cut = 0;
  for (const name of readdirSync(RECORDED, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.jsonl')) continue;
    const lines = readFileSync(join(RECORDED, name), 'utf8').split('\n').filter(Boolean);
    expect(tellCut(lines), name).toEqual(tellWhole(lines));
    cut += cutCount(lines);
  }
  expect(cut).toBeGreaterThan(200);
});

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
    expect(tellCut([line])).toEqual(tellWhole([line]));
  });

  test('a line torn by a crash does not lend its name to the next one', () => {
    const torn = responseLine([{ type: 'text', text: 'half' }], { id: 'msg_torn' }).slice(0, 160);
    const next = responseLine([tool({})]);
    expect(tellCut([torn + next])).toEqual(tellWhole([next]));
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
        expect(tellCut(lines)).toEqual(tellWhole(lines));
      }),
      { numRuns: 300 },
    );
  });
});
