// `tollgate reconcile` on the real client and a stub of the provider's Cost API: no drift, hidden money settled and
// labelled, a tampered ledger found out, the bill compared by day and model, and no key in any output.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { type CostApiStub, costReportPage, startCostApiStub } from '../support/cost-api-stub.ts';
import { readLedger } from '../support/guarded.ts';
import { type MeteredSandbox, openMeteredSandbox } from '../support/metered.ts';
import { toolLoop, webSearch } from '../support/scenarios.ts';
import { tollgate } from '../support/tollgate.ts';

interface Reconciled {
  readonly schema: string;
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly costNanoUsd: number;
    readonly provenance: { readonly meteredNanoUsd: number; readonly settledNanoUsd: number };
    readonly hostTotalNanoUsd: number | null;
    readonly driftNanoUsd: number | null;
    readonly findings: readonly { readonly code: string }[];
  }[];
  readonly provider: {
    readonly days: readonly { day: string; differenceNanoUsd: number; cause: string }[];
    readonly models: readonly { day: string; model: string; cause: string }[];
  } | null;
}

const KEY = 'sk-ant-admin-not-a-key';
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function metered(script: Parameters<typeof openMeteredSandbox>[0]): Promise<MeteredSandbox> {
  const metered = await openMeteredSandbox(script);
  open.push(() => metered.close());
  return metered;
}

async function reconcile(
  { sandbox }: MeteredSandbox,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | null; found: Reconciled; output: string }> {
  const run = await tollgate(sandbox, ['reconcile', '--json', ...args], env);
  if (run.exitCode === 2) throw new Error(run.stderr);
  const output = run.stdout + run.stderr;
  return { exitCode: run.exitCode, found: JSON.parse(run.stdout) as Reconciled, output };
}

test('a session with hidden money agrees with the client, and says what was settled', async () => {
  const here = await metered(webSearch());
  const { result } = await here.run({ allowedTools: ['WebSearch'] });
  const { exitCode, found } = await reconcile(here);
  expect(exitCode).toBe(0);
  expect(found.schema).toBe('tollgate/reconcile@1');
  const [session] = found.sessions;
  expect(session?.sessionId).toBe(result.session_id);
  expect(session?.hostTotalNanoUsd).toBe(Math.round(result.total_cost_usd * 1e9));
  expect(Math.abs(session?.driftNanoUsd ?? Number.NaN)).toBeLessThanOrEqual(1_000);
  expect(session?.provenance.settledNanoUsd).toBeGreaterThan(0);
  expect(session?.findings).toEqual([]);

  // Usage that never happened: the client's total gives it away, whatever settling does about it.
  const db = new Database(join(here.sandbox.tollgateHome, 'ledger.db'));
  db.exec(
    `INSERT INTO entry SELECT NULL, 'made-up', kind, reason, session_key, agent_id, turn_id, attribution_id,
       occurred_at_ms, recorded_at_ms, input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, web_search_count, 5000000000, request_count, provenance, unknown_model, interrupted, NULL
     FROM entry WHERE kind = 'usage' LIMIT 1`,
  );
  db.close();
  const folder = join(here.sandbox.home, '.config', 'tollgate');
  await mkdir(folder, { recursive: true });
  const channels = { log: { type: 'command', run: ['true'] } };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ alerts: { channels } }));
  // Told once, however often somebody looks.
  for (let times = 0; times < 2; times += 1) {
    const tampered = await reconcile(here);
    expect(tampered.exitCode).toBe(1);
    expect(tampered.found.sessions[0]?.findings.map(({ code }) => code)).not.toEqual([]);
  }
  const listed = await tollgate(here.sandbox, ['alerts', 'list', '--json']);
  const { alerts } = JSON.parse(listed.stdout) as { alerts: { code: string }[] };
  expect(alerts.map(({ code }) => code)).toEqual(['DRIFT_FOUND']);
});

