import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { dottedPath, type Layer, type LayerKind } from '../../../src/config/layer.ts';
import { mergeLayers } from '../../../src/config/rules.ts';
import { parseConfigInput } from '../../../src/config/schema.ts';
import { ratesFor } from '../../../src/pricing/price.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { runs } from '../../support/runs.ts';

const basis = { timeZone: 'UTC', cards: RATE_CARDS, at: Date.parse('2026-11-21') };

function layer(kind: LayerKind, written: unknown): Layer {
  const { settings, findings } = parseConfigInput(written, `/${kind}`);
  return { kind, file: `/${kind}`, settings, intact: findings.length === 0 };
}

function merge(written: Partial<Record<LayerKind, unknown>>) {
  const kinds: LayerKind[] = ['managed', 'user', 'project', 'local'];
  const layers = kinds.filter((kind) => kind in written).map((kind) => layer(kind, written[kind]));
  const { config, findings } = mergeLayers(layers, basis);
  const refused = findings.filter(({ kind }) => kind === 'refused');
  return { config, findings, refused: refused.map(({ segments }) => dottedPath(segments)) };
}

const own = (hard: string, more: object = {}) => ({ budgets: [{ id: 's', hard, ...more }] });

describe('defaults', () => {
  test('without any file there is no budget, and doubt stops', () => {
    const { config } = merge({});
    expect(config).toMatchObject({
      budgets: [],
      safety: 'cautious',
      timeZone: 'UTC',
      onFailure: 'halt',
      haltOnUnknownModel: false,
      fanOutNanoUsd: null,
      origins: {},
    });
  });

  test('a budget is one pool per session, enforced, wrapped up at nine tenths', () => {
    expect(merge({ user: own('5') }).config.budgets).toEqual([
      {
        id: 's',
        scope: { where: {}, per: [] },
        period: { kind: 'session', followChain: false },
        softNanoUsd: null,
        wrapUpRatio: 0.9,
        hardNanoUsd: 5e9,
        mode: 'enforce',
      },
    ]);
  });

  test('without a hard limit nothing is wrapped up', () => {
    const { config } = merge({ user: { budgets: [{ id: 's', soft: '5', wrapUp: '50%' }] } });
    expect(config.budgets[0]).toMatchObject({ hardNanoUsd: null, wrapUpRatio: null });
  });

  test('a budget without limits is a mistake, and no budget', () => {
    const { config, findings } = merge({ user: { budgets: [{ id: 's', mode: 'warn' }] } });
    expect(config.budgets).toEqual([]);
    expect(findings).toMatchObject([{ kind: 'mistake', file: '/user', segments: ['budgets', 0] }]);
  });
});

