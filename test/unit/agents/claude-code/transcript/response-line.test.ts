// The request in a line: whose it is, what it used, what it was for, and what has no price.
import { describe, expect, test } from 'vitest';
import {
  NO_CARRY,
  NO_SOURCE,
  type RequestFact,
  type ScanCarry,
  type ScanSource,
} from '../../../../../src/agents/agent.ts';
import { hashOf } from '../../../../../src/agents/claude-code/transcript/response-identity.ts';
import { costOf } from '../../../../../src/agents/claude-code/transcript/response-line.ts';
import type { Line } from '../../../../../src/agents/claude-code/transcript/spellings.ts';
import { readLine } from '../../../../../src/agents/claude-code/transcript/transcript-line.ts';

const AT = Date.UTC(2026, 10, 21, 12);
const usage = { input_tokens: 1_000, output_tokens: 100 };
const message = { id: 'm1', model: 'claude-opus-4-7', usage, stop_reason: 'end_turn' };
const base = {
  ...{ type: 'assistant', sessionId: 's1', uuid: 'u1', requestId: 'r1' },
  ...{ timestamp: new Date(AT).toISOString(), message },
};

function readAll(
  lines: readonly Line[],
  { carry = NO_CARRY as ScanCarry, source = NO_SOURCE as ScanSource } = {},
) {
  const requests: RequestFact[] = [];
  const emit = (fact: { readonly kind: string }) => {
    if (fact.kind === 'request') requests.push(fact as RequestFact);
  };
  let state = carry;
  lines.forEach((line, index) => {
    state = readLine(line, state, { emit, source, at: index * 100, text: null });
  });
  return { requests, carry: state };
}
const read = (line: Line, given: Parameters<typeof readAll>[1] = {}) => readAll([line], given);
const request = (line: Line, given: Parameters<typeof readAll>[1] = {}) =>
  read(line, given).requests[0];
const outputOf = (fact: RequestFact | undefined) => fact?.report.usage.outputTokens;

describe('nobody pays for', () => {
  test.each([
    ["Claude Code's own words", { message: { ...message, model: '<synthetic>' } }],
    ['what was asked of no model', { requestedModel: '<synthetic>' }],
    ['an error of the API', { isApiErrorMessage: true }],
    ['what a subscription includes', { isUnmetered: true }],
  ])('%s', (_, more) => {
    expect(read({ ...base, ...more })).toMatchObject({ requests: [], carry: { unusableCount: 0 } });
  });

  test('what only looks like one of these is paid', () => {
    expect(request({ ...base, isApiErrorMessage: 'true', isUnmetered: 1 })).toBeDefined();
  });
});

describe('the model', () => {
  test.each([
    [{ requestedModel: 'a', message, model: 'c' }, 'a'],
    [{ requestedModel: ' ', message, model: 'c' }, 'claude-opus-4-7'],
    [{ message: { ...message, model: '' }, model: ' c ' }, 'c'],
    [{ message: { ...message, model: 7 } }, 'unknown'],
  ])('of %j is %s', (more, model) => {
    expect(request({ ...base, ...more })?.model).toBe(model);
  });
});

