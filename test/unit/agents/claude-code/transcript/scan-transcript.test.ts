// What the scan of a transcript tells: which lines matter, which harm nothing, and what a read leaves to the next.
import { describe, expect, test } from 'vitest';
import {
  NO_CARRY,
  NO_SOURCE,
  type RequestFact,
  type TranscriptFact,
} from '../../../../../src/agents/agent.ts';
import {
  mayHaveSpent,
  scanTranscript,
} from '../../../../../src/agents/claude-code/transcript/scan-transcript.ts';
import {
  BEGIN,
  compactBoundary,
  costState,
  prompt,
  response,
  result,
} from '../../../../support/transcript-lines.ts';

function scan(text: string | Uint8Array, carry = NO_CARRY, source = NO_SOURCE) {
  const facts: TranscriptFact[] = [];
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const scanned = scanTranscript(bytes, carry, (fact) => facts.push(fact), source);
  const requests = facts.filter((fact): fact is RequestFact => fact.kind === 'request');
  return { ...scanned, facts, requests, ids: requests.map(({ requestId }) => requestId) };
}

describe('a line', () => {
  test('of a response tells the request with everything that its price depends on', () => {
    const { facts } = scan(
      prompt('t1') +
        response({
          ...{ id: 'm1', at: 3, tool: 'Bash', agent: 'a7' },
          usage: { cache_read_input_tokens: 5, speed: 'fast', inference_geo: 'us' },
          message: { model: 'claude-haiku-4-5', pausedResponses: [{ usage: { input_tokens: 9 } }] },
        }),
    );
    expect(facts).toMatchObject([
      { kind: 'turn', turnId: 't1', sessionId: 's1', occurredAt: BEGIN, afterTotalCount: 0 },
      {
        ...{ kind: 'request', requestId: 'm1', sessionId: 's1', copiedInto: null, agentId: 'a7' },
        ...{ turnId: 't1', occurredAt: BEGIN + 3_000, model: 'claude-opus-4-7' },
        ...{ interrupted: false, writtenCostNanoUsd: null, cwd: '/nowhere', branch: 'main' },
        ...{ toolUseIds: ['toolu_m1'], toolNames: ['Bash'] },
        report: { speed: 'fast', inferenceGeo: 'us', usage: { cacheReadTokens: 5 } },
        paused: [{ usage: { inputTokens: 9 } }],
      },
    ]);
  });

  test('tells the skill, the plugin and the server it was made for, as their tools are named', () => {
    const of = (line: object) => scan(response({ id: 'm1', line })).requests[0];
    expect(of({})).toMatchObject({ skill: null, plugin: null, mcpServer: null });
    expect(
      of({
        attributionSkill: 'tools:fégen',
        attributionPlugin: 'tools',
        attributionMcpServer: 'box',
      }),
    ).toMatchObject({ skill: 'tools:fégen', plugin: 'tools', mcpServer: 'box' });
    expect(of({ attributionMcpServer: 'plugin:my_tools:the db' })).toMatchObject({
      ...{ skill: null, plugin: 'my_tools', mcpServer: 'plugin_my_tools_the_db' },
    });
    expect(of({ attributionSkill: 7, attributionMcpServer: {} })).toMatchObject({
      ...{ skill: null, plugin: null, mcpServer: null },
    });
  });

  test("copied into a fork belongs to the session that made it, and not to the fork's turn", () => {
    const { requests } = scan(
      prompt('t1', { session: 's2' }) + response({ id: 'm1', session: 's2', madeBy: 's1' }),
    );
    expect(requests).toMatchObject([{ sessionId: 's1', copiedInto: 's2', turnId: null }]);
  });

  test('tells compactions, searches and client totals, and after how many totals', () => {
    const { facts, carry } = scan(
      costState(0.5) +
        compactBoundary('c1', 1_234) +
        prompt('t1') +
        costState(1) +
        result('t1', { searchCount: 3 }) +
        result('t1', { searchCount: 0, stdout: '' }) +
        prompt('t2'),
    );
    expect(facts).toMatchObject([
      { kind: 'client-total', ordinal: 1, totalNanoUsd: 500_000_000 },
      { kind: 'compaction', id: 'c1', contextTokens: 1_234, afterTotalCount: 1 },
      { kind: 'turn', turnId: 't1', afterTotalCount: 1 },
      { kind: 'client-total', ordinal: 2, totalNanoUsd: 1_000_000_000 },
      { kind: 'search', count: 3 },
      { kind: 'turn', turnId: 't2', afterTotalCount: 2 },
    ]);
    expect(carry).toMatchObject({ turnId: 't2', totalCount: 2 });
  });

  test('is not news when it names the turn that is on', () => {
    const { facts } = scan(prompt('t1') + result('t1', { stdout: 'x'.repeat(100_000) }));
    expect(facts).toHaveLength(1);
  });

  test.each([1, 20_000])(
    'laid out by another program is read, also where it is long (%i)',
    (length) => {
      const spaced = (line: string) =>
        `${JSON.stringify({ ...JSON.parse(line), padding: 'x'.repeat(length) }, null, 1).replaceAll('\n', ' ')}\n`;
      const lines = [prompt('t1'), response({ id: 'm1' }), result('t1', { searchCount: 2 })];
      const last = [compactBoundary('c1', 5), costState(1), result('t2', { stdout: '' })];
      const { facts } = scan(
        [...lines, ...last, result('t2', { stdout: '' })].map(spaced).join(''),
      );
      expect(facts.map(({ kind }) => kind)).toEqual([
        ...['turn', 'request', 'search', 'compaction', 'client-total', 'turn'],
      ]);
    },
  );

  test('in twenty thousand lists is read like the others', () => {
    const nested = (inner: string) => `${'['.repeat(20_000)}${inner}${']'.repeat(20_000)}\n`;
    const inLists = nested(response({ id: 'm1' }).trim());
    const { ids } = scan(nested('') + inLists + response({ id: 'm2' }));
    expect(ids).toHaveLength(2);
  });

  test('with names beyond ASCII, raw or escaped, keeps them', () => {
    const line = { cwd: '/küche/日本', gitBranch: 'feat/ü' };
    const escaped = response({ id: 'm2', line }).replace('ü', '\\u00fc');
    const { requests } = scan(response({ id: 'm1', line, text: 'é' }) + escaped);
    expect(requests).toMatchObject([
      { cwd: '/küche/日本', branch: 'feat/ü' },
      { cwd: '/küche/日本', branch: 'feat/ü' },
    ]);
  });

  test.each([
    ['claude-opus-4-7', 'x'.repeat(16), 5],
    ['claude-opus-4-7', 'Z日本語日本', 2],
    ['claude-opus-4-7', 'Z'.repeat(5_001), 1_667],
    ['claude-sonnet-4-6', 'Z'.repeat(104), 26],
    ['claude-sonnet-4-6', 'Z'.repeat(5_001), 1_250],
    ['claude-sonnet-4-20250514', 'Z'.repeat(104), 26],
    ['claude-opus-5-5', 'Zab', 1],
    ['claude-opus-4-7', '', 1],
  ])('of %s cut off after %j counts as the client counts it', (model, text, outputTokens) => {
    const { requests } = scan(response({ id: 'm1', model, text, stopReason: null, output: 1 }));
    expect(requests).toMatchObject([{ interrupted: true, report: { usage: { outputTokens } } }]);
  });
});