describe('budgets meet', () => {
  test.each(['managed', 'user'] as const)('a project takes the lower limit than %s', (outer) => {
    const { config, refused } = merge({ [outer]: own('5'), project: own('3') });
    expect(config.budgets[0]?.hardNanoUsd).toBe(3e9);
    expect(config.origins['budgets.s.hard']).toBe('/project');
    expect(refused).toEqual([]);
  });

  test('a higher limit is refused, and says whose stays', () => {
    const { config, refused, findings } = merge({ user: own('5'), project: own('9') });
    expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
    expect(config.origins['budgets.s.hard']).toBe('/user');
    expect(refused).toEqual(['budgets[0].hard']);
    expect(findings[0]?.message).toContain('/user');
  });

  test('managed binds the user, and both bind the local file', () => {
    const { config } = merge({
      managed: own('9'),
      user: own('20'),
      project: own('8'),
      local: own('30'),
    });
    expect(config.budgets[0]?.hardNanoUsd).toBe(8e9);
  });

  test('a lowered hard limit takes the soft limit with it', () => {
    const { config } = merge({ user: own('5', { soft: '4' }), project: own('3') });
    expect(config.budgets[0]).toMatchObject({ softNanoUsd: 3e9, hardNanoUsd: 3e9 });
  });

  test('the mode becomes stricter, never looser', () => {
    const warned = { budgets: [{ id: 's', hard: '5', mode: 'warn' }] };
    expect(
      merge({ user: warned, project: own('5', { mode: 'enforce' }) }).config.budgets[0]?.mode,
    ).toBe('enforce');
    const loosened = merge({ user: own('5'), project: own('5', { mode: 'observe' }) });
    expect(loosened.config.budgets[0]?.mode).toBe('enforce');
    expect(loosened.refused).toEqual(['budgets[0].mode']);
  });

  test('wrapping up comes earlier, never later', () => {
    expect(
      merge({ user: own('5'), project: own('5', { wrapUp: 0.5 }) }).config.budgets[0]?.wrapUpRatio,
    ).toBe(0.5);
    expect(
      merge({ user: own('5'), project: own('5', { wrapUp: 'never' }) }).config.budgets[0]
        ?.wrapUpRatio,
    ).toBe(0.9);
    const kept = merge({ user: own('5', { wrapUp: 'never' }), project: own('4') });
    expect(kept.config.budgets[0]?.wrapUpRatio).toBeNull();
  });

  test.each([{ period: 'day' }, { scope: 'repository' }])(
    '%j under the same id is refused whole',
    (other) => {
      const { config, refused } = merge({ user: own('5'), project: own('3', other) });
      expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
      expect(refused).toEqual([`budgets[0].${Object.keys(other)[0]}`]);
    },
  );

  test('the same period and scope in another spelling is the same', () => {
    const user = own('5', { period: 'day', scope: { per: ['branch', 'repository'] } });
    const project = own('3', { period: 'daily', scope: ['repo', 'branch'] });
    expect(merge({ user, project }).config.budgets[0]?.hardNanoUsd).toBe(3e9);
    expect(
      merge({ user: own('5', { scope: 'session' }), project: own('3', { scope: 'all' }) }).refused,
    ).toEqual([]);
  });

  test('new ids are free', () => {
    const project = { budgets: [{ id: 'p', hard: '100', mode: 'observe' }] };
    expect(merge({ user: own('5'), project }).config.budgets.map(({ id }) => id)).toEqual([
      's',
      'p',
    ]);
  });

  test('days of a budget are of the zone of the file that set it', () => {
    const { config, refused } = merge({
      user: own('5', { period: 'day' }),
      project: { timeZone: 'Asia/Tokyo', budgets: [{ id: 'p', hard: '1', period: 'day' }] },
      local: { timeZone: 'Europe/Berlin' },
    });
    expect(config.budgets.map(({ period }) => period)).toEqual([
      { kind: 'day', timeZone: 'UTC' },
      { kind: 'day', timeZone: 'Asia/Tokyo' },
    ]);
    expect(config.timeZone).toBe('Asia/Tokyo');
    expect(refused).toEqual(['timeZone']);
  });
});

