// Property: whatever dialect a transcript is written in, the requests and tokens that are recorded are those of the book, or lines
// that could not be used are told. Fields missing, spelled otherwise, in any order, in any layout, with any garbage between.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_CARRY, type RequestFact } from '../../src/agents/agent.ts';
import { scanTranscript } from '../../src/agents/claude-code/transcript/scan-transcript.ts';
import { ingestSession } from '../../src/ingest/ingest-session.ts';
import { mergeResponseLines } from '../../src/ingest/merge-response-lines.ts';
import { LATER, openFileLedger } from '../support/file-ledger.ts';
import { runs } from '../support/runs.ts';

type Fields = Record<string, unknown>;
const AT = Date.UTC(2026, 10, 21, 12);

/** One response as it was, and how its lines tell it. */
interface Told {
  readonly input: number;
  readonly output: number;
  readonly lineCount: number;
  readonly spelling: (count: number) => unknown;
  readonly time: (at: number) => unknown;
  /** Names of fields that are left out. */
  readonly without: readonly string[];
  readonly isReversed: boolean;
}

const told: fc.Arbitrary<Told> = fc.record({
  input: fc.integer({ min: 1, max: 90_000 }),
  output: fc.integer({ min: 1, max: 9_000 }),
  lineCount: fc.integer({ min: 1, max: 3 }),
  spelling: fc.constantFrom<((count: number) => unknown)[]>(
    (count) => count,
    String,
    (count) => ` ${count} `,
    (count) => count.toFixed(1),
    (count) => count.toLocaleString('en-US'),
    (count) => count.toExponential(),
  ),
  time: fc.constantFrom<((at: number) => unknown)[]>(
    (at) => new Date(at).toISOString(),
    (at) => new Date(at).toISOString().slice(0, 19),
    (at) => new Date(at).toUTCString(),
    (at) => at,
    (at) => at / 1_000,
    String,
    () => null,
    () => 'soon',
    () => '9999-01-01T00:00:00Z',
  ),
  without: fc.subarray([
    ...['timestamp', 'sessionId', 'model', 'parentUuid', 'cwd', 'gitBranch', 'version'],
    ...['apiBlockIndex', 'type of message', 'stop_reason', 'content'],
  ]),
  isReversed: fc.boolean(),
});

/** Which names the responses have: their own, or one that all share, or none. */
type Names =
  | 'own'
  | 'message id only'
  | 'shared id, own request id'
  | 'request id only'
  | 'uuid only';
const names = fc.constantFrom<Names[]>(
  ...([
    'own',
    'message id only',
    'shared id, own request id',
    'request id only',
    'uuid only',
  ] as const),
);

function idsOf(name: Names, index: number): { id?: unknown; requestId?: unknown } {
  const [id, requestId] = [`msg_01DialectResponse${index}`, `req_011DialectRequest${index}`];
  switch (name) {
    case 'own':
      return { id, requestId };
    case 'message id only':
      return { id };
    case 'shared id, own request id':
      return { id: 'gateway', requestId };
    case 'request id only':
      return { id: index % 2 === 0 ? null : '', requestId };
    case 'uuid only':
      return {};
  }
}

/** The lines of a response, each with the usage of all of it. */
function linesOf(given: Told, name: Names, index: number): Fields[] {
  const { input, output, spelling, time, without, isReversed } = given;
  const { id, requestId } = idsOf(name, index);
  // Lines without any name are responses of their own.
  const count = name === 'uuid only' ? 1 : given.lineCount;
  return Array.from({ length: count }, (_, block) => {
    const content = [{ type: 'tool_use', id: `toolu_${index}_${block}`, name: 'Bash', input: {} }];
    const message: Fields = {
      ...{ id, type: 'message', role: 'assistant', model: 'claude-opus-4-7', content },
      ...{ stop_reason: 'tool_use' },
      usage: { input_tokens: spelling(input), output_tokens: spelling(output) },
    };
    const line: Fields = {
      ...{ parentUuid: block === 0 ? null : `u-${index}-${block - 1}`, type: 'assistant', message },
      ...{ uuid: `u-${index}-${block}`, timestamp: time(AT + index * 60_000), requestId },
      ...{
        apiBlockIndex: block,
        sessionId: 's1',
        cwd: '/nowhere',
        gitBranch: 'main',
        version: '2',
      },
    };
    for (const field of without) {
      delete line[field];
      delete message[field === 'type of message' ? 'type' : field];
    }
    return isReversed ? Object.fromEntries(Object.entries(line).reverse()) : line;
  });
}

const user = (index: number): Fields => ({
  ...{ parentUuid: null, type: 'user', promptId: 't1', sessionId: 's1', uuid: `u-user-${index}` },
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'ok' }] },
});

type Layout = (lines: readonly Fields[]) => string | Buffer;
const each = (lines: readonly Fields[], write: (line: Fields) => string) =>
  lines.map(write).join('');

