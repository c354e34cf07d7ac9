// The facts in one line of a transcript, and what it leaves to the lines after it.
import { describe, expect, test } from 'vitest';
import {
  NO_CARRY,
  NO_SOURCE,
  type OpenResponse,
  type ScanCarry,
  type ScanSource,
  type TranscriptFact,
} from '../../../../../src/agents/agent.ts';
import {
  atTime,
  endResponse,
  readLine,
} from '../../../../../src/agents/claude-code/transcript/transcript-line.ts';

const AT = Date.UTC(2026, 10, 21, 12);
const timestamp = new Date(AT).toISOString();
const open: OpenResponse = {
  ...{ name: 'm1', key: 1, messageId: 'm1', requestId: null, uuid: null, block: null },
  ...{ promptTokens: 1, outputTokens: 1, hasUsage: true, isOver: false },
};

function read(
  line: Readonly<Record<string, unknown>>,
  carry: ScanCarry = NO_CARRY,
  { text = null as string | null, source = NO_SOURCE as ScanSource } = {},
) {
  const facts: TranscriptFact[] = [];
  const emit = (fact: TranscriptFact) => {
    facts.push(fact);
  };
  return { carry: readLine(line, carry, { emit, source, at: 70, text }), facts };
}

describe('the time of the last line', () => {
  test('is remembered where a line gives one', () => {
    expect(read({ type: 'mode', timestamp }).carry).toEqual({ ...NO_CARRY, lastAt: AT });
    expect(read({ type: 'mode' }, { ...NO_CARRY, lastAt: 5 }).carry.lastAt).toBe(5);
  });

  test('leaves the same carry where it is known', () => {
    const carry = { ...NO_CARRY, lastAt: AT };
    expect(atTime(carry, timestamp)).toBe(carry);
    expect(atTime(carry, null)).toBe(carry);
  });
});

test("a user's line ends the response before it, once", () => {
  const carry = { ...NO_CARRY, response: open };
  const ended = endResponse(carry);
  expect(ended.response).toEqual({ ...open, isOver: true });
  expect(endResponse(ended)).toBe(ended);
  expect(endResponse(NO_CARRY)).toBe(NO_CARRY);
  expect(read({ type: 'user' }, carry).carry.response?.isOver).toBe(true);
  expect(read({ type: 'system' }, carry).carry.response?.isOver).toBe(false);
});

describe('a turn', () => {
  const line = { type: 'user', sessionId: 's1', promptId: 't1', timestamp };

  test('begins with the first line that names it', () => {
    const { facts, carry } = read(line, { ...NO_CARRY, totalCount: 2 });
    expect(facts).toEqual([
      { kind: 'turn', turnId: 't1', sessionId: 's1', occurredAt: AT, afterTotalCount: 2 },
    ]);
    expect(carry.turnId).toBe('t1');
    expect(read(line, carry).facts).toEqual([]);
    expect(read({ ...line, promptId: 't2' }, carry).facts).toHaveLength(1);
  });

  test("is of the file's session where the line names none, and of no session where neither does", () => {
    const unnamed = { ...line, sessionId: ' ' };
    const { facts } = read(unnamed, NO_CARRY, { source: { ...NO_SOURCE, sessionId: 's7' } });
    expect(facts).toMatchObject([{ sessionId: 's7' }]);
    expect(read(unnamed)).toMatchObject({ facts: [], carry: { turnId: null } });
  });

  test.each([[undefined], [null], [7]])('is not named by %j', (promptId) => {
    expect(read({ ...line, promptId }).facts).toEqual([]);
    expect(read({ ...line, promptId }, { ...NO_CARRY, turnId: 't0' }).facts).toEqual([]);
  });
});

