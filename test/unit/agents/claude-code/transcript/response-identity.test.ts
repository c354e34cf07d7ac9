// Which response a line is of: what names one, and when two lines are of the same.
import { describe, expect, test } from 'vitest';
import { NO_SOURCE, type OpenResponse, type ScanSource } from '../../../../../src/agents/agent.ts';
import {
  hashOf,
  type LineTokens,
  responseOf,
} from '../../../../../src/agents/claude-code/transcript/response-identity.ts';
import type { Line } from '../../../../../src/agents/claude-code/transcript/spellings.ts';

const source: ScanSource = { ...NO_SOURCE, sessionId: 's1' };
const TOKENS: LineTokens = { promptTokens: 1_000, outputTokens: 100 };
const LONG_ID = 'msg_01XFDUDYJgAACzvnptvVoYEL';

const read = (
  line: Line,
  messageId: string | null,
  known: OpenResponse | null,
  tokens: LineTokens | null = TOKENS,
) => responseOf(line, messageId, tokens, known, source, 40);

test('a hash is whole, of 52 bits, and never another', () => {
  expect(hashOf('')).toBe(0xc9dc5 * 2 ** 32 + 0x1b873593);
  expect(hashOf('req_1')).toBe(3_023_309_655_954_375);
});

describe('a response without one before it', () => {
  test.each<[Line, string | null, string, string]>([
    [{ requestId: 'r1', uuid: 'u1', timestamp: 't1' }, 'm1', 'm1', 'r1'],
    [{ requestId: 'r1', uuid: 'u1', timestamp: 't1' }, null, 'r1', 'r1'],
    [{ requestId: 'undefined', uuid: 'u1', timestamp: 't1' }, 'm1', 'm1', 'u1'],
    [{ requestId: 'N/A', uuid: 'None', timestamp: 't1' }, 'm1', 'm1', 't1'],
    [{ uuid: 'u1', timestamp: 't1' }, 'm1', 'm1', 'u1'],
    [{ uuid: 'u1', timestamp: 't1' }, null, 'line:u1', 'u1'],
    [{ timestamp: 't1' }, null, 'line:s1@40', 't1'],
    [{}, null, 'line:s1@40', 's1@40'],
  ])('%j with the message id %j is %s', (line, messageId, name, keyText) => {
    expect(read(line, messageId, null)).toMatchObject({ name, key: hashOf(keyText) });
  });

  test('by its place names its subagent, too', () => {
    const { name } = responseOf({}, null, null, null, { ...source, agentId: 'a7' }, 40);
    expect(name).toBe('line:s1/a7@40');
  });

  test('keeps what the next line is compared with', () => {
    expect(read({ requestId: 'r1', uuid: 'u1', apiBlockIndex: 2 }, 'm1', null)).toEqual({
      ...{ name: 'm1', key: hashOf('r1'), messageId: 'm1', requestId: 'r1', uuid: 'u1', block: 2 },
      ...{ ...TOKENS, hasUsage: true, isOver: false },
    });
    expect(read({}, null, null, null)).toMatchObject({
      ...{ messageId: null, requestId: null, uuid: null, block: null },
      ...{ promptTokens: 0, outputTokens: 0, hasUsage: false },
    });
  });
});

/** Whether the second line goes on with the response of the first. */
function continues(
  first: Line & { readonly id?: string | null; readonly tokens?: LineTokens | null },
  second: Line & { readonly id?: string | null; readonly tokens?: LineTokens | null },
  isOver = false,
): boolean {
  const { id: firstId = null, tokens: firstTokens = TOKENS, ...firstLine } = first;
  const { id = null, tokens = TOKENS, ...line } = second;
  const known = { ...read(firstLine, firstId, null, firstTokens), name: 'first', key: 1, isOver };
  const next = responseOf(line, id, tokens, known, source, 80);
  return next.name === 'first' && next.key === 1;
}

