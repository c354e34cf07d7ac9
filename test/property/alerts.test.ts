// Laws of alerts: whatever hooks, windows and grants come in whatever order, a threshold is told once in a window, and none is missed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Budget, PeriodSpec } from '../../src/domain/budget.ts';
import { decide } from '../../src/domain/decide.ts';
import { budgetId, sessionId } from '../../src/domain/ids.ts';
import { type BudgetStatus, ceilingOf, type Stage } from '../../src/domain/spend.ts';
import { raiseAlerts } from '../../src/gate/raise-alerts.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../src/stores/store.ts';
import { runs } from '../support/runs.ts';

const THRESHOLDS = [0.5, 0.8, 1];
const HARD = 1_000;

let folder: string;
/** Two processes on one ledger. */
let stores: readonly [Store, Store];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-alerts-'));
  const path = join(folder, 'ledger.db');
  stores = [openSqliteStore(path), openSqliteStore(path)];
});
afterAll(() => {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One of the hooks that look, what was spent or granted before it, or the next window. */
type Step =
  | { readonly kind: 'look'; readonly by: 0 | 1; readonly forecast: number }
  | { readonly kind: 'spend' | 'grant'; readonly amount: number }
  | { readonly kind: 'window' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('look' as const),
      by: fc.constantFrom(0 as const, 1 as const),
      forecast: fc.nat(300),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('spend' as const),
      amount: fc.integer({ min: -50, max: 400 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('grant' as const), amount: fc.nat(1_500) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'window' as const }) },
);

interface World {
  readonly key: string;
  window: number;
  posted: number;
  granted: number;
  announced: Stage[];
}

const budgetOf = (id: string, period: PeriodSpec): Budget => ({
  id: budgetId(id),
  scope: { where: {}, per: [] },
  period,
  softNanoUsd: 700,
  wrapUpRatio: 0.9,
  hardNanoUsd: HARD,
  mode: 'enforce',
});

const statusOf = (world: World, period: PeriodSpec): BudgetStatus => ({
  budget: budgetOf(world.key, period),
  windowKey: `${world.key}|${world.window}`,
  windowLabel: `day ${world.window}`,
  window: { startAt: 0, endAt: 1 },
  postedNanoUsd: world.posted,
  inheritedNanoUsd: 0,
  reservedNanoUsd: 0,
  grantedNanoUsd: world.granted,
  announced: world.announced,
});

/** What a hook does: decides and raises, at once. */
function look(world: World, period: PeriodSpec, store: Store, forecast: number): void {
  const status = statusOf(world, period);
  const session = sessionId('s');
  const decision = decide({
    ...{ now: 1, sessionId: session, budgetStatuses: [status], forecastNanoUsd: forecast },
    ...{ haltRecord: null, unknownModel: null, spawn: null },
  });
  const config = { alerts: { thresholds: THRESHOLDS, channels: [] } };
  const deps = { store, config } as unknown as Parameters<typeof raiseAlerts>[3];
  store.immediately(() =>
    raiseAlerts({ sessionId: session, agentId: null }, [status], decision, deps, 1),
  );
  for (const { stage } of decision.due) world.announced.push(stage);
}

function take(world: World, { kind, ...given }: Step): void {
  if (kind === 'spend')
    world.posted = Math.max(0, world.posted + (given as { amount: number }).amount);
  if (kind === 'grant') world.granted += (given as { amount: number }).amount;
  if (kind === 'window')
    Object.assign(world, { window: world.window + 1, posted: 0, granted: 0, announced: [] });
}

let worldCount = 0;
const newWorld = (): World => {
  worldCount += 1;
  return { key: `w${worldCount}`, window: 0, posted: 0, granted: 0, announced: [] };
};

/** The thresholds that were raised for a window, each as often as it was. */
const raisedIn = ({ key, window }: World): number[] =>
  stores[0]
    .readAlerts()
    .flatMap(({ alert }) =>
      alert.code === 'THRESHOLD_REACHED' &&
      alert.budgetId === key &&
      alert.windowLabel === `day ${window}`
        ? [alert.ratio]
        : [],
    );

test('a threshold is told once in a window, whatever is granted, and the highest crossed one was told', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = newWorld();
      const period: PeriodSpec = { kind: 'day', timeZone: 'UTC' };
      for (const each of steps) {
        take(world, each);
        if (each.kind !== 'look') continue;
        look(world, period, stores[each.by], each.forecast);
        const raised = raisedIn(world);
        expect(new Set(raised).size).toBe(raised.length);
        const ceiling = ceilingOf(statusOf(world, period)) ?? 0;
        const crossed = THRESHOLDS.filter((ratio) => world.posted >= ceiling * ratio).at(-1);
        if (crossed !== undefined) expect(Math.max(...raised)).toBeGreaterThanOrEqual(crossed);
      }
    }),
    { numRuns: runs(100) },
  );
});

test('a moving window tells a threshold again once it has left it behind', () => {
  const world = newWorld();
  const period: PeriodSpec = { kind: 'rolling', lengthMs: 3_600_000 };
  const told = (posted: number): number[] => {
    const before = raisedIn(world).length;
    world.posted = posted;
    look(world, period, stores[0], 0);
    const raised = raisedIn(world);
    return raised.slice(0, raised.length - before);
  };
  expect(told(520)).toEqual([0.5]);
  expect(told(480)).toEqual([]);
  expect(told(520)).toEqual([]);
  expect(told(440)).toEqual([]);
  expect(told(520)).toEqual([0.5]);
});