describe('the usage', () => {
  test('stands in the message, or beside it', () => {
    expect(outputOf(request(base))).toBe(100);
    const beside = { ...base, usage: { output_tokens: 7 } };
    expect(outputOf(request(beside))).toBe(100);
    expect(outputOf(request({ ...beside, message: { id: 'm1' } }))).toBe(7);
    const { message: _, ...flat } = beside;
    expect(request({ ...flat, id: 'm9', model: 'x' })).toMatchObject({
      requestId: 'm9',
      model: 'x',
    });
  });

  test('that no line of a response has makes it one line that cannot be used', () => {
    const without = { ...base, message: { id: 'm1' } };
    expect(read(without)).toMatchObject({ requests: [], carry: { unusableCount: 1 } });
    const both = readAll([without, base]);
    expect(both).toMatchObject({ requests: [{ requestId: 'm1' }], carry: { unusableCount: 0 } });
    expect(readAll([base, without]).carry.unusableCount).toBe(0);
    expect(readAll([without, without]).carry.unusableCount).toBe(1);
    const other = { ...base, requestId: 'r2', message: { id: 'm2' } };
    expect(readAll([without, other]).carry.unusableCount).toBe(2);
    expect(readAll([without, { ...without, requestId: 'r2' }]).carry.unusableCount).toBe(2);
  });

  test('with a count that is none, here or in a paused response, is one line that cannot be used', () => {
    const broken = { ...base, message: { ...message, usage: { ...usage, input_tokens: 'x' } } };
    expect(read(broken)).toMatchObject({ requests: [{}], carry: { unusableCount: 1 } });
    const both = { input_tokens: 'x', output_tokens: 'y' };
    expect(read({ ...base, message: { ...message, usage: both } }).carry.unusableCount).toBe(1);
    const paused = { ...message, pausedResponses: [{ usage: { input_tokens: {} } }] };
    expect(read({ ...base, message: paused }).carry.unusableCount).toBe(1);
  });

  test('is replaced by a cost that an old client wrote', () => {
    const old = { ...base, costUSD: 0.25, message: { id: 'm1' } };
    expect(request(old)).toMatchObject({ writtenCostNanoUsd: 250_000_000 });
    expect(outputOf(request(old))).toBe(0);
    expect(request(base)?.writtenCostNanoUsd).toBeNull();
  });
});

test.each([
  [0, 0],
  [0.1, 100_000_000],
  ['0.5', 500_000_000],
  [0.000_000_000_4, 0],
  [0.000_000_000_5, 1],
  [-0.1, null],
  [Number.POSITIVE_INFINITY, null],
  [1e7, null],
  ['', null],
  [{}, null],
])('a written cost of %o is %o nano-dollars', (value, nano) => {
  expect(costOf(value)).toBe(nano);
});

describe('whose it is', () => {
  test('the session, subagent, turn, time and place that the line and the lines before it say', () => {
    const more = { agentId: 'a7', cwd: '/r', gitBranch: 'main' };
    expect(request({ ...base, ...more }, { carry: { ...NO_CARRY, turnId: 't1' } })).toMatchObject({
      ...{ sessionId: 's1', copiedInto: null, agentId: 'a7', turnId: 't1', occurredAt: AT },
      ...{ cwd: '/r', branch: 'main', responseKey: hashOf('r1'), interrupted: false },
    });
    expect(request({ ...base, agentId: '', cwd: 7, gitBranch: null })).toMatchObject({
      ...{ agentId: null, turnId: null, cwd: null, branch: null },
    });
  });

  test('a copy in a fork is of the session that asked, and of no turn', () => {
    const given = { carry: { ...NO_CARRY, turnId: 't1' } };
    expect(request({ ...base, requestSessionId: 's0' }, given)).toMatchObject({
      ...{ sessionId: 's0', copiedInto: 's1', turnId: null },
    });
    expect(request({ ...base, requestSessionId: 's1' }, given)).toMatchObject({
      ...{ copiedInto: null, turnId: 't1' },
    });
    const unnamed = { ...base, sessionId: null, requestSessionId: 's0' };
    expect(request(unnamed, given)).toMatchObject({
      ...{ sessionId: 's0', copiedInto: null, turnId: 't1' },
    });
  });

  test("the file's session where no line says it; else it cannot be used", () => {
    const unnamed = { ...base, sessionId: null };
    expect(request(unnamed, { source: { ...NO_SOURCE, sessionId: 's9' } })).toMatchObject({
      ...{ sessionId: 's9', copiedInto: null },
    });
    expect(read(unnamed)).toMatchObject({ requests: [], carry: { unusableCount: 1 } });
  });

  test('without a time it was made about when the line before was, else when the file was written', () => {
    const source = { ...NO_SOURCE, writtenAt: 9.7 };
    const untimed = { ...base, timestamp: null };
    const carry = { ...NO_CARRY, lastAt: 5 };
    expect(request(untimed, { carry, source })?.occurredAt).toBe(5);
    expect(request(untimed, { source })?.occurredAt).toBe(9);
  });
});

test('its tools are those it asked for, by id and by name', () => {
  const content = [
    { type: 'text', text: 'x', id: 'no', name: 'no' },
    { type: 'tool_use', id: 't1', name: 'Bash' },
    { type: 'tool_use', id: 7, name: 'Read' },
    { type: 'tool_use', id: 't3' },
    null,
  ];
  expect(request({ ...base, message: { ...message, content } })).toMatchObject({
    ...{ toolUseIds: ['t1', 't3'], toolNames: ['Bash', 'Read'] },
  });
});