describe('settings meet', () => {
  test.each([
    ['safety', 'cautious', 'strict', 'none'],
    ['onFailure', 'warn', 'halt', null],
    ['onFailure', 'halt', null, 'warn'],
    ['waitMs', 300, 400, 100],
    ['reservationMs', 5000, 6000, 4000],
  ] as const)('%s %s', (key, outer, tighter, looser) => {
    const user = { [key]: outer };
    if (tighter !== null) {
      const { config, refused } = merge({ user, project: { [key]: tighter } });
      expect(config[key]).toBe(tighter);
      expect(config.origins[key]).toBe('/project');
      expect(refused).toEqual([]);
    }
    if (looser !== null) {
      const { config, refused } = merge({ user, project: { [key]: looser } });
      expect(config[key]).toBe(outer);
      expect(refused).toEqual([key]);
    }
  });

  test('an unknown model may come to halt, and not to be priced otherwise', () => {
    expect(
      merge({ user: own('5'), project: { unknownModel: 'halt' } }).config.haltOnUnknownModel,
    ).toBe(true);
    const loosened = merge({
      user: { unknownModel: 'halt' },
      project: { unknownModel: 'dearest' },
    });
    expect(loosened.config.haltOnUnknownModel).toBe(true);
    const cheap = merge({ user: own('5'), project: { unknownModel: 'claude-haiku-4-5' } });
    expect(cheap.config.pricing.unknownModel).toBe('dearest');
    expect(cheap.refused).toEqual(['unknownModel']);
    expect(merge({ user: { unknownModel: 'claude-haiku-4-5' } }).config.pricing.unknownModel).toBe(
      'claude-haiku-4-5',
    );
  });

  test('the fan-out ceiling falls, never rises', () => {
    expect(merge({ user: own('5'), project: { fanOut: '2' } }).config.fanOutNanoUsd).toBe(2e9);
    expect(merge({ user: { fanOut: '2' }, project: { fanOut: '3' } }).config.fanOutNanoUsd).toBe(
      2e9,
    );
  });

  test('defaults under an outer ceiling are as good as set', () => {
    const { config, refused } = merge({
      user: own('5'),
      project: { safety: 'none', pricing: { multiplier: '0.1' } },
    });
    expect(config.safety).toBe('cautious');
    expect(config.pricing.multiplierPpm).toBe(1_000_000);
    expect(refused).toEqual(['safety', 'pricing.multiplier']);
  });

  test('where nobody outside set anything, a project is free', () => {
    const { config, refused } = merge({
      project: { ...own('5'), safety: 'none', pricing: { multiplier: '0.5' } },
    });
    expect(config.safety).toBe('none');
    expect(config.pricing.multiplierPpm).toBe(500_000);
    expect(refused).toEqual([]);
  });

  test('a file with mistakes tightens only', () => {
    const broken = {
      ...own('5'),
      safety: 'none',
      onFailure: 'warn',
      labels: { a: 'b' },
      waitMs: 'x',
    };
    const { config } = merge({ user: broken });
    expect(config).toMatchObject({ safety: 'cautious', onFailure: 'halt', labels: {} });
    expect(config.budgets[0]?.hardNanoUsd).toBe(5e9);
    const { config: under } = merge({ user: broken, project: { safety: 'none' } });
    expect(under.safety).toBe('cautious');
  });

  test('client rules of outer files come first, labels of outer files stay', () => {
    const { config, refused } = merge({
      user: { clients: [{ repository: '*', client: 'A' }], labels: { team: 'web' } },
      project: { clients: [{ repository: '*', client: 'B' }], labels: { team: 'x', floor: '2' } },
    });
    expect(config.clients.map(({ client }) => client)).toEqual(['A', 'B']);
    expect(config.labels).toEqual({ team: 'web', floor: '2' });
    expect(refused).toEqual(['labels.team']);
    expect(config.origins).toMatchObject({ 'clients[1]': '/project', 'labels.floor': '/project' });
  });
});

describe('prices meet', () => {
  const rates = (config: Config, model: string) =>
    ratesFor(model, basis.at, config.pricing, RATE_CARDS);
  const price = (model: string, rows: object) => ({ pricing: { models: { [model]: rows } } });

  test('a person sets them as they are; what is left out stays at list', () => {
    const { config } = merge({ user: price('claude-opus-5-5', { input: '1' }) });
    expect(rates(config, 'claude-opus-5-5')).toMatchObject({
      input: 1_000_000,
      output: 20_000_000,
    });
  });

  test('a repository raises them, and never lowers them', () => {
    const project = price('claude-opus-5-5', { input: '1', output: '30' });
    const { config, refused } = merge({ user: own('5'), project });
    expect(rates(config, 'claude-opus-5-5')).toMatchObject({
      input: 4_000_000,
      output: 30_000_000,
    });
    expect(refused).toEqual(['pricing.models.claude-opus-5-5.input']);
  });

  test('a repository cannot make an unknown model known where unknown models halt', () => {
    const user = { ...own('5'), unknownModel: 'halt' };
    const { config, refused } = merge({
      user,
      project: price('gateway-x', { input: '99', output: '99' }),
    });
    expect(config.pricing.overrides).toEqual({});
    expect(refused).toEqual(['pricing.models.gateway-x']);
  });

  test('a price under another spelling of the same model does not get round an outer one', () => {
    const { config } = merge({
      user: { ...own('5'), ...price('claude-opus-5-5', { input: '10' }) },
      project: price('claude-opus-5-5-20261001', { input: '4' }),
    });
    expect(rates(config, 'claude-opus-5-5-20261001').input).toBe(10_000_000);
  });
});

