// `tollgate report`, `why`, `pr`, `trailer` and `label` as people call them, over a real ledger in a real repository.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../../src/stores/sqlite/sqlite.ts';
import { cliOk, runCli } from '../../../support/in-process-cli.ts';
import { correction, recordAll, request } from '../../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../../support/sandbox.ts';

const HERE = { repository: 'github.com/Acme/Shop', developer: 'dana@acme.example' };
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

type Entries = Parameters<typeof recordAll>[1];

function record(entries: Entries, transcriptPath: string | null = null): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  recordAll(store, entries);
  for (const session of store.readSessions({})) {
    store.immediately(() => store.writeSession({ ...session, transcriptPath, cwd: sandbox.repo }));
  }
  store.close();
}

const ordinary = (): Entries => [
  request({
    id: 'm1',
    at: '2026-11-20T10:00Z',
    cost: 1_000_000_000,
    labels: { ...HERE, branch: 'feat', client: 'Acme' },
  }),
  request({
    id: 'm2',
    at: '2026-11-20T11:00Z',
    cost: 250_000_000,
    labels: { ...HERE, branch: 'main', model: 'claude-haiku-4-5' },
  }),
  request({
    id: 'm3',
    at: '2026-11-21T09:00Z',
    cost: 30_000_000,
    session: 'session-b',
    labels: { ...HERE, branch: null },
  }),
];

interface ReportJson {
  readonly schema: string;
  readonly rows: readonly {
    readonly key: Readonly<Record<string, string>>;
    readonly costNanoUsd: number;
    readonly costUsd: number;
    readonly requestCount: number;
    readonly usage: { readonly inputTokens: number };
    readonly models?: readonly { readonly model: string }[];
  }[];
  readonly others?: { readonly groupCount: number; readonly costNanoUsd: number };
  readonly total: { readonly costNanoUsd: number; readonly requestCount: number };
}
const report = async (...words: string[]): Promise<ReportJson> =>
  JSON.parse(await cliOk(sandbox, ['report', ...words, '--json'])) as ReportJson;

