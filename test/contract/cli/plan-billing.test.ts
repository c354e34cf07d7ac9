// Dollars that a plan covers are said to be list prices, wherever they stand; seen by Claude Code's readings, or said in the configuration.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toPerson } from '../../../src/domain/breach-text.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { recordPlanReport } from '../../../src/gate/record-plan-reading.ts';
import { parseTrailers } from '../../../src/reports/trailer.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { runCli } from '../../support/in-process-cli.ts';
import { recordAll, request } from '../../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const UNBILLED = 'list price, not billed';
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await createSandbox();
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  recordAll(store, [
    request({
      ...{ id: 'm1', at: '2026-11-20T10:00Z', cost: 1_000_000_000 },
      labels: { repository: 'github.com/Acme/Shop', branch: 'feat', client: 'Acme' },
    }),
  ]);
  for (const session of store.readSessions({}))
    store.immediately(() => store.writeSession({ ...session, cwd: sandbox.repo }));
  store.close();
});
afterEach(() => sandbox.cleanup());

function readPlan(resetsAt: number): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const limits = [{ window: 'five-hour', usedRatio: 0.4, resetsAt }] as const;
  const told = { sessionId: sessionId('session-a'), totalNanoUsd: null, limits, problems: [] };
  store.immediately(() => recordPlanReport(told, store, resetsAt - 3_600_000));
  store.close();
}

async function configure(config: object): Promise<void> {
  const folder = join(sandbox.home, '.config', 'tollgate');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
}

const json = async (...words: string[]) =>
  JSON.parse((await runCli(sandbox, [...words, '--json'])).stdout);

const SAYING = [
  ...['report', 'report --by model --format markdown', 'why', 'digest --day 2026-11-20'],
  ...['replay', 'status --all'],
];

test.each(SAYING)('%s says so of a plan, and nothing of it otherwise', async (line) => {
  const said = async () => {
    const { stdout, stderr } = await runCli(sandbox, line.split(' '));
    return `${stdout}${stderr}`.replace(/\s+/g, ' ');
  };
  expect(await said()).not.toContain(UNBILLED);
  readPlan(NOW + 3_600_000);
  expect(await said()).toContain(UNBILLED);
});

test('JSON has billing for scripts; what the configuration says counts, and old readings do not', async () => {
  expect(await json('report')).not.toHaveProperty('billing');
  readPlan(NOW - 8 * 86_400_000);
  expect(await json('report')).not.toHaveProperty('billing');
  await configure({ billing: 'plan' });
  expect((await json('report')).billing).toBe('plan');
  expect((await json('why')).billing).toBe('plan');
  expect((await json('replay')).billing).toBe('plan');
  readPlan(NOW + 3_600_000);
  await configure({ billing: 'api' });
  expect(await json('report')).not.toHaveProperty('billing');
});

test('replay says which budgets it leaves out', async () => {
  await configure({ budgets: [{ id: 'window', plan: 'five-hour', hard: '90%' }] });
  expect((await json('replay')).leftOut).toEqual(['window']);
  expect((await runCli(sandbox, ['replay'])).stderr).toContain('left out (window)');
});

test('a halt says it of dollars, and a trailer stays readable', () => {
  const figures = {
    ...{ budgetId: 'day' as never, windowLabel: 'day 2026-11-21', spendNanoUsd: 5_000_000_000 },
    ...{ reservedNanoUsd: 0, limitNanoUsd: 5_000_000_000, ceilingNanoUsd: 5_000_000_000 },
    ...{ forecastNanoUsd: 0, code: 'HARD_LIMIT_REACHED' as const },
  };
  const id = sessionId('s1');
  expect(toPerson({ ...figures, isListPrice: true }, id)).toContain(UNBILLED);
  expect(toPerson(figures, id)).not.toContain(UNBILLED);
  expect(toPerson({ ...figures, fullNanoUsd: 10_000_000_000 }, id)).toContain('50% used reaches');
  const trailer = `Tollgate-Cost: $1 (2 requests, 1 session; model-a $1/2; ${UNBILLED})`;
  expect(parseTrailers([trailer])).toMatchObject({
    requestCount: 2,
    models: [{ model: 'model-a' }],
  });
});

test('a budget in a window of the plan is told also where no session has it', async () => {
  const config = { budgets: [{ id: 'window', plan: 'five-hour', soft: '70%', hard: '90%' }] };
  await configure(config);
  readPlan(NOW + 3_600_000);
  // The session of the ledger has it, and it stands there once.
  const status = await json('status');
  expect(status).not.toHaveProperty('budgets');
  const [own] = status.sessions[0].budgets;
  const watched = await json('watch');
  expect(watched.sessions).toEqual([]);
  expect(watched.budgets).toEqual([{ ...own, runOutAt: null, requestsLeft: null }]);
  expect(own.plan.usedRatio).toBe(0.4);
  expect((await runCli(sandbox, ['watch', '--once'])).stdout).toContain('40% of 90%');
  await sandbox.cleanup();
  sandbox = await createSandbox();
  await configure(config);
  readPlan(NOW + 3_600_000);
  expect((await json('status')).budgets).toHaveLength(1);
  const { stdout } = await runCli(sandbox, ['status']);
  expect(stdout).toContain('No session has been seen yet');
  expect(stdout).toContain('40% of 90%');
});

test('tables for spreadsheets and FinOps tools say it in each line', async () => {
  const linesOf = async (format: string) =>
    (await runCli(sandbox, ['report', '--format', format])).stdout.trimEnd().split('\r\n');
  const [header = '', first = ''] = await linesOf('csv');
  expect(await linesOf('focus').then((lines) => lines.join())).not.toContain(UNBILLED);
  readPlan(NOW + 3_600_000);
  expect(await linesOf('csv')).toEqual([`${header},billing`, `${first},plan`]);
  expect((await linesOf('focus'))[1]).toContain(UNBILLED);
});