test('a session that is still to be settled, or whose transcript is gone, is told of', async () => {
  const here = await metered(toolLoop({ turns: 1 }));
  const { transcriptPath } = await here.run();
  const { found } = await reconcile(here);
  expect(found.sessions[0]?.findings).toEqual([]);
  const { rm } = await import('node:fs/promises');
  await rm(transcriptPath);
  const later = await reconcile(here);
  expect(later.exitCode).toBe(0);
  expect(later.found.sessions[0]?.findings).toEqual([
    { code: 'NO_TRANSCRIPT', path: transcriptPath },
  ]);
  const text = await tollgate(here.sandbox, ['reconcile']);
  expect(text.stdout).toMatch(/session +metered +settled +estimated +inherited +client +drift/);
});

test('resumes and a fork agree with the client, and nothing is counted twice', async () => {
  const here = await metered(toolLoop({ turns: 1 }));
  const first = await here.run();
  const resume = first.result.session_id;
  const second = await here.run({ resume });
  const fork = await here.run({ resume, forkSession: true });
  const { exitCode, found } = await reconcile(here);
  expect(exitCode).toBe(0);
  const totals = found.sessions.map(({ sessionId, hostTotalNanoUsd, driftNanoUsd }) => {
    expect(Math.abs(driftNanoUsd ?? Number.NaN)).toBeLessThanOrEqual(1_000);
    return [sessionId, hostTotalNanoUsd];
  });
  expect(Object.fromEntries(totals)).toEqual({
    [resume]: Math.round(second.result.total_cost_usd * 1e9),
    [fork.result.session_id]: Math.round(fork.result.total_cost_usd * 1e9),
  });
  const shown = await tollgate(here.sandbox, ['reconcile']);
  expect(shown.stdout).toContain(fork.result.session_id.slice(0, 8));
});

test('the bill of the provider, from a file and over HTTP', async () => {
  const here = await metered(toolLoop({ turns: 2 }));
  const { result } = await here.run();
  const cents = (result.total_cost_usd * 100).toFixed(7);
  // The day of the requests: by now it may be over.
  const spentAt = readLedger(here.sandbox).entries[0]?.occurredAt ?? 0;
  const day = new Date(spentAt).toISOString().slice(0, 10);
  const equal = { [day]: [{ amount: cents, model: 'claude-opus-4-7' }] };

  const file = join(here.sandbox.root, 'cost-report.json');
  await writeFile(file, JSON.stringify(costReportPage(equal)));
  const fromFile = await reconcile(here, ['--from', file]);
  expect(fromFile.found.provider?.days.map(({ cause }) => cause)).toEqual(['EQUAL']);
  expect(fromFile.exitCode).toBe(0);

  const more = { [day]: [...(equal[day] ?? []), { amount: '700', model: 'claude-haiku-4-5' }] };
  const api: CostApiStub = await startCostApiStub({ key: KEY, days: more });
  open.push(api.close);
  const fetched = await reconcile(here, ['--api-url', api.url, '--since', '3d'], {
    ANTHROPIC_ADMIN_KEY: KEY,
  });
  expect(fetched.exitCode).toBe(1);
  expect(fetched.found.provider?.days).toMatchObject([
    { day, differenceNanoUsd: -7_000_000_000, cause: 'NOT_IN_LEDGER' },
  ]);
  expect(fetched.found.provider?.models).toMatchObject([
    { model: 'claude-haiku-4-5', cause: 'NOT_IN_LEDGER' },
    { model: 'claude-opus-4-7', cause: 'EQUAL' },
  ]);
  expect(fetched.output).not.toContain(KEY);

  const wrong = await tollgate(
    here.sandbox,
    ['reconcile', '--api-url', api.url, '--admin-key-env', 'MINE'],
    {
      MINE: 'sk-ant-api03-secret',
    },
  );
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain('MINE');
  expect(wrong.stdout + wrong.stderr).not.toContain('sk-ant-api03-secret');
  const missing = await tollgate(here.sandbox, ['reconcile', '--bill']);
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toContain('ANTHROPIC_ADMIN_KEY');
});