describe('damage', () => {
  const good = response({ id: 'm2' });

  test.each([
    ['torn, the next written right behind it', response({ id: 'm1' }).slice(0, 200) + good],
    ['torn in a tool result', result('t1', { stdout: 'abc' }).slice(0, 150) + good],
    ['a hole of zero bytes', `${'\0'.repeat(5_000)}${good}`],
    ['a byte order mark', `\ufeff${good}`],
    ['carriage returns', good.replace('\n', '\r\n')],
    ['no JSON at all', `"usage":{ what\n"usage":{}\n[]\nnull\n17\n\n{"usage":{}}\n${good}`],
    [
      'another type in every field',
      `{"type":"assistant","message":{"id":7,"usage":{"input_tokens":{}}}}\n${good}`,
    ],
    ['a prototype', `{"__proto__":{"type":"assistant"},"promptId":"x","usage":{}}\n${good}`],
    ['nesting without end', `{"promptId":"t","usage":{"a":${'['.repeat(200_000)}\n${good}`],
  ])('%s costs no other line', (_, text) => {
    expect(scan(text).ids).toEqual(['m2']);
  });

  test('a client total behind a torn line is heard', () => {
    const torn = result('t1', { stdout: 'abc' }).slice(0, 150);
    expect(scan(torn + costState(1)).facts).toMatchObject([{ kind: 'client-total' }]);
  });

  test('bytes that are no UTF-8 are no obstacle', () => {
    const line = Buffer.from(response({ id: 'm1', text: 'PLACE' }));
    line.fill(0xff, line.indexOf('PLACE'), line.indexOf('PLACE') + 5);
    expect(scan(Buffer.concat([line, Buffer.from(good)])).ids).toEqual(['m1', 'm2']);
  });

  test('nested deep in the input of a tool that was cut off, all the same', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const line = response({ id: 'm1', tool: 'X', text: 'DEEP', stopReason: null });
    expect(scan(line.replace('"DEEP"', deep)).ids).toEqual(['m1']);
  });
});

