// Laws of reading: however a client's files are cut into reads, in whatever order, how often, and with whatever garbage
// between the lines, the ledger comes to what the client said, and no money is counted twice.
import { renameSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFileLedger, totalsOf } from '../support/file-ledger.ts';
import { runs } from '../support/runs.ts';
import { costState, prompt, response, result } from '../support/transcript-lines.ts';

/** 1,000 tokens in and 100 out of Opus 4.7, in nano-dollars. */
const REQUEST = 7_500_000;

/** One turn of the simulated client. */
interface Turn {
  readonly requests: number;
  /** Requests of a subagent, in a file of its own. */
  readonly subagent: number;
  /** Lines per response. */
  readonly lines: number;
  readonly searches: number;
}

/** One start of the simulated client, to its regular end. */
interface HostRun {
  readonly turns: readonly Turn[];
  /** Spent on no line, in thousandths of a dollar. */
  readonly hidden: number;
  readonly toldTwice: boolean;
}

interface Scene {
  readonly runs: readonly HostRun[];
  /** The run of the parent after which the fork was made. */
  readonly forkAfter: number;
  readonly fork: HostRun;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  requests: fc.integer({ min: 0, max: 3 }),
  subagent: fc.integer({ min: 0, max: 2 }),
  lines: fc.integer({ min: 1, max: 3 }),
  searches: fc.integer({ min: 0, max: 2 }),
});
const hostRun: fc.Arbitrary<HostRun> = fc.record({
  turns: fc.array(turn, { minLength: 1, maxLength: 2 }),
  hidden: fc.integer({ min: 0, max: 40 }),
  toldTwice: fc.boolean(),
});
/** A session begins with a request: nothing else tells whose fork it is, and since when. */
const firstRun = hostRun.map((run) => ({
  ...run,
  turns: [{ requests: 1, subagent: 0, lines: 1, searches: 0 }, ...run.turns],
}));
const scene: fc.Arbitrary<Scene> = fc.record({
  runs: fc
    .tuple(firstRun, fc.array(hostRun, { maxLength: 2 }))
    .map(([first, others]) => [first, ...others]),
  forkAfter: fc.integer({ min: 0, max: 2 }),
  fork: firstRun,
});

/** What the simulated client leaves behind, and what it says in the end. */
interface ConfigInput {
  /** Lines by file name. */
  readonly files: Map<string, string[]>;
  readonly totals: Record<string, number>;
  readonly spent: number;
}

function play({ runs, forkAfter, fork }: Scene): ConfigInput {
  const files = new Map<string, string[]>();
  const totals: Record<string, number> = {};
  let clock = 0;
  let serial = 0;
  let spent = 0;
  const put = (file: string, line: string) => files.set(file, [...(files.get(file) ?? []), line]);
  const playRun = (session: string, { turns, hidden, toldTwice }: HostRun, before: number) => {
    let total = before;
    for (const { requests, subagent, lines, searches } of turns) {
      const main = `${session}.jsonl`;
      const agentFile = `${session}/subagents/agent-${session}.jsonl`;
      clock += 10;
      const name = `t${clock}`;
      put(main, prompt(name, { session, at: clock }));
      const respond = (file: string, agent?: string) => {
        clock += 1;
        serial += 1;
        for (let block = 0; block < lines; block += 1) {
          const output = block === lines - 1 ? 100 : 40;
          const given = { id: `m${serial}`, session, at: clock, output, block };
          put(file, response(agent === undefined ? given : { ...given, agent }));
        }
        total += REQUEST;
        spent += REQUEST;
      };
      for (let n = 0; n < requests; n += 1) respond(main);
      if (subagent > 0) put(agentFile, prompt(name, { session, at: clock, agent: session }));
      for (let n = 0; n < subagent; n += 1) respond(agentFile, session);
      // The searches' money is in what the run hid; before its end it can only be estimated.
      clock += 1;
      put(main, result(name, { searchCount: searches }, { session, at: clock }));
    }
    total += hidden * 1_000_000;
    spent += hidden * 1_000_000;
    for (let n = 0; n <= Number(toldTwice); n += 1) {
      put(`${session}.jsonl`, costState(total / 1e9, session));
    }
    totals[session] = total;
    return total;
  };
  const playFork = (total: number) => {
    for (const line of files.get('s1.jsonl') ?? []) {
      const copied = JSON.parse(line) as Record<string, unknown>;
      if (copied.type === 'cost-state') continue;
      const made = copied.type === 'assistant' ? { requestSessionId: 's1' } : { promptId: 'fork' };
      put('s2.jsonl', `${JSON.stringify({ ...copied, ...made, sessionId: 's2' })}\n`);
    }
    playRun('s2', fork, total);
  };
  let total = 0;
  for (const [index, run] of runs.entries()) {
    total = playRun('s1', run, total);
    if (index === Math.min(forkAfter, runs.length - 1)) playFork(total);
  }
  return { files, totals, spent };
}

