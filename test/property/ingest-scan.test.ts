// The quick scan tells exactly what parsing every line would tell, in whatever pieces the bytes come; and damage to one
// line never costs another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_CARRY, NO_SOURCE, type TranscriptFact } from '../../src/agents/agent.ts';
import { scanTranscript } from '../../src/agents/claude-code/transcript/scan-transcript.ts';
import type { Line } from '../../src/agents/claude-code/transcript/spellings.ts';
import { readLine } from '../../src/agents/claude-code/transcript/transcript-line.ts';
import { runs } from '../support/runs.ts';
import {
  compactBoundary,
  costState,
  prompt,
  response,
  result,
} from '../support/transcript-lines.ts';

/** Texts that look like the marks a quick reader goes by. */
const trap = fc.constantFrom(
  '"usage":{"output_tokens":9}',
  '],"stop_reason":null,"usage":{',
  '{"parentUuid":null,"type":"assistant"',
  '"content":[',
  '"type":"cost-state"',
  '\\"promptId\\":\\"t1\\"',
  'ü 日本 \ud83d\ude00',
  '\ud800',
  '\u2028\u00e9\u0000\\',
);
const text = fc.oneof(
  trap,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
);
const count = fc.oneof(fc.nat(100_000), fc.constantFrom(null, -1, 1.5, 'x', 1e300, true));
const usage = fc.record(
  {
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
    cache_creation: fc.record({ ephemeral_1h_input_tokens: count }, { requiredKeys: [] }),
    server_tool_use: fc.record({ web_search_requests: count }),
    speed: fc.constantFrom('fast', 'standard', null),
    inference_geo: fc.constantFrom('us', '', null),
    iterations: fc.array(
      fc.record({
        type: fc.constantFrom('message', 'advisor_message'),
        input_tokens: count,
        model: text,
      }),
    ),
  },
  { requiredKeys: [] },
);
const block = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('thinking'), thinking: text }),
  fc.record({
    type: fc.constant('tool_use'),
    id: text,
    name: fc.oneof(text, fc.constant('Bash')),
    input: fc.oneof(
      fc.record({ usage: fc.dictionary(text, text), content: fc.array(text) }),
      fc.jsonValue(),
    ),
  }),
);
const message = fc.record(
  {
    id: fc.oneof(fc.constantFrom('m1', 'm2', 'm3'), text),
    role: fc.constant('assistant'),
    model: fc.oneof(fc.constant('claude-opus-4-7'), text),
    content: fc.oneof(fc.array(block, { maxLength: 3 }), text),
    stop_reason: fc.constantFrom('end_turn', 'tool_use', null),
    usage: fc.oneof(usage, fc.constant(null)),
    pausedResponses: fc.array(fc.record({ usage, stop_reason: fc.constant('pause_turn') }), {
      maxLength: 2,
    }),
  },
  { requiredKeys: ['id', 'role', 'model', 'content', 'usage'] },
);
const someLine = fc
  .record(
    {
      parentUuid: fc.constantFrom(null, 'u'),
      isSidechain: fc.boolean(),
      promptId: fc.constantFrom('t1', 't2', 'tü'),
      agentId: fc.constantFrom('', 'a1'),
      type: fc.constantFrom('assistant', 'assistant', 'user', 'system', 'cost-state', 'attachment'),
      subtype: fc.constantFrom('compact_boundary', 'informational'),
      message,
      apiBlockIndex: fc.nat(3),
      uuid: fc.constantFrom('u1', 'u2'),
      timestamp: fc.constantFrom('2026-11-21T12:00:00.000Z', 'yesterday'),
      sessionId: fc.constantFrom('s1', 's2', 'sü'),
      requestSessionId: fc.constantFrom('s1', 's3'),
      requestedModel: fc.constantFrom('claude-opus-4-7', 'claude-sonnet-4-6'),
      gitBranch: fc.oneof(fc.constant('main'), text),
      cwd: text,
      costUSD: fc.constantFrom(0.25, -1, null),
      totalCostUSD: fc.constantFrom(0.5, 1e300, 'x'),
      attributionSkill: text,
      attributionPlugin: fc.constantFrom('tools', 'wërkzeug', null),
      attributionMcpServer: fc.constantFrom('box', 'plugin:tools:dätabase'),
      toolUseResult: fc.oneof(fc.record({ searchCount: count, stdout: text }), text),
    },
    { requiredKeys: ['type', 'message', 'sessionId', 'uuid', 'timestamp'] },
  )
  .chain((line) =>
    fc
      .shuffledSubarray(Object.entries(line), { minLength: Object.keys(line).length })
      .map((shuffled) => {
        const isShuffled = shuffled[0]?.[0] !== 'type';
        return `${JSON.stringify(isShuffled ? Object.fromEntries(shuffled) : line)}\n`;
      }),
  );