describe('searches of a side request', () => {
  const line = { type: 'user', sessionId: 's1', uuid: 'u1', timestamp };
  const searches = (more: object, ...rest: [ScanCarry?, { source?: ScanSource }?]) =>
    read({ ...line, toolUseResult: { searchCount: 3 }, ...more }, ...rest).facts;

  test('are told with their number', () => {
    expect(searches({})).toEqual([
      { kind: 'search', id: 'u1', sessionId: 's1', occurredAt: AT, count: 3 },
    ]);
  });

  test('have the name of their session and time, or place, where the line has none', () => {
    expect(searches({ uuid: null })).toMatchObject([{ id: `s1:${AT}` }]);
    expect(searches({ uuid: null, timestamp: null })).toMatchObject([{ id: 's1:70' }]);
  });

  test('were made when the line before was, or when the file was written', () => {
    const source = { ...NO_SOURCE, writtenAt: 9.7 };
    const untimed = { timestamp: null };
    expect(searches(untimed, { ...NO_CARRY, lastAt: 5 }, { source })).toMatchObject([
      { occurredAt: 5 },
    ]);
    expect(searches(untimed, NO_CARRY, { source })).toMatchObject([{ occurredAt: 9 }]);
  });

  test.each([[0], [-1], [1.5], ['x'], [null], [1e300]])('%j are none', (searchCount) => {
    expect(searches({ toolUseResult: { searchCount } })).toEqual([]);
  });
});

describe('a compaction', () => {
  const line = {
    type: 'system',
    subtype: 'compact_boundary',
    sessionId: 's1',
    uuid: 'u1',
    timestamp,
  };

  test('tells the context it summarised', () => {
    const given = { ...line, compactMetadata: { preTokens: 1_234 } };
    expect(read(given, { ...NO_CARRY, totalCount: 4 }).facts).toEqual([
      {
        ...{ kind: 'compaction', id: 'u1', sessionId: 's1', occurredAt: AT },
        ...{ contextTokens: 1_234, afterTotalCount: 4 },
      },
    ]);
  });

  test.each([[undefined], [{ preTokens: -5 }], [{ preTokens: 1.5 }], [{ preTokens: 'x' }]])(
    'of unknown size (%j) is one of nothing',
    (compactMetadata) => {
      expect(read({ ...line, compactMetadata }).facts).toMatchObject([{ contextTokens: 0 }]);
    },
  );

  test('without an id is named by its place; without a session it is none', () => {
    expect(read({ ...line, uuid: null }).facts).toMatchObject([{ id: 's1@70' }]);
    expect(read({ ...line, sessionId: null }).facts).toEqual([]);
    expect(read({ ...line, subtype: 'other' }).facts).toEqual([]);
  });
});

describe("the client's total", () => {
  const line = {
    type: 'cost-state',
    sessionId: 's1',
    totalCostUSD: 0.25,
    hasUnknownModelCost: true,
  };

  test('is told with its place among the others', () => {
    const { facts, carry } = read(line, { ...NO_CARRY, totalCount: 2 });
    expect(facts).toEqual([
      {
        ...{ kind: 'client-total', sessionId: 's1', ordinal: 3 },
        ...{ totalNanoUsd: 250_000_000, hasUnknownModel: true },
      },
    ]);
    expect(carry.totalCount).toBe(3);
    expect(read({ ...line, hasUnknownModelCost: 'true' }).facts).toMatchObject([
      { hasUnknownModel: false },
    ]);
  });

  test.each([[-0.1], ['x'], [null], [1e300], [Number.POSITIVE_INFINITY]])(
    'is not %j',
    (totalCostUSD) => {
      expect(read({ ...line, totalCostUSD })).toEqual({ facts: [], carry: NO_CARRY });
    },
  );

  test('of no session is none', () => {
    expect(read({ ...line, sessionId: null }).facts).toEqual([]);
  });
});

describe('responses', () => {
  const message = { id: 'm1', model: 'x', usage: { input_tokens: 1 } };
  const line = { sessionId: 's1', timestamp, message };

  test.each([
    ['assistant', 1],
    ['user', 1],
    ['system', 1],
    ['progress', 1],
    [undefined, 1],
    ['result', 0],
    ['summary', 0],
    ['cost-state', 0],
  ])('in a line of the type %j: %d', (type, count) => {
    expect(read({ ...line, type }).facts).toHaveLength(count);
  });

  test('are looked for in a line of another type only where its text speaks of a usage', () => {
    const progress = { ...line, type: 'progress' };
    expect(read(progress, NO_CARRY, { text: JSON.stringify(progress) }).facts).toHaveLength(1);
    expect(read(progress, NO_CARRY, { text: 'nothing' }).facts).toEqual([]);
  });

  test("in a user's line without a usage are none", () => {
    expect(read({ ...line, type: 'user', message: { id: 'm1' } }).facts).toEqual([]);
  });
});