const amount = fc.integer({ min: 1, max: 2000 }).map((cents) => (cents / 100).toFixed(2));
const written = fc.record(
  {
    budgets: fc.uniqueArray(
      fc.record(
        {
          id: fc.constantFrom('a', 'b', 'c'),
          soft: amount,
          hard: amount,
          mode: fc.constantFrom('observe', 'warn', 'enforce'),
          period: fc.constantFrom('session', 'day', '5h'),
          scope: fc.constantFrom('all', 'repository', 'session'),
          wrapUp: fc.constantFrom('0.5', '80%', 0.95, 'never', 7),
        },
        { requiredKeys: ['id'] },
      ),
      { selector: ({ id }) => id, maxLength: 3 },
    ),
    safety: fc.constantFrom('expected', 'cautious', 'strict', 'none', 'bogus'),
    onFailure: fc.constantFrom('halt', 'warn'),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Tokyo'),
    waitMs: fc.integer({ min: -5, max: 1000 }),
    unknownModel: fc.constantFrom('dearest', 'halt', 'claude-haiku-4-5'),
    fanOut: amount,
    pricing: fc.record(
      {
        multiplier: fc.constantFrom('0.5', '1', '2'),
        models: fc.dictionary(
          fc.constantFrom('claude-opus-5-5', 'claude-sonnet-4-5', 'gateway-x'),
          fc.record({ input: amount, output: amount, cacheRead: amount }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const CLASSES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;
const INFINITE = Number.POSITIVE_INFINITY;
const MODES = ['observe', 'warn', 'enforce'];
const SAFETIES = ['strict', 'cautious', 'expected', 'none'];

/** Asserts that `inner` is in nothing looser than `outer`. */
function expectNoLooser(outer: Config, inner: Config, guarded: boolean) {
  for (const budget of outer.budgets) {
    const now = inner.budgets.find(({ id }) => id === budget.id);
    expect(now?.hardNanoUsd ?? INFINITE).toBeLessThanOrEqual(budget.hardNanoUsd ?? INFINITE);
    expect(now?.softNanoUsd ?? INFINITE).toBeLessThanOrEqual(budget.softNanoUsd ?? INFINITE);
    if (budget.hardNanoUsd !== null) {
      expect(now?.wrapUpRatio ?? INFINITE).toBeLessThanOrEqual(budget.wrapUpRatio ?? INFINITE);
    }
    expect(MODES.indexOf(now?.mode ?? '')).toBeGreaterThanOrEqual(MODES.indexOf(budget.mode));
    expect(now?.scope).toEqual(budget.scope);
    expect(now?.period).toEqual(budget.period);
  }
  if (!guarded) return;
  expect(SAFETIES.indexOf(inner.safety)).toBeLessThanOrEqual(SAFETIES.indexOf(outer.safety));
  expect(inner.onFailure === 'warn' && outer.onFailure === 'halt').toBe(false);
  expect(inner.waitMs).toBeGreaterThanOrEqual(outer.waitMs);
  expect(inner.reservationMs).toBeGreaterThanOrEqual(outer.reservationMs);
  expect(inner.haltOnUnknownModel).toBe(outer.haltOnUnknownModel || inner.haltOnUnknownModel);
  expect(inner.fanOutNanoUsd ?? INFINITE).toBeLessThanOrEqual(outer.fanOutNanoUsd ?? INFINITE);
  for (const model of [
    'claude-opus-5-5',
    'claude-sonnet-4-5',
    'claude-haiku-4-5',
    'gateway-x',
    'never-seen',
  ]) {
    for (const speed of ['standard', 'fast'] as const) {
      for (const promptTokens of [1, 1_000_000]) {
        const price = (config: Config) =>
          ratesFor(model, basis.at, config.pricing, RATE_CARDS, { speed, promptTokens });
        const before = price(outer);
        const after = price(inner);
        for (const name of CLASSES) expect(after[name]).toBeGreaterThanOrEqual(before[name]);
      }
    }
  }
}

test('a repository never raises a limit, nor loosens a mode, whatever it writes', () => {
  fc.assert(
    fc.property(written, written, written, (user, project, local) => {
      const outer = merge({ user }).config;
      const guarded = (user.budgets ?? []).some(({ hard, soft }) => hard ?? soft);
      const middle = merge({ user, project }).config;
      expectNoLooser(outer, middle, guarded);
      expectNoLooser(outer, merge({ user, project, local }).config, guarded);
      expectNoLooser(middle, merge({ user, project, local }).config, guarded);
    }),
    { numRuns: runs(200) },
  );
});

test('nor does a person loosen what is managed', () => {
  fc.assert(
    fc.property(written, written, (managed, user) => {
      const guarded = (managed.budgets ?? []).some(({ hard, soft }) => hard ?? soft);
      expectNoLooser(merge({ managed }).config, merge({ managed, user }).config, guarded);
    }),
    { numRuns: runs(150) },
  );
});