describe('tollgate report', () => {
  test('keeps its JSON contract', async () => {
    record(ordinary());
    const { schema, rows, total } = await report('--by', 'branch');
    expect(schema).toBe('tollgate/report@1');
    expect(rows.map(({ key, costNanoUsd }) => [key, costNanoUsd])).toEqual([
      [{ branch: 'feat' }, 1_000_000_000],
      [{ branch: 'main' }, 250_000_000],
      [{ branch: '(unattributed)' }, 30_000_000],
    ]);
    expect(rows[1]).toMatchObject({ costUsd: 0.25, requestCount: 1, usage: { inputTokens: 10 } });
    expect(total).toMatchObject({ costNanoUsd: 1_280_000_000, requestCount: 3 });
  });

  test('takes spans, conditions, pivots, breakdown and top', async () => {
    record(ordinary());
    expect((await report('--since', 'today', '--timezone', 'UTC')).total.requestCount).toBe(1);
    expect((await report('--until', 'yesterday', '--timezone', 'UTC')).total.requestCount).toBe(2);
    expect((await report('--where', 'branch=(unattributed)')).total.costNanoUsd).toBe(30_000_000);
    expect(
      (await report('--where', 'branch=f*', '--where', 'branch=main')).total.requestCount,
    ).toBe(2);
    const pivot = await report('--by', 'day,model', '--timezone', 'UTC');
    expect(pivot.rows.map(({ key }) => key)).toEqual([
      { day: '2026-11-20', model: 'claude-opus-5-5' },
      { day: '2026-11-20', model: 'claude-haiku-4-5' },
      { day: '2026-11-21', model: 'claude-opus-5-5' },
    ]);
    const top = await report('--by', 'branch', '--top', '1', '--breakdown');
    expect(top.rows[0]?.models?.map(({ model }) => model)).toEqual(['claude-opus-5-5']);
    expect(top.others).toMatchObject({ groupCount: 2, costNanoUsd: 280_000_000 });
  });

  test('takes its time zone from the configuration', async () => {
    record([request({ id: 'm1', at: '2026-11-20T23:30Z' })]);
    await mkdir(join(sandbox.repo, '.claude'));
    await writeFile(join(sandbox.repo, '.claude', 'tollgate.json'), '{ "timeZone": "Asia/Tokyo" }');
    expect((await report()).rows[0]?.key).toEqual({ day: '2026-11-21' });
    expect((await report('--timezone', 'UTC')).rows[0]?.key).toEqual({ day: '2026-11-20' });
  });

  test('begins weeks on Monday, or on another day', async () => {
    // A Saturday, the Sunday after it, and the Monday after that.
    record(['21', '22', '23'].map((day) => request({ id: day, at: `2026-11-${day}T12:00Z` })));
    const weeks = async (...words: string[]) =>
      (await report('--by', 'week', '--timezone', 'UTC', ...words)).rows.map(
        ({ key, requestCount }) => [key.week, requestCount],
      );
    const [fromMonday, fromSunday] = [
      [
        ['2026-11-16', 2],
        ['2026-11-23', 1],
      ],
      [
        ['2026-11-15', 1],
        ['2026-11-22', 2],
      ],
    ];
    expect(await weeks()).toEqual(fromMonday);
    expect(await weeks('--week-start', 'Sunday')).toEqual(fromSunday);
    expect(await weeks('--week-start', 'saturday')).toEqual([['2026-11-21', 3]]);
    // Noon of Saturday, the 21st.
    const since = ['--since', 'this-week', '--timezone', 'UTC'];
    expect((await report(...since)).total.requestCount).toBe(3);
    expect((await report(...since, '--until', 'this-week')).total.requestCount).toBe(2);
    const until = ['--until', 'this-week', '--week-start', 'sunday'];
    expect((await report(...since, ...until)).total.requestCount).toBe(1);
    const pivot = await report('--by', 'week,model', '--week-start', 'sunday', '--timezone', 'UTC');
    expect(pivot.rows.map(({ key }) => key.week)).toEqual(['2026-11-15', '2026-11-22']);
  });

  test('finds sessions by the beginning that tables show', async () => {
    const id = '9f2c41aa-0000-4000-8000-000000000001';
    record([request({ id: 'm1', at: '2026-11-20T10:00Z', session: id })]);
    expect((await report('--where', 'session=9f2c41aa')).total.requestCount).toBe(1);
    expect((await report('--where', `session=${id}`)).total.requestCount).toBe(1);
    expect((await report('--where', 'session=9f2c41ab')).total.requestCount).toBe(0);
  });

  test('says why there is nothing, beside the table', async () => {
    expect((await runCli(sandbox, ['report'])).stderr).toContain('tollgate sync reads');
    record(ordinary());
    const run = await runCli(sandbox, ['report', '--where', 'branch=nope']);
    expect(run.stderr).toContain('tollgate report --by branch lists what there is');
    expect((await runCli(sandbox, ['report'])).stderr).toBe('');
  });

  test('says that nothing was spent, and makes no ledger to say it', async () => {
    expect(await cliOk(sandbox, ['report'])).toContain('Nothing was spent yet');
    expect((await report('--since', '7d')).total.costNanoUsd).toBe(0);
    const { exitCode } = await sandbox.run('ls', [sandbox.tollgateHome]);
    expect(exitCode).not.toBe(0);
  });

  test.each([
    [['--by', 'colour'], 'divide by day, week'],
    [['--by', 'sesion'], 'divide by session? All of them: day'],
    [['--where', 'brnch=x'], 'keys: branch? All of them: session'],
    [['day', 'model'], 'write tollgate report --by day,model'],
    [['--by', 'day,model,tool'], 'write --by day,model'],
    [['--format', 'pdf'], 'formats: text, json'],
    [['--since', 'soon'], 'give a date'],
    [['--where', 'colour=red'], 'write key=value'],
    [['--top', 'many'], 'a whole number'],
    [['--week-start', 'noon'], 'give monday, sunday'],
    [['--timezone', 'Mars/Olympus'], 'IANA name'],
    [['--format', 'focus', '--top', '3'], 'leave --top out'],
  ])('%j is a mistake with a hint', async (words, hint) => {
    const { exitCode, stdout, stderr } = await runCli(sandbox, ['report', ...words]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
  });

  test('has examples in its help', async () => {
    for (const command of ['report', 'why', 'pr', 'trailer', 'label']) {
      const { stdout } = await runCli(sandbox, [command, '--help']);
      expect(stdout).toMatch(/Examples?:\n {2}tollgate /);
    }
  });
});

describe('tollgate why', () => {
  const dear = (): Entries => [
    request({
      id: 'm1',
      at: '2026-11-20T10:00Z',
      cost: 500_000_000,
      turn: 't1',
      usage: { cacheReadTokens: 0, cacheWrite5mTokens: 40_000 },
    }),
    request({
      id: 'm2',
      at: '2026-11-20T10:01Z',
      cost: 100_000_000,
      turn: 't1',
      usage: { cacheReadTokens: 40_000, cacheWrite5mTokens: 20_000 },
    }),
    // An hour later the cache is empty: everything is written again.
    request({
      id: 'm3',
      at: '2026-11-20T11:01Z',
      cost: 900_000_000,
      turn: 't2',
      usage: { cacheReadTokens: 0, cacheWrite5mTokens: 61_000 },
    }),
    request({
      id: 'm4',
      at: '2026-11-20T11:02Z',
      cost: 300_000_000,
      turn: 't2',
      agent: 'a1',
      labels: { agentType: 'Explore' },
    }),
    correction({ id: 'settled:1', at: '2026-11-20T11:03Z', cost: 50_000_000, turn: null }),
  ];

  test('explains with figures, and prices the work elsewhere', async () => {
    record(dear());
    const text = await cliOk(sandbox, ['why', 'session-a', '--timezone', 'UTC']);
    expect(text).toContain('$1.85 for 4 requests in 1 h 3 min');
    expect(text).toMatch(/1 cache miss sent 60\.0k tokens again/);
    expect(text).toContain('after pauses longer than the cache lives');
    expect(text).toContain('1 subagent spent $0.30 (16 %)');
    expect(text).toContain('Its transcript is not on this machine');
    expect(text).toContain('claude-haiku-4-5');
    const answer = JSON.parse(await cliOk(sandbox, ['why', '--json'])) as Record<string, unknown>;
    expect(answer).toMatchObject({
      schema: 'tollgate/why@1',
      sessionId: 'session-a',
      costNanoUsd: 1_850_000_000,
      hiddenNanoUsd: 50_000_000,
      cacheMisses: { count: 1, tokens: 60_010, afterPauseCount: 1 },
      context: { firstTokens: 40_010, largestTokens: 61_010, requestCount: 3 },
      subagents: [{ name: 'Explore', costNanoUsd: 300_000_000 }],
      toolHabits: null,
    });
    const turns = answer.turns as { name: string; costNanoUsd: number }[];
    expect(turns.map(({ name, costNanoUsd }) => [name, costNanoUsd])).toEqual([
      ['t2', 1_200_000_000],
      ['t1', 600_000_000],
    ]);
    const elsewhere = answer.elsewhere as { model: string; costNanoUsd: number }[];
    const on = (model: string) => elsewhere.find((each) => each.model === model)?.costNanoUsd ?? 0;
    expect(on('claude-opus-5-5')).toBeGreaterThan(on('claude-haiku-4-5'));
    // 40 input, 800 output, 43 000 read, 121 400 written for five minutes, at $1, $5, $0.10 and $1.25 a million.
    expect(on('claude-haiku-4-5')).toBe(40_000 + 4_000_000 + 4_300_000 + 151_750_000);
  });

  test('reads tool calls from the transcript while it is there', async () => {
    const use = (id: string, name: string, input: object) => ({
      type: 'assistant',
      message: { content: [{ type: 'tool_use', id, name, input }] },
    });
    const result = (id: string, isError = false) => ({
      type: 'user',
      message: {
        content: [{ type: 'tool_result', tool_use_id: id, content: 'text', is_error: isError }],
      },
    });
    const lines = [
      ...['1', '2', '3'].flatMap((id) => [
        use(id, 'Read', { file_path: '/shop/a.ts' }),
        result(id),
      ]),
      ...[use('4', 'Edit', { file_path: '/shop/a.ts' }), result('4')],
      ...[use('5', 'Read', { file_path: '/shop/a.ts' }), result('5')],
      ...['6', '7'].flatMap((id) => [use(id, 'Bash', { command: 'npm test' }), result(id, true)]),
    ];
    const path = join(sandbox.root, 'transcript.jsonl');
    await writeFile(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"torn`);
    record(dear(), path);
    const text = (await cliOk(sandbox, ['why'])).replace(/\s+/g, ' ');
    expect(text).toContain('/shop/a.ts was read 3 times without a change.');
    expect(text).toContain(
      '2 of 7 tool calls failed, most of them Bash; 1 was tried again at once.',
    );
  });

  test('takes the dearest of the last days, and says what it cannot find', async () => {
    record([
      request({ id: 'old', at: '2026-10-01T10:00Z', cost: 9_000_000_000, session: 'old' }),
      request({ id: 'm1', at: '2026-11-20T10:00Z', cost: 2, session: 'cheap' }),
      request({ id: 'm2', at: '2026-11-20T10:00Z', cost: 3, session: 'dear' }),
    ]);
    expect(await cliOk(sandbox, ['why'])).toContain('Session dear');
    expect(await runCli(sandbox, ['why', 'nope'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('has nothing to explain without a ledger', async () => {
    const { exitCode, stderr } = await runCli(sandbox, ['why']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is nothing to explain');
  });
});

describe('tollgate label', () => {
  test('moves, says so, and moves back', async () => {
    record(ordinary());
    const moved = await cliOk(sandbox, ['label', '--session', 'session-a', 'client=Web', '--yes']);
    expect(moved).toContain('Moved 2 lines ($1.25) of 1 session; no total has changed.');
    expect((await report('--by', 'client')).rows[0]?.key).toEqual({ client: 'Web' });
    expect(
      await cliOk(sandbox, ['label', '--session', 'session-a', 'client=Web', '--yes']),
    ).toContain('Nothing to move');
    await cliOk(sandbox, ['label', '--session', 'session-a', '--undo', '--yes']);
    expect((await report('--by', 'client')).rows[0]?.key).toEqual({ client: 'Acme' });
  });

  test('--replay books entries as the rules say now; where they say nothing, a person stays right', async () => {
    record(ordinary());
    await cliOk(sandbox, ['label', '--branch', 'main', 'client=Web', '--yes']);
    const rule = async (repository: string) => {
      const clients = [{ repository, client: 'Acme GmbH' }];
      const folder = join(sandbox.home, '.config', 'tollgate');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'config.json'), JSON.stringify({ clients }));
    };
    await rule('github.com/Other/*');
    const replay = ['label', '--replay', '--since', '2026-01-01', '--yes'];
    expect(await cliOk(sandbox, replay)).toContain('Moved 1 line ($1.00)');
    await rule('github.com/Acme/*');
    const asked = await runCli(sandbox, ['label', '--replay', 'client=Web']);
    expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('takes no labels')]);
    const moved = await cliOk(sandbox, [...replay, '--json']);
    expect(JSON.parse(moved)).toMatchObject({ movedCount: 3, costNanoUsd: 1_280_000_000 });
    const { rows } = await report('--by', 'client');
    expect(rows.map(({ key }) => key)).toEqual([{ client: 'Acme GmbH' }]);
    expect(await cliOk(sandbox, replay)).toContain('Nothing to move');
  });

  test('chooses by branch of this repository, time and condition', async () => {
    record([
      ...ordinary(),
      request({
        id: 'm9',
        at: '2026-11-20T10:00Z',
        cost: 7,
        labels: { repository: 'github.com/Acme/Web', branch: 'feat' },
      }),
    ]);
    const moved = JSON.parse(
      await cliOk(sandbox, ['label', '--branch', 'f*', 'pr=42', '--yes', '--json']),
    ) as object;
    expect(moved).toMatchObject({ movedCount: 1, costNanoUsd: 1_000_000_000 });
    // An instant, not a day: this machine's days may be those of any zone.
    const since = ['--since', '2026-11-21T00:00Z'];
    const dana = ['--where', 'developer=dana@*', 'team=core', '--yes'];
    expect(await cliOk(sandbox, ['label', ...since, ...dana])).toContain('Moved 1 line');
  });

  test('asks a person, and never an agent', async () => {
    record(ordinary());
    const { exitCode, stderr } = await runCli(sandbox, ['label', 'client=Web']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('add --yes')]);
    const env = sandbox.env({ CLAUDECODE: '1' });
    const refused = await runCli(sandbox, ['label', 'client=Web', '--yes'], { env });
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining('is for people'),
    ]);
    expect((await report('--by', 'client')).rows[0]?.key).toEqual({ client: 'Acme' });
  });

  test.each([
    [['model=cheap', '--yes'], 'a fact of the request'],
    [['--yes'], 'nothing was said'],
    [['client=a', '--undo'], '--undo takes no labels'],
  ])('%j is a mistake', async (words, message) => {
    record(ordinary());
    const { exitCode, stderr } = await runCli(sandbox, ['label', ...words]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