/** Layouts in which every line ends. */
const LINES: readonly Layout[] = [
  (lines) => each(lines, (line) => `${JSON.stringify(line)}\n`),
  (lines) => each(lines, (line) => `${JSON.stringify(line)}\r\n`),
  (lines) => each(lines, (line) => `${JSON.stringify(line, null, 1).replace(/\n\s*/g, ' ')}\n`),
  (lines) => `\ufeff${each(lines, (line) => `${JSON.stringify(line)}\n\n  \n`)}`,
];
const layout = fc.constantFrom<Layout[]>(
  ...LINES,
  (lines) => each(lines, (line) => `${JSON.stringify(line)}\r`),
  (lines) => lines.map((line) => JSON.stringify(line)).join('\n'),
  (lines) => each(lines, (line) => JSON.stringify(line)),
  (lines) => each(lines, (line) => `${JSON.stringify(line, null, 2)}\n`),
  (lines) => each(lines, (line) => `${JSON.stringify(line, null, '\t')}\n`),
  (lines) => JSON.stringify(lines),
  (lines) => JSON.stringify(lines, null, 2),
  (lines) =>
    Buffer.from(
      each(lines, (line) => `${JSON.stringify(line)}\n`),
      'utf16le',
    ),
);

const transcriptIn = (layouts: fc.Arbitrary<Layout>) =>
  fc.record({
    responses: fc.array(told, { minLength: 1, maxLength: 6 }),
    names,
    layout: layouts,
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
  });
const transcript = transcriptIn(layout);
type Transcript = typeof transcript extends fc.Arbitrary<infer T> ? T : never;

const linesIn = ({ responses, names: name }: Pick<Transcript, 'responses' | 'names'>) =>
  responses.flatMap((each, index) => [...linesOf(each, name, index), user(index)]);

/** Sums of requests and tokens, and the lines that could not be used, by the reader alone. */
function scanned(bytes: Buffer, cuts: readonly number[]) {
  const requests = new Map<string, RequestFact>();
  const merger = mergeResponseLines((fact) => {
    if (fact.kind === 'request') requests.set(`${fact.requestId}~${fact.responseKey}`, fact);
  });
  let carry = NO_CARRY;
  let offset = 0;
  const ends = [...cuts.map((each) => each % (bytes.length + 1)), bytes.length];
  for (const end of ends.sort((a, b) => a - b)) {
    const source = { sessionId: 's1', agentId: null, offset, writtenAt: AT };
    const read = scanTranscript(
      bytes.subarray(offset, Math.max(end, offset)),
      carry,
      merger.take,
      source,
    );
    carry = read.carry;
    offset += read.consumedBytes;
  }
  merger.end();
  const all = [...requests.values()];
  return {
    requestCount: all.length,
    input: all.reduce((sum, { report }) => sum + report.usage.inputTokens, 0),
    output: all.reduce((sum, { report }) => sum + report.usage.outputTokens, 0),
    times: all.map(({ occurredAt }) => occurredAt),
    unusableCount: carry.unusableCount,
    rest: bytes.subarray(offset).toString().replaceAll('\0', '').trim(),
  };
}

const bookOf = (responses: readonly Told[]) => ({
  requestCount: responses.length,
  input: responses.reduce((sum, { input }) => sum + input, 0),
  output: responses.reduce((sum, { output }) => sum + output, 0),
});

const bytesOf = ({ layout: layOut, ...given }: Transcript): Buffer => {
  const text = layOut(linesIn(given));
  return typeof text === 'string' ? Buffer.from(text) : text;
};

describe('a dialect', () => {
  test('tells every request once, whatever it leaves out', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(transcript, (given) => {
        const { times, unusableCount, rest, ...sums } = scanned(bytesOf(given), given.cuts);
        expect({ ...sums, rest, unusableCount }).toEqual({
          ...{ ...bookOf(given.responses), rest: '', unusableCount: 0 },
        });
        for (const at of times) expect(Math.abs(at - AT)).toBeLessThan(3_600_000);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('that is damaged comes to the book, or says that lines could not be used', {
    timeout: 300_000,
  }, () => {
    const damage = fc.record({
      at: fc.nat(),
      length: fc.integer({ min: 1, max: 60 }),
      by: fc.constantFrom('', '\0', 'x', '\n', '{', '"'),
    });
    fc.assert(
      fc.property(transcriptIn(fc.constantFrom(...LINES)), damage, (given, { at, length, by }) => {
        const text = bytesOf(given).toString('latin1');
        const from = at % text.length;
        // A crash takes the end of a line, and what is written next is whole.
        const lineEnd = text.indexOf('\n', from);
        const to = Math.min(from + length, lineEnd === -1 ? text.length : lineEnd + 1);
        fc.pre(!touchesUsage(text, from, to));
        const damaged = text.slice(0, from) + by + text.slice(to);
        const read = scanned(Buffer.from(damaged, 'latin1'), []);
        const book = bookOf(given.responses);
        const isToldLess = read.input < book.input || read.output < book.output;
        expect(isToldLess && read.unusableCount === 0 && read.rest === '').toBe(false);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('comes to the same in the ledger', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(transcript, (given) => {
        const ledger = openFileLedger();
        try {
          ledger.write('s1.jsonl', bytesOf(given));
          const { deps } = ledger;
          const read = () =>
            deps.store.immediately(() => ingestSession(ledger.path('s1.jsonl'), deps, LATER, null));
          expect(read()).toMatchObject({ requestCount: given.responses.length, unusableCount: 0 });
          expect(read().requestCount).toBe(0);
        } finally {
          ledger.close();
        }
      }),
      { numRuns: runs(40) },
    );
  });
});

/** A count that damage turns into another count looks like any other. */
function touchesUsage(text: string, from: number, to: number): boolean {
  const usages = text.matchAll(/"\0?u\0?s\0?a\0?g\0?e\0?"[^}]*\}/g);
  return [...usages].some(({ index, 0: usage }) => from < index + usage.length && to > index);
}
