// What rates raise, over a real ledger with entries of the past.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claudeCode } from '../../../src/agents/claude-code/claude-code.ts';
import { NOWHERE } from '../../../src/attribution/source.ts';
import type { AlertSettings, Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { NO_ATTRIBUTION } from '../../../src/domain/attribution.ts';
import { budgetId, entryId, requestId, sessionId } from '../../../src/domain/ids.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';
import { observeMachine, observeSession } from '../../../src/gate/observe-spend.ts';
import type { GateDeps } from '../../../src/gate/types.ts';
import { newSession } from '../../../src/ingest/record-fact.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';

const NOW = Date.UTC(2026, 10, 28, 14, 30);
const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const SESSION = newSession(sessionId('s'), NOW - 60 * MINUTE);

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-observe-'));
  store = openSqliteStore(join(folder, 'ledger.db'));
  store.immediately(() => store.writeSession(SESSION));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

let serial = 0;
function spend(usd: number, at: number): void {
  serial += 1;
  store.immediately(() =>
    store.recordUsage({
      ...{ kind: 'usage', entryId: entryId(`m${serial}`), requestId: requestId(`m${serial}`) },
      ...{ responseKey: serial, sessionId: SESSION.sessionId, agentId: null, turnId: null },
      ...{ occurredAt: at, recordedAt: at, usage: NO_USAGE, costNanoUsd: usd * 1e9 },
      ...{ provenance: 'metered', flags: { unknownModel: false, interrupted: false } },
      attribution: NO_ATTRIBUTION,
    }),
  );
}

function observe(over: Partial<AlertSettings>, hard = 10, now = NOW): string[] {
  const { config: base } = loadConfig([], { timeZone: 'UTC' });
  const alerts = { ...base.alerts, runOutMs: null, ...over };
  const period = { kind: 'day', timeZone: 'UTC' } as const;
  const limits = { softNanoUsd: null, wrapUpRatio: null, hardNanoUsd: hard * 1e9 };
  const scope = { where: {}, per: [] };
  const config: Config = {
    ...{ ...base, alerts },
    budgets: [{ id: budgetId('day'), scope, period, mode: 'enforce', ...limits }],
  };
  const deps: GateDeps = {
    ...{ agent: claudeCode, store, config, labels: config, readPlace: () => NOWHERE },
    ...{ pricer: pricerOf(config.pricing, RATE_CARDS), hostPid: null, runId: null },
    findOuter: () => null,
  };
  const before = store.readAlerts().length;
  store.immediately(() => {
    observeSession(SESSION, deps, now);
    observeMachine(deps, now);
  });
  const all = store.readAlerts();
  return all.slice(0, all.length - before).map(({ alert }) => alert.code);
}

test('a ceiling that will be met within the time, once in its window', () => {
  spend(4, NOW - 120 * MINUTE);
  spend(3, NOW - 5 * MINUTE);
  // $3 in a quarter of an hour: the $3 that are left last fifteen minutes.
  expect(observe({ runOutMs: 14 * MINUTE })).toEqual([]);
  expect(observe({ runOutMs: 15 * MINUTE })).toEqual(['RUN_OUT_NEAR']);
  expect(observe({ runOutMs: 15 * MINUTE })).toEqual([]);
  expect(store.readAlerts()[0]?.alert).toMatchObject({
    ...{ runOutAt: NOW + 15 * MINUTE, burnNanoUsdPerHour: 12e9, spendNanoUsd: 7e9 },
    ...{ limitNanoUsd: 10e9, budgetId: 'day' },
  });
});

test('nothing of a rate while little is spent', () => {
  spend(4, NOW - 5 * MINUTE);
  expect(observe({ runOutMs: 60 * MINUTE }, 10)).toEqual([]);
});

test('a window that is spent too fast', () => {
  spend(1, NOW - 5 * MINUTE);
  // $4 an hour where $9 have to last nine and a half hours.
  expect(observe({ paceRatio: 5 })).toEqual([]);
  expect(observe({ paceRatio: 4 })).toEqual(['PACE_HIGH']);
  expect(observe({ paceRatio: 4 })).toEqual([]);
});

test('what the machine spends in an hour, again once it has fallen', () => {
  spend(5, NOW - 50 * MINUTE);
  spend(6, NOW - 5 * MINUTE);
  expect(observe({ burnNanoUsdPerHour: 11e9 })).toEqual([]);
  expect(observe({ burnNanoUsdPerHour: 10e9 })).toEqual(['BURN_RATE_HIGH']);
  expect(observe({ burnNanoUsdPerHour: 10e9 })).toEqual([]);
  expect(observe({ burnNanoUsdPerHour: 10e9 }, 10, NOW + 30 * MINUTE)).toEqual([]);
  spend(5, NOW + 29 * MINUTE);
  expect(observe({ burnNanoUsdPerHour: 10e9 }, 10, NOW + 30 * MINUTE)).toEqual(['BURN_RATE_HIGH']);
});

test('an hour beside the same hour of earlier weeks, once four of them are known', () => {
  spend(9, NOW - 10 * MINUTE);
  for (const week of [1, 2, 4]) spend(week, NOW - week * WEEK);
  expect(observe({ spikeRatio: 3 })).toEqual([]);
  spend(3, NOW - 7 * WEEK);
  expect(observe({ spikeRatio: 4 })).toEqual([]);
  expect(observe({ spikeRatio: 3 })).toEqual(['SPEND_SPIKE']);
  expect(observe({ spikeRatio: 3 })).toEqual([]);
  expect(store.readAlerts()[0]?.alert).toMatchObject({ usualNanoUsd: 3e9, spendNanoUsd: 9e9 });
});