/** What may stand between two lines and be no line. */
const garbage = fc.oneof(
  fc.constantFrom('\n', '\r\n', '{}\n', '[]\n', 'null\n', '{"usage":{\n', '"promptId":"\n'),
  fc.constantFrom(
    '\0\0\0\n',
    '{"__proto__":{"usage":{}}}\n',
    `{"usage":{"a":${'['.repeat(3_000)}\n`,
  ),
  fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => `${Buffer.from(bytes).toString('latin1').replaceAll('\n', ' ')}\n`),
  fc.json().map((json) => `${json.replaceAll('\n', ' ')}\n`),
);

const budgetStatus = fc.record({
  /** Sizes into which a file is cut, in turn. */
  cuts: fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 }),
  /** Which file grows next. */
  order: fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
  /** Whether the ledger reads after that piece, and whether the file is replaced by its like first. */
  reads: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  replaces: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }),
  garbage: fc.array(garbage, { maxLength: 5 }),
  mark: fc.boolean(),
});

describe('any way of reading', () => {
  test('comes to what the client said', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(scene, budgetStatus, (played, how) => {
        const { files, totals, spent } = play(played);
        const ledger = openFileLedger();
        try {
          feed(ledger, files, how);
          const view = ledger.read();
          const seen = totalsOf(view);
          for (const [id, total] of Object.entries(totals)) {
            expect(Math.abs((seen[id] ?? 0) - total)).toBeLessThanOrEqual(1_000);
          }
          const sum = view.sessions.reduce((all, each) => all + each.costNanoUsd, 0);
          expect(Math.abs(sum - spent)).toBeLessThanOrEqual(2_000);
          for (const each of view.sessions) expect(each.rollupNanoUsd).toBe(each.costNanoUsd);

          // And once it is at rest, it stays so.
          for (const main of ['s2.jsonl', 's1.jsonl']) ledger.ingest(main);
          ledger.settle('s1');
          expect(ledger.read().entries).toEqual(view.entries);
        } finally {
          ledger.close();
        }
      }),
      { numRuns: runs(120) },
    );
  });
});

/** Lets the files grow piece by piece, with reads in between. */
function feed(
  ledger: ReturnType<typeof openFileLedger>,
  files: Map<string, string[]>,
  how: typeof budgetStatus extends fc.Arbitrary<infer T> ? T : never,
): void {
  const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];
  const rest = new Map(
    [...files].map(([name, lines]) => {
      const strewn = lines.flatMap((line, at) => [line, pick(how.garbage, at) ?? '']);
      return [name, Buffer.from((how.mark ? '\ufeff' : '') + strewn.join(''), 'utf8')];
    }),
  );
  const written = new Map<string, Buffer>();
  const mains = ['s1.jsonl', 's2.jsonl'];
  for (let step = 0; rest.size > 0; step += 1) {
    const names = [...rest.keys()];
    const name = pick(names, pick(how.order, step) ?? 0) ?? '';
    const bytes = rest.get(name) ?? Buffer.alloc(0);
    const size = pick(how.cuts, step) ?? 1;
    const before = written.get(name) ?? Buffer.alloc(0);
    written.set(name, Buffer.concat([before, bytes.subarray(0, size)]));
    if (pick(how.replaces, step) === 0 && before.length > 0) {
      writeFileSync(`${ledger.path(name)}.new`, written.get(name) ?? '');
      renameSync(`${ledger.path(name)}.new`, ledger.path(name));
    } else {
      ledger.append(name, bytes.subarray(0, size));
    }
    if (bytes.length <= size) rest.delete(name);
    else rest.set(name, bytes.subarray(size));
    if (pick(how.reads, step)) ledger.ingest(pick(mains, step) ?? '');
  }
  for (const main of [...mains, ...mains]) ledger.ingest(main);
}
