// A dashboard of the built program on a ledger with spend in it, and a browser to look at it with.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '../../src/alerts/alert.ts';
import type { Attribution } from '../../src/domain/attribution.ts';
import { agentId, budgetId, sessionId, turnId } from '../../src/domain/ids.ts';
import { recordPlanReport } from '../../src/gate/record-plan-reading.ts';
import { newSession } from '../../src/ingest/record-fact.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../src/stores/store.ts';
import { recordAll, request } from './ledger-entries.ts';
import type { Sandbox } from './sandbox.ts';
import { CLI } from './tollgate.ts';

export interface DashboardProcess {
  /** With its key. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly readOnlyBecause: string | null;
  readonly child: ChildProcess;
  /** Asks for an address with the key. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  readonly stop: () => Promise<void>;
}

/** Starts `tollgate dashboard --json` in the sandbox's repository. */
export async function startDashboard(
  sandbox: Sandbox,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<DashboardProcess> {
  const child = spawn(process.execPath, [CLI, 'dashboard', '--json', ...words], {
    cwd: sandbox.repo,
    env: sandbox.env(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stderr.on('data', (piece) => {
    errors += piece;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      out += piece;
      if (out.endsWith('}\n')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the dashboard ended with ${code}: ${errors}`)));
  });
  const told = JSON.parse(out) as Pick<DashboardProcess, 'url' | 'port' | 'readOnlyBecause'>;
  const token = new URL(told.url).hash.slice(1);
  return {
    ...told,
    token,
    child,
    ask: (path, init = {}) =>
      fetch(`http://127.0.0.1:${told.port}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      }),
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const HOUR_MS = 3_600_000;
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-4-5'];
const BRANCHES = ['main', 'feat/cart', 'feat/search', 'fix/login'];
const TITLES = ['Rebuild the cart', 'Search as you type', 'Mend the login', 'Tidy the tests'];

/** Labels of the n-th session. */
export const labelsOf = (place: number): Partial<Attribution> => ({
  repository: `github.com/acme/${['shop', 'api', 'docs'][place % 3]}`,
  branch: BRANCHES[place % BRANCHES.length] ?? null,
  developer: `dev${place % 4}@acme.example`,
  client: ['Northwind', 'Contoso', null][place % 3] ?? null,
  ticket: place % 2 === 0 ? `SHOP-${100 + place}` : null,
  pullRequest: place % 4 === 0 ? `acme/shop#${40 + place}` : null,
  model: MODELS[place % MODELS.length] ?? null,
});

export interface SpendWords {
  readonly entryCount: number;
  /** The newest sessions run still. */
  readonly runningCount?: number;
  readonly now?: number;
}

const PER_SESSION = 10;

/** Writes entries of the last sixty days, ten to a session. */
export function writeSpend(
  sandbox: Sandbox,
  { entryCount, runningCount = 0, now = Date.now() }: SpendWords,
): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const count = Math.ceil(entryCount / PER_SESSION);
  for (let place = 0; place < count; place++) {
    const isRunning = place >= count - runningCount;
    const startedAt = isRunning
      ? now - 17 * 60_000
      : now - Math.round(((count - place) / count) * 60 * 24 * HOUR_MS);
    writeOneSession(
      store,
      sandbox,
      place,
      startedAt,
      Math.min(PER_SESSION, entryCount - place * PER_SESSION),
      now,
      isRunning,
    );
  }
  while (store.immediately(store.refreshSums) > 0);
  store.close();
}

export const sessionOf = (place: number): string =>
  `${String(10_000_000 + place)}-0000-4000-8000-000000000000`;

function writeOneSession(
  store: Store,
  sandbox: Sandbox,
  place: number,
  startedAt: number,
  entryCount: number,
  now: number,
  isRunning: boolean,
): void {
  const id = sessionOf(place);
  const labels = labelsOf(place);
  store.immediately(() =>
    store.writeSession({
      ...newSession(sessionId(id), startedAt),
      ...{ repository: labels.repository ?? null, branch: labels.branch ?? null },
      ...{ developer: labels.developer ?? null, cwd: sandbox.repo },
      transcriptPath: writeTitle(sandbox, id, TITLES[place % TITLES.length] ?? ''),
      lastSeenAt: isRunning ? now : startedAt + HOUR_MS,
      endedAt: isRunning ? null : startedAt + HOUR_MS,
    }),
  );
  if (isRunning) {
    store.immediately(() =>
      store.writeThread({
        ...{ sessionId: sessionId(id), agentId: null, agentType: null, toolUseIds: [] },
        ...{ model: labels.model ?? '', contextTokens: 46_000, lastOutputTokens: 660 },
        ...{ cacheLifetime: '5m', lastRequestAt: now - 30_000, lastRequestId: `msg_${place}_9` },
        turnId: turnId(`turn-${place}-2`),
      }),
    );
    store.immediately(() => store.noteContextWindow(sessionId(id), 200_000));
  }
  const step = isRunning ? 110_000 : 240_000;
  recordAll(
    store,
    Array.from({ length: entryCount }, (_, at) => {
      const isSubagent = at % 5 === 4;
      const agentType = at % 10 === 4 ? 'general-purpose' : 'code-reviewer';
      return request({
        id: `msg_${place}_${at}`,
        at: startedAt + at * step,
        session: id,
        turn: `turn-${place}-${Math.floor(at / 4)}`,
        agent: isSubagent ? `agent-${place}-${at}` : null,
        cost: 40_000_000 + ((place * 31 + at * 17) % 90) * 2_100_001,
        usage: {
          ...{
            inputTokens: 20 + at,
            outputTokens: 300 + 40 * at,
            cacheReadTokens: at === 6 ? 1_000 : 20_000 + at * 3_000,
          },
          cacheWrite5mTokens: at === 6 ? 40_000 : 2_000,
        },
        labels: {
          ...labels,
          agentType: isSubagent ? agentType : null,
          tool: at % 3 === 0 ? 'Bash' : 'Read',
        },
      });
    }),
  );
}

/** A transcript that holds a title alone. */
export function writeTitle(sandbox: Sandbox, id: string, title: string): string {
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${id}.jsonl`);
  writeFileSync(file, `${JSON.stringify({ type: 'ai-title', aiTitle: title, sessionId: id })}\n`);
  return file;
}

/** What befalls sessions: alerts, a session inside of another, a subagent that was given a smaller model. */
export function writeEvents(
  sandbox: Sandbox,
  id: string,
  nestedId: string,
  now = Date.now(),
): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const figures = { budgetId: budgetId('day'), windowLabel: `day ${DAY.format(now)}` };
  const spent = { spendNanoUsd: 4_210_000_000, limitNanoUsd: 4_000_000_000 };
  const alerts: readonly Alert[] = [
    { code: 'SOFT_LIMIT_REACHED', softNanoUsd: 4_000_000_000, ...figures, ...spent },
    {
      code: 'BREAKER_TRIPPED',
      breaker: 'same-call',
      count: 6,
      costNanoUsd: 310_000_000,
      evidence: 'npm test',
      isHalted: false,
    },
    {
      code: 'BURN_RATE_HIGH',
      burnNanoUsdPerHour: 13_000_000_000,
      limitNanoUsdPerHour: 10_000_000_000,
    },
  ];
  store.immediately(() => {
    for (const [place, alert] of alerts.entries()) {
      const raisedAt = now - (12 - place * 4) * 60_000;
      store.addAlert({
        alert,
        onceKey: `${alert.code}|${id}`,
        sessionId: sessionId(id),
        raisedAt,
        isTold: true,
      });
    }
    store.nestSession(sessionId(nestedId), sessionId(id), now - 10 * 60_000);
    const rerouted = { toolUseId: 'toolu_1', sessionId: sessionId(id), reroutedAt: now - 600_000 };
    const models = { askedModel: 'claude-opus-5-5', givenModel: 'claude-haiku-4-5' };
    store.addRerouting({ ...rerouted, ...models, agentType: 'general-purpose', rule: 'searches' });
    store.settleRerouting('toolu_1', {
      ...{ agentId: agentId('agent-small'), requestCount: 4, settledAt: now - 300_000 },
      ...{ spentNanoUsd: 60_000_000, askedNanoUsd: 480_000_000 },
    });
  });
  store.close();
}

const DAY = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: 'UTC' });

/** What Claude Code says of the windows of a plan. */
export function writePlan(sandbox: Sandbox, id: string, now = Date.now()): void {
  const store = openSqliteStore(join(sandbox.tollgateHome, 'ledger.db'));
  const limits = [
    { window: 'five-hour' as const, usedRatio: 0.42, resetsAt: now + 2 * HOUR_MS },
    { window: 'seven-day' as const, usedRatio: 0.61, resetsAt: now + 70 * HOUR_MS },
  ];
  const report = { sessionId: sessionId(id), totalNanoUsd: null, limits, problems: [] };
  store.immediately(() => recordPlanReport(report, store, now));
  store.close();
}