describe('between reads', () => {
  test('the rest of a line stays for the next one', () => {
    const text = prompt('t1') + response({ id: 'm1' });
    const whole = scan(text);
    const first = scan(text.slice(0, -2));
    expect(first.consumedBytes).toBe(Buffer.byteLength(prompt('t1')));
    const second = scan(text.slice(first.consumedBytes), first.carry);
    expect([...first.facts, ...second.facts]).toEqual(whole.facts);
    expect(first.consumedBytes + second.consumedBytes).toBe(whole.consumedBytes);
  });
});

describe('a long line', () => {
  const long = { stdout: 'x'.repeat(20_000) };
  const open = scan(response({ id: 'm1' })).carry;

  test('without a fact gives its time, and ends the response before it', () => {
    const { carry, facts } = scan(result('t1', long, { at: 7 }), { ...open, turnId: 't1' });
    expect(facts).toEqual([]);
    expect(carry).toMatchObject({ lastAt: BEGIN + 7_000, response: { isOver: true } });
  });

  test.each([
    ['{"timestamp" : "2026-11-21T12:00:09.000Z"', BEGIN + 9_000],
    ['{"timestamp":1795262409', BEGIN + 9_000],
    [
      '{"timestamp":"2026-11-21T11:00:00.000Z","timestamp":"2026-11-21T12:00:09.000Z"',
      BEGIN + 9_000,
    ],
    ['{"timestamp":{}', BEGIN],
    ['{"timeset":"2026-11-21T12:00:09.000Z"', BEGIN],
  ])('with %s gives that time', (begin, at) => {
    const line = `${begin},"text":"${'x'.repeat(20_000)}"}\n`;
    expect(scan(line, open).carry.lastAt).toBe(at);
  });

  test('that names its turn twice, and another of them, is read', () => {
    const twice = result('t2', { ...long, promptId: 't1' });
    expect(scan(twice, { ...open, turnId: 't1' }).facts).toMatchObject([{ turnId: 't2' }]);
    expect(scan(twice, open).facts).toMatchObject([{ turnId: 't2' }]);
    const spaced = result('t1', long).replace('"promptId":"t1"', '"promptId" :  "t1"');
    expect(scan(spaced, { ...open, turnId: 't1' }).facts).toEqual([]);
    expect(scan(result('t10', long), { ...open, turnId: 't1' }).facts).toHaveLength(1);
  });

  test('with space at its end is whole, and one that is torn is looked at', () => {
    const spaced = result('t1', long).replace('\n', ' \r\n');
    expect(scan(spaced, { ...open, turnId: 't1' }).facts).toEqual([]);
    const torn = `${result('t1', long).trimEnd().slice(0, -9)}${response({ id: 'm2' })}`;
    expect(scan(torn, { ...open, turnId: 't1' }).ids).toEqual(['m2']);
    const listed = `[${response({ id: 'm3', text: long.stdout }).trimEnd()}]\n`;
    expect(scan(listed).ids).toEqual(['m3']);
  });
});

describe('a long line that cannot hold a fact', () => {
  const damaged = result('t1', { stdout: 'x'.repeat(20_000) }, { at: 7 }).replace('"x"', '"x" x');
  const open = { ...scan(response({ id: 'm1' })).carry, turnId: 't1' };

  test.each([
    ['as it is written', damaged],
    ['with space at its end', damaged.replace('\n', '\t \r\n')],
    ['with space before its turn', damaged.replace('"promptId":"t1"', '"promptId" :  "t1"')],
    ['that names its turn twice', damaged.replace('"t1"', '"t1","promptId":"t1"')],
    ['that names no turn', damaged.replace('"promptId":"t1",', '')],
  ])('%s is not parsed, so that damage in it costs nothing', (_, text) => {
    const before = prompt('t1');
    const { carry, facts, ids } = scan(`${before}${text}${response({ id: 'm2' })}`, open);
    expect(carry).toMatchObject({ unusableCount: 0 });
    expect([facts.length, ids]).toEqual([1, ['m2']]);
    expect(scan(text, open).carry).toMatchObject({
      ...{ lastAt: BEGIN + 7_000, unusableCount: 0, response: { isOver: true } },
    });
  });

  test('is more than the first line of an object that goes on', () => {
    const text = response({ id: 'm2', line: { uuid: 'u2' } });
    const first = `{"padding":"${'x'.repeat(20_000)}",\n`;
    expect(scan(`${first}${text.slice(1)}`)).toMatchObject({ ids: ['m2'] });
  });

  test('is longer than any text may be: it is told as one that cannot be used', () => {
    const bytes = Buffer.alloc(2 ** 29);
    bytes[bytes.length - 1] = 0x0a;
    const { carry, consumedBytes } = scan(bytes);
    expect({ consumedBytes, ...carry }).toEqual({
      ...{ ...NO_CARRY, consumedBytes: bytes.length, unusableCount: 1 },
    });
  });
});

