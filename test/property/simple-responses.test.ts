// The law of plain lines: where the short way's reader says what lines hold, it says what the reader of all lines says, and
// nothing that it leaves out would have been recorded. Whatever it is not sure of it leaves, so it must not leave much.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { NO_CARRY, type RequestFact, type TranscriptFact } from '../../src/agents/agent.ts';
import { scanTranscript } from '../../src/agents/claude-code/transcript/scan-transcript.ts';
import { plainResponses } from '../../src/agents/claude-code/transcript/simple-responses.ts';
import { mergeResponseLines } from '../../src/ingest/merge-response-lines.ts';
import { LIST_PRICE, priceRequest } from '../../src/pricing/price.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { tariffFor } from '../../src/pricing/resolve.ts';
import { costState, prompt, response, result } from '../support/transcript-lines.ts';

const tariff = tariffFor('claude-opus-4-7', Date.UTC(2026, 10, 21), LIST_PRICE, RATE_CARDS);
const OF = { sessionId: 's1', model: 'claude-opus-4-7', cwd: '/nowhere', turnId: 'turn-1' };

/** Mostly what every line has, and now and then something that a field may also hold. */
const seldom = <T>(usual: T, ...others: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constant(usual as unknown) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const tokens = fc.oneof(
  { weight: 30, arbitrary: fc.nat(200_000) as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(-1, 1.5, '7', null, 2e9, undefined) },
);

const usage = fc
  .record({
    input_tokens: tokens,
    output_tokens: tokens,
    cache_read_input_tokens: tokens,
    fresh5m: fc.nat(50_000),
    fresh1h: fc.nat(50_000),
    written: seldom('sum', 'less', 'none'),
    cache_creation: seldom('parts', undefined, null, 7),
    speed: seldom('standard', 'fast', null),
    inference_geo: seldom('', 'us', 'eu'),
    iterations: seldom([], null, undefined, [{ type: 'message', input_tokens: 5 }], 'x'),
    server_tool_use: seldom({ web_search_requests: 0 }, { web_search_requests: 2 }, null, {}),
  })
  .map(({ fresh5m, fresh1h, written, cache_creation, ...plain }) => ({
    ...plain,
    ...(written === 'none'
      ? {}
      : { cache_creation_input_tokens: written === 'sum' ? fresh5m + fresh1h : fresh5m }),
    cache_creation:
      cache_creation === 'parts'
        ? { ephemeral_5m_input_tokens: fresh5m, ephemeral_1h_input_tokens: fresh1h }
        : cache_creation,
  }));

/** The lines of one response; its first ones may say less than the last. */
const lines = fc
  .record({
    id: fc.constantFrom('msg_1', 'msg_2', 'msg_3'),
    at: fc.nat(1_000),
    usage,
    growing: seldom(false, true),
    tools: fc.array(fc.constantFrom('Bash', 'Read', 'Edit'), { maxLength: 3 }),
    odd: seldom('Bash', 'mcp__github__search'),
    model: seldom(undefined, 'claude-haiku-4-5', null),
    answered: seldom('claude-opus-4-7', '<synthetic>', 'claude-opus-5-5'),
    stop_reason: seldom('tool_use', null, undefined),
    pausedResponses: seldom(undefined, [], [{ usage: { output_tokens: 5 } }]),
    extra: seldom(
      {},
      { isApiErrorMessage: true },
      { isUnmetered: true },
      { costUSD: 0.25 },
      { attributionSkill: 'review' },
      { attributionMcpServer: 'plugin:x:y' },
      { requestSessionId: 's0' },
      { agentId: 'a1' },
      { cwd: '/elsewhere' },
      { timestamp: 'yesterday' },
      { sessionId: 's2' },
      { gitBranch: 'HEAD' },
    ),
  })
  .map(({ id, at, usage: given, growing, tools, odd, model, answered, extra, ...message }) =>
    ['', ...tools, ...(odd === 'Bash' ? [] : [String(odd)])]
      .map((tool, block) =>
        response({
          ...{ id, at: at + block, block, ...(tool === '' ? {} : { tool }) },
          usage: growing === true && block === 0 ? { ...given, output_tokens: 1 } : given,
          message: { model: answered, ...message },
          line: { ...(model === undefined ? {} : { requestedModel: model }), ...(extra as object) },
        }),
      )
      .join(''),
  );
const others = fc.constantFrom(
  ...[prompt('turn-1'), result('turn-1', {}), '{"type":"file-history-snapshot"}\n', '{"a":1}\n'],
  ...['{"type":"summary","summary":"x"}\n', '{"type":"system","subtype":"info","content":"x"}\n'],
);
const tellers = fc.constantFrom(
  ...[prompt('turn-2'), result('turn-1', { searchCount: 2 }), costState(0.5), '{"torn\n', '[]\n'],
  '{"type":"system","subtype":"compact_boundary","uuid":"u","sessionId":"s1"}\n',
);
const file = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: lines },
      { weight: 12, arbitrary: others },
      { weight: 1, arbitrary: tellers },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((each) => each.join(''));

function toldBy(text: string): TranscriptFact[] {
  const told: TranscriptFact[] = [];
  const whole = mergeResponseLines((fact) => told.push(fact));
  scanTranscript(Buffer.from(text), { ...NO_CARRY, turnId: 'turn-1' }, whole.take);
  whole.end();
  return told;
}

let plainCount = 0;
let fileCount = 0;
afterAll(() => {
  console.log(`${plainCount} of ${fileCount} files were plain`);
});

test('plain lines tell what they tell', () => {
  fc.assert(
    fc.property(file, (text) => {
      fileCount += 1;
      const plain = plainResponses(text, OF);
      if (plain === null) return;
      plainCount += 1;
      const facts = toldBy(text);
      expect(facts.every(({ kind }) => kind === 'request')).toBe(true);
      const requests = facts as readonly RequestFact[];
      expect(plain.map(({ id }) => id)).toEqual(requests.map(({ requestId }) => requestId));
      requests.forEach((fact, index) => {
        const said = plain[index];
        if (said === undefined) throw new Error('fewer than were told');
        const { branch, skill, occurredAt, tool, toolUseIds, id: _, ...counts } = said;
        expect(counts).toEqual({ ...fact.report.usage, webSearchCount: undefined });
        expect({ branch, skill, occurredAt, toolUseIds }).toEqual({
          branch: fact.branch,
          skill: fact.skill,
          occurredAt: fact.occurredAt,
          toolUseIds: fact.toolUseIds,
        });
        expect(tool).toBe(fact.toolNames[0] ?? null);
        expect(fact).toMatchObject({
          ...{ kind: 'request', sessionId: 's1', copiedInto: null, agentId: null, paused: [] },
          ...{ interrupted: false, writtenCostNanoUsd: null, model: OF.model, turnId: 'turn-1' },
          ...{ cwd: '/nowhere', plugin: null, mcpServer: null },
        });
        // The formula of a pass is the plainest one, too.
        const { rates } = tariff;
        const pico =
          counts.inputTokens * rates.input +
          counts.outputTokens * rates.output +
          counts.cacheReadTokens * rates.cacheRead +
          counts.cacheWrite5mTokens * rates.cacheWrite5m +
          counts.cacheWrite1hTokens * rates.cacheWrite1h;
        const { costNanoUsd } = priceRequest(fact, LIST_PRICE, RATE_CARDS);
        expect(Math.abs(costNanoUsd - pico / 1_000)).toBeLessThanOrEqual(0.5);
      });
    }),
    { numRuns: 5_000 },
  );
  expect(plainCount / fileCount).toBeGreaterThan(0.1);
});