/** As the client of today writes them. */
const wellFormed = fc.oneof(
  fc
    .record({
      id: fc.constantFrom('m1', 'm2', 'm3'),
      text,
      block: fc.nat(2),
      output: fc.nat(500),
      more: usage,
    })
    .chain(({ more, ...given }) =>
      fc.constantFrom(
        response({ ...given, usage: more }),
        response({
          ...given,
          usage: more,
          line: { attributionSkill: 'sweep', attributionPlugin: 'ü' },
        }),
        response({ ...given, usage: more, tool: 'Bash' }),
        response({ ...given, stopReason: null }),
      ),
    ),
  fc.constantFrom(prompt('t1'), prompt('t2'), costState(1), compactBoundary('c1', 5)),
  fc.constantFrom(result('t1', { searchCount: 2 }), result('t2', { stdout: '"usage":{' })),
);

function scanIn(bytes: Buffer, cuts: readonly number[]): TranscriptFact[] {
  const facts: TranscriptFact[] = [];
  let carry = NO_CARRY;
  let start = 0;
  for (const cut of [
    ...cuts.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ]) {
    const part = bytes.subarray(start, cut);
    const read = scanTranscript(part, carry, (fact) => facts.push(fact));
    carry = read.carry;
    start += read.consumedBytes;
  }
  return facts;
}

/** What parsing each and every line tells. */
function plainly(bytes: Buffer): TranscriptFact[] {
  const facts: TranscriptFact[] = [];
  let carry = NO_CARRY;
  for (const each of bytes.toString('utf8').split('\n').slice(0, -1)) {
    try {
      const line = JSON.parse(each) as Line | null;
      if (typeof line === 'object' && line !== null)
        carry = readLine(line, carry, {
          ...{ emit: (fact) => facts.push(fact), source: NO_SOURCE, at: 0, text: null },
        });
    } catch {
      // no line
    }
  }
  return facts;
}

/** The same line as another program would lay it out, and too long to be parsed without a look at its names. */
const spacedAndLong = (line: string): string =>
  `${JSON.stringify({ ...JSON.parse(line), padding: 'x'.repeat(20_000) }, null, 1).replaceAll('\n', '')}\n`;

describe('the scan', () => {
  test('tells what a plain parse tells, in any pieces, however the lines are laid out', {
    timeout: 300_000,
  }, () => {
    const plain = fc.oneof(wellFormed, someLine);
    const line = fc.oneof({ weight: 4, arbitrary: plain }, plain.map(spacedAndLong));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.join(''));
          expect(scanIn(bytes, cuts)).toEqual(plainly(bytes));
        },
      ),
      { numRuns: runs(3_000) },
    );
  });

  test('never throws and loses no line but the damaged one', { timeout: 300_000 }, () => {
    const damage = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .oneof(wellFormed, someLine)
        .chain((line) =>
          fc.nat().map((at) => Buffer.from(line).subarray(0, at % Buffer.byteLength(line))),
        ),
    );
    const good = response({ id: 'good' });
    fc.assert(
      fc.property(
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (parts, glued) => {
          const bytes = Buffer.concat([
            ...parts.flatMap((part) => [part, Buffer.from('\n')]).slice(0, glued ? -1 : undefined),
            Buffer.from(good),
          ]);
          const ids = scanIn(bytes, []).flatMap((fact) =>
            fact.kind === 'request' ? [String(fact.requestId)] : [],
          );
          expect(ids).toContain('good');
        },
      ),
      { numRuns: runs(3_000) },
    );
  });
});