test.each([
  [{ attributionMcpServer: 'my server.2' }, { mcpServer: 'my_server_2', plugin: null }],
  [{ attributionMcpServer: 'plugin:p:db' }, { mcpServer: 'plugin_p_db', plugin: 'p' }],
  [{ attributionMcpServer: 'plugin:p' }, { mcpServer: 'plugin_p', plugin: null }],
  [{ attributionMcpServer: 'a plugin:p:db' }, { plugin: null }],
  [{ attributionMcpServer: 'plugin:p:db', attributionPlugin: 'q' }, { plugin: 'q' }],
  [{ attributionSkill: 'polish' }, { skill: 'polish', mcpServer: null }],
])('it was made for %j', (more, origin) => {
  expect(request({ ...base, ...more })).toMatchObject(origin);
});

describe('cut off', () => {
  const cut = (block: object | null, more: Line = {}, model = 'claude-opus-4-7'): Line => ({
    ...{ ...base, requestedModel: model, ...more },
    message: {
      ...{ ...message, stop_reason: null, content: [block] },
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  });
  const LETTERS = 'x'.repeat(1_200);

  test.each<[object | null, number]>([
    [{ type: 'text', text: LETTERS }, 400],
    [{ type: 'thinking', thinking: LETTERS }, 400],
    [{ type: 'tool_use', input: { a: LETTERS } }, 403],
    [{ type: 'tool_use' }, 1],
    [{ type: 'text', text: 7 }, 1],
    [null, 1],
  ])('%j is estimated at %d', (block, tokens) => {
    const fact = request(cut(block));
    expect([fact?.interrupted, outputOf(fact)]).toEqual([true, tokens]);
  });

  test.each([
    ['claude-opus-4-7', 400],
    ['claude-opus-4-6', 300],
    ['claude-sonnet-4-20250514', 300],
    ['claude-3-5-haiku', 300],
    ['claude-3-opus', 300],
    ['claude-opus-5', 400],
    ['claude-opus-5-1', 400],
    ['claude-opus-10-1', 400],
    ['claude-opus-10', 400],
    ['claude-opus-4-12', 400],
    ['gateway', 400],
  ])('%s streams %d tokens', (model, tokens) => {
    expect(outputOf(request(cut({ type: 'text', text: LETTERS }, {}, model)))).toBe(tokens);
  });

  test('lines of its blocks add up, and one that is repeated counts once', () => {
    const block = (apiBlockIndex: number, text: string) =>
      cut({ type: 'text', text }, { apiBlockIndex, uuid: `u${apiBlockIndex}` });
    const { requests, carry } = readAll([
      block(0, 'x'.repeat(300)),
      block(1, 'x'.repeat(600)),
      block(1, 'x'.repeat(900)),
    ]);
    expect(requests.map(outputOf)).toEqual([100, 300, 400]);
    expect(carry.cutOff).toEqual({ id: 'm1', lengths: { 0: 300, 1: 900 } });
    const unnumbered = [cut({ text: LETTERS }), cut({ text: LETTERS }, { uuid: 'u2' })];
    expect(readAll(unnumbered).requests.map(outputOf)).toEqual([400, 800]);
  });

  test('another response begins anew, and one that ends leaves nothing', () => {
    const other = cut({ text: LETTERS }, { requestId: 'r2' });
    const second = { ...other, message: { ...(other.message as object), id: 'm2' } };
    expect(readAll([cut({ text: LETTERS }), second]).requests.map(outputOf)).toEqual([400, 400]);
    expect(readAll([cut({ text: LETTERS }), base]).carry.cutOff).toBeNull();
  });

  test('a count that says more than the text is kept', () => {
    const line = cut({ type: 'text', text: 'x' });
    expect(outputOf(request({ ...line, message: { ...(line.message as object), usage } }))).toBe(
      100,
    );
  });
});

test('lines of one message id are two responses where their prompts differ', () => {
  const named = (uuid: string, tokens: object) => ({
    ...{ ...base, requestId: null, uuid, parentUuid: 'u0' },
    message: { ...message, usage: tokens },
  });
  const keysOf = (...tokens: readonly object[]) =>
    readAll(tokens.map((each, index) => named(`u${index + 1}`, each))).requests.map(
      ({ responseKey }) => responseKey,
    );
  const [one, two] = [hashOf('u1'), hashOf('u2')];
  const more = { ...usage, output_tokens: 150 };
  expect(keysOf(usage, more)).toEqual([one, one]);
  expect(keysOf(usage, { ...more, input_tokens: 2_000 })).toEqual([one, two]);
  expect(keysOf(more, usage)).toEqual([one, two]);
});

describe('inside a line of another type', () => {
  const outer = {
    type: 'progress',
    sessionId: 's1',
    uuid: 'o1',
    timestamp: base.timestamp,
    cwd: '/r',
  };
  const inner = { type: 'assistant', uuid: 'u1', requestId: 'r1', message };
  const nested = (data: unknown, more = {}) => readAll([{ ...outer, data, ...more }]);

  test('responses are found in objects and lists, with what the outer line says', () => {
    const { requests } = nested([inner, { deep: { ...inner, message: { ...message, id: 'm2' } } }]);
    expect(requests).toMatchObject([
      { requestId: 'm1', sessionId: 's1', cwd: '/r', occurredAt: AT, responseKey: hashOf('r1') },
      { requestId: 'm2', sessionId: 's1' },
    ]);
  });

  test('the inner line rules where it says more', () => {
    expect(nested({ ...inner, sessionId: 's2', cwd: '/x' }).requests).toMatchObject([
      { sessionId: 's2', cwd: '/x' },
    ]);
  });

  test('a message id without a request id may be any response of that name', () => {
    const { requestId: _, ...unnamed } = inner;
    expect(nested(unnamed).requests).toMatchObject([{ requestId: 'm1', responseKey: null }]);
    const { requests } = nested({ ...inner, message: { ...message, id: undefined } });
    expect(requests).toMatchObject([{ requestId: 'r1', responseKey: hashOf('r1') }]);
    expect(nested({ uuid: 'u2', total: { usage } }).requests).toMatchObject([
      { requestId: 'line:u2', responseKey: hashOf('u2') },
    ]);
  });

  test.each([['message'], ['uuid'], ['requestId']])('a line is known by its %s', (name) => {
    const around = { sessionId: 's2', [name]: 'x', answer: message };
    expect(nested(around).requests).toMatchObject([{ sessionId: 's2' }]);
    expect(nested({ sessionId: 's2', answer: message }).requests).toMatchObject([
      { sessionId: 's1' },
    ]);
  });

  test('what a tool or a model keeps there is its own affair', () => {
    for (const name of ['content', 'input', 'toolUseResult', 'arguments'])
      expect(nested({ [name]: inner }).requests).toEqual([]);
    expect(nested({ output: inner }).requests).toHaveLength(1);
  });

  test('a sum of a subagent is none of its own', () => {
    expect(nested({ agentId: 'a7', uuid: 'u2', total: { usage } }).requests).toEqual([]);
    expect(nested({ agentId: 'a7', uuid: 'u2', total: { id: 'm1', usage } }).requests).toHaveLength(
      1,
    );
    expect(nested({ uuid: 'u2', total: { usage } }).requests).toHaveLength(1);
  });

  test('nobody pays there for what nobody pays elsewhere', () => {
    expect(nested({ ...inner, isApiErrorMessage: true }).requests).toEqual([]);
    expect(nested({ ...inner, message: { ...message, model: '<synthetic>' } }).requests).toEqual(
      [],
    );
  });

  test('it begins and ends no response of the lines around it', () => {
    const { carry, requests } = readAll([base, { ...outer, data: { ...inner, requestId: 'r2' } }]);
    expect(requests).toHaveLength(2);
    expect(carry.response).toMatchObject({ name: 'm1', requestId: 'r1' });
  });

  test('it is looked for six objects deep', () => {
    const wrap = (depth: number) =>
      Array.from({ length: depth }).reduce<unknown>((value) => ({ in: value }), inner);
    expect(nested(wrap(4)).requests).toHaveLength(1);
    expect(nested(wrap(5)).requests).toEqual([]);
  });
});