describe('two lines', () => {
  test.each([
    [
      'of two message ids',
      { id: 'm1', requestId: LONG_ID },
      { id: 'm2', requestId: LONG_ID },
      false,
    ],
    [
      'of one request id that nothing else has',
      { requestId: LONG_ID },
      { requestId: LONG_ID },
      true,
    ],
    [
      'of one long request id, without a message id on one',
      { id: 'm1', requestId: LONG_ID },
      { requestId: LONG_ID },
      true,
    ],
    [
      'of one request id, though their blocks go back',
      { requestId: LONG_ID, apiBlockIndex: 1 },
      { requestId: LONG_ID, apiBlockIndex: 0 },
      true,
    ],
    [
      'of two request ids',
      { id: LONG_ID, requestId: 'r1' },
      { id: LONG_ID, requestId: 'r2' },
      false,
    ],
    ['of one short request id', { requestId: 'r1' }, { requestId: 'r1' }, true],
    [
      'of a request id of 15 letters and blocks that go back',
      { requestId: 'r'.repeat(15), apiBlockIndex: 1 },
      { requestId: 'r'.repeat(15), apiBlockIndex: 0 },
      false,
    ],
    [
      'of a request id of 16 letters and blocks that go back',
      { requestId: 'r'.repeat(16), apiBlockIndex: 1 },
      { requestId: 'r'.repeat(16), apiBlockIndex: 0 },
      true,
    ],
    ['that are one line', { uuid: 'u1', apiBlockIndex: 1 }, { uuid: 'u1', apiBlockIndex: 1 }, true],
    ['with blocks in order', { apiBlockIndex: 0 }, { apiBlockIndex: 1 }, true],
    ['with the same block', { apiBlockIndex: 1 }, { apiBlockIndex: 1 }, false],
    ['with blocks on one only', { apiBlockIndex: 0 }, {}, false],
    ['with a block on the second only', {}, { apiBlockIndex: 1 }, false],
    ['that say nothing', {}, {}, false],
    ['with uuids of their own', { uuid: 'u1' }, { uuid: 'u2' }, false],
    ['of which one says a request id', { requestId: 'r1' }, {}, false],
    ['of which the second says a request id', {}, { requestId: 'r1' }, false],
  ] as const)('%s', (_, first, second, isSame) => {
    expect(continues(first, second)).toBe(isSame);
  });

  test('with blocks in order are of two responses once the first is over, unless a message id says more', () => {
    expect(continues({ apiBlockIndex: 0 }, { apiBlockIndex: 1 }, true)).toBe(false);
    const named = { id: 'm1', apiBlockIndex: 0 };
    expect(continues(named, { id: 'm1', apiBlockIndex: 1 }, true)).toBe(true);
  });
});

describe('two lines of one message id', () => {
  const more = { promptTokens: 1_000, outputTokens: 150 };
  const other = { promptTokens: 2_000, outputTokens: 150 };
  const UNIQUE = 'm'.repeat(16);
  const SHORT = 'm'.repeat(15);

  test.each([
    ['that say no parent', SHORT, {}, { tokens: other }, true],
    ['of which the first says a block', SHORT, { apiBlockIndex: 0 }, {}, true],
    ['of which the second says a block', SHORT, {}, { apiBlockIndex: 0 }, true],
    ['of which the first says a request id', SHORT, { requestId: 'r1' }, {}, true],
    [
      'one of which follows the other',
      SHORT,
      { uuid: 'u1' },
      { parentUuid: 'u1', tokens: other },
      true,
    ],
    [
      'one of which follows another line',
      SHORT,
      { uuid: 'u1' },
      { parentUuid: 'u9', tokens: other },
      false,
    ],
    [
      'without a parent, where the first has no uuid',
      SHORT,
      {},
      { parentUuid: null, tokens: other },
      false,
    ],
    ['that nothing else has', UNIQUE, { uuid: 'u1' }, { parentUuid: 'u9', tokens: other }, true],
    [
      'with more output for the same prompt',
      SHORT,
      { uuid: 'u1' },
      { parentUuid: 'u9', tokens: more },
      true,
    ],
    [
      'with the same output for the same prompt',
      SHORT,
      { uuid: 'u1' },
      { parentUuid: 'u9' },
      false,
    ],
    [
      'without a usage on the second',
      SHORT,
      { uuid: 'u1' },
      { parentUuid: 'u9', tokens: null },
      true,
    ],
    [
      'without a usage on the first',
      SHORT,
      { uuid: 'u1', tokens: null },
      { parentUuid: 'u9' },
      true,
    ],
  ] as const)('%s', (_, id, first, second, isSame) => {
    expect(continues({ id, ...first }, { id, ...second })).toBe(isSame);
  });

  test.each([
    ['the same tokens and an id that nothing else has', UNIQUE, TOKENS, true],
    ['an id that others may have', SHORT, TOKENS, false],
    ['more output', UNIQUE, more, false],
    ['another prompt', UNIQUE, { ...TOKENS, promptTokens: 2_000 }, false],
  ])('with a user between them: %s', (_, id, tokens, isSame) => {
    expect(continues({ id }, { id, tokens }, true)).toBe(isSame);
  });
});

describe('a line that goes on with a response', () => {
  const known = read({ requestId: 'r1', uuid: 'u1', apiBlockIndex: 0 }, 'm1', null);

  test('keeps its name, its key and its tokens where the line has none', () => {
    const next = read({ requestId: 'r1', uuid: 'u2', apiBlockIndex: 1 }, null, known, null);
    expect(next).toEqual({
      ...{ name: 'm1', key: hashOf('r1'), messageId: 'm1', requestId: 'r1', uuid: 'u2', block: 1 },
      ...{ ...TOKENS, hasUsage: true, isOver: false },
    });
  });

  test('adds what it says first', () => {
    const unnamed = read({ uuid: 'u1', apiBlockIndex: 0 }, null, null, null);
    const next = read({ requestId: 'r1', uuid: 'u2', apiBlockIndex: 1 }, 'm1', unnamed);
    expect(next).toMatchObject({
      ...{ name: 'line:u1', key: hashOf('u1'), messageId: 'm1', requestId: 'r1' },
      ...{ ...TOKENS, hasUsage: true },
    });
  });

  test('takes over nothing from another response', () => {
    const next = read({ uuid: 'u2' }, 'm2', known, null);
    expect(next).toMatchObject({
      ...{ name: 'm2', messageId: 'm2', requestId: null },
      ...{ promptTokens: 0, outputTokens: 0, hasUsage: false },
    });
  });
});