describe('a list', () => {
  test('is as many lines, each with a place of its own', () => {
    const bare = (output: number) => ({
      ...{ type: 'assistant', sessionId: 's1', message: { usage: { output_tokens: output } } },
    });
    const { ids, consumedBytes } = scan(`${JSON.stringify([bare(1), [bare(2)], 7])}\n`);
    expect(ids).toEqual(['line:@0', 'line:@1']);
    expect(consumedBytes).toBe(JSON.stringify([bare(1), [bare(2)], 7]).length + 1);
  });
});

describe('a line that was written as a text of JSON', () => {
  const quoted = (text: string) => `${JSON.stringify(text.trim())}\n`;
  const line = quoted(response({ id: 'm1' }));

  test('is read, behind an empty line too, and told where it cannot be', () => {
    for (const text of [line, `\n${line}`, ` \t\r\n${line}`])
      expect(scan(text)).toMatchObject({ ids: ['m1'], carry: { unusableCount: 0 } });
    expect(scan(line.replace('{', '')).carry.unusableCount).toBe(1);
  });

  test('that says nothing of tokens is passed over', () => {
    expect(scan(quoted('hello') + quoted(prompt('t1')))).toMatchObject({
      ...{ facts: [], carry: { unusableCount: 0 } },
    });
  });
});

describe('the place of a line', () => {
  const bare = `${JSON.stringify({ type: 'assistant', message: { usage: { output_tokens: 1 } } })}\n`;

  test('is counted from the beginning of the file, and names what has no other name', () => {
    const source = { ...NO_SOURCE, sessionId: 's1', offset: 1_000 };
    expect(scan(bare + bare, NO_CARRY, source).ids).toEqual([
      'line:s1@1000',
      `line:s1@${1_000 + bare.length}`,
    ]);
    expect(scan(`${bare.trimEnd()}${bare}`, NO_CARRY, source).ids).toEqual([
      'line:s1@1000',
      `line:s1@${1_000 + bare.length - 1}`,
    ]);
  });
});

describe('the last line', () => {
  const line = response({ id: 'm1' });

  test.each([
    ['whole', line.trimEnd(), ['m1'], line.length - 1],
    ['whole, with space behind it', `${line.trimEnd()}  `, ['m1'], line.length + 1],
    ['a whole list', `[${line.trimEnd()}]`, ['m1'], line.length + 1],
    ['not whole', line.slice(0, -2), [], 0],
    ['whole but for an inner object', line.slice(0, line.lastIndexOf('}},') + 2), [], 0],
    ['space', '  ', [], 0],
    ['nothing', '', [], 0],
  ])('without an end: %s', (_, text, ids, consumedBytes) => {
    expect(scan(text)).toMatchObject({ ids, consumedBytes });
    expect(scan(line + text)).toMatchObject({ consumedBytes: line.length + consumedBytes });
  });

  test('of an object over several lines is waited for', () => {
    const text = `${JSON.stringify(JSON.parse(line), null, 1)}\n`;
    const begun = text.slice(0, text.indexOf('"usage"'));
    for (const part of [begun, begun.trimEnd(), `${begun.trimEnd()}\n`])
      expect(scan(part)).toMatchObject({ ids: [], consumedBytes: 0 });
    expect(scan(text)).toMatchObject({ ids: ['m1'], consumedBytes: text.length });
  });
});

test('bytes that may be the beginning of a line that spent', () => {
  expect(mayHaveSpent(Buffer.from('{"type":"assistant"'))).toBe(true);
  expect(mayHaveSpent(new Uint8Array(Buffer.from('x{"parentUuid"').subarray(1)))).toBe(true);
  expect(mayHaveSpent(Buffer.from('{"type":"user"'))).toBe(false);
});

test('what is torn and may have spent is counted', () => {
  const torn = response({ id: 'm1' }).slice(0, 200);
  expect(scan(`${torn}\n${response({ id: 'm2' })}`).carry.unusableCount).toBe(1);
  const carry = { ...NO_CARRY, unusableCount: 3 };
  expect(scan(`${torn}\n${response({ id: 'm2' })}`, carry).carry.unusableCount).toBe(4);
  expect(scan(`noise\n${response({ id: 'm2' })}`, carry).carry.unusableCount).toBe(3);
});
