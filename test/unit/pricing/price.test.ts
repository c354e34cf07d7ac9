// The formula where no vector reaches: what stacks, what does not, one rounding, what a forecast is told.
import { describe, expect, test } from 'vitest';
import { NO_USAGE, type Usage } from '../../../src/domain/usage.ts';
import {
  LIST_PRICE,
  type PriceableRequest,
  type PricingPolicy,
} from '../../../src/pricing/policy.ts';
import { priceRequest, ratesFor } from '../../../src/pricing/price.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { priceTerms } from '../../../src/pricing/terms.ts';
import { plainReport, type UsageReport } from '../../../src/pricing/usage-report.ts';

const NOW = Date.parse('2026-11-21');
const MILLION = 1_000_000;

function request(
  model: string,
  usage: Partial<Usage>,
  report: Partial<UsageReport> = {},
): PriceableRequest {
  const plain = plainReport({ ...NO_USAGE, ...usage });
  return { model, report: { ...plain, ...report }, paused: [], occurredAt: NOW };
}

const cost = (asked: PriceableRequest, policy: PricingPolicy = LIST_PRICE) =>
  priceRequest(asked, policy, RATE_CARDS).costNanoUsd;
const steps = (...all: Partial<Usage>[]) => all.map((usage) => ({ ...NO_USAGE, ...usage }));

describe('a request', () => {
  test('names the card and the model it was priced by', () => {
    expect(priceRequest(request('opus', { inputTokens: 1 }), LIST_PRICE, RATE_CARDS)).toEqual({
      costNanoUsd: 4_000,
      rateCard: 'anthropic@2026-11-21',
      pricedAs: 'claude-opus-5-5',
      unknownModel: false,
    });
  });

  test('costs the same on another model only if that model does', () => {
    const asked = request('claude-opus-5-5', { inputTokens: MILLION });
    expect(cost(asked)).toBe(4_000_000_000);
    expect(cost({ ...asked, model: 'claude-sonnet-5-5' })).toBe(2_000_000_000);
  });

  test('rounds once, half up', () => {
    // Listed rates leave a part of a nano-dollar only with geography; these always do.
    const odd = { input: 500, output: 499, cacheRead: 1, cacheWrite5m: 0, cacheWrite1h: 0 };
    const policy = { ...LIST_PRICE, overrides: { odd } };
    expect(cost(request('odd', { inputTokens: 1 }), policy)).toBe(1);
    expect(cost(request('odd', { outputTokens: 1 }), policy)).toBe(0);
    expect(cost(request('odd', { outputTokens: 1, cacheReadTokens: 1 }), policy)).toBe(1);
    expect(cost(request('odd', { inputTokens: 1 }, { inferenceGeo: 'us' }), policy)).toBe(1);
  });

  test('geography stacks on fast and on the long prompt, never on a search', () => {
    const us = { inferenceGeo: 'us' };
    const searched = { inputTokens: MILLION, webSearchCount: 3 };
    expect(cost(request('claude-opus-5-5', searched, { ...us, speed: 'fast' }))).toBe(
      8_800_000_000 + 30_000_000,
    );
    expect(cost(request('claude-haiku-5-5', { inputTokens: MILLION }, us))).toBe(550_000_000);
    expect(cost(request('gpt-5', { inputTokens: MILLION }, us))).toBe(16_500_000_000);
  });

  test('fast costs nothing extra on a model without a fast mode, whose tier still holds', () => {
    const fast = { speed: 'fast' } as const;
    expect(cost(request('claude-sonnet-5-5', { inputTokens: 100 }, fast))).toBe(200_000);
    expect(cost(request('claude-haiku-5-5', { inputTokens: 200_000 }, fast))).toBe(100_000_000);
    expect(cost(request('claude-opus-6', { inputTokens: 100 }, fast))).toBe(1_500_000);
  });

  test('the long prompt begins strictly above 100 000 tokens of prompt, output apart', () => {
    expect(cost(request('haiku', { inputTokens: 100_000, outputTokens: 9 }))).toBe(10_004_500);
    expect(cost(request('haiku', { inputTokens: 100_001, outputTokens: 9 }))).toBe(50_023_000);
    const mixed = { inputTokens: 1, cacheReadTokens: 50_000, cacheWrite1hTokens: 50_000 };
    expect(cost(request('haiku', mixed))).toBe(500 + 2_500_000 + 50_000_000);
  });

  describe('with steps', () => {
    const twice = steps(
      { inputTokens: 60_000, outputTokens: 5 },
      { inputTokens: 60_000, outputTokens: 5 },
    );
    const whole = { inputTokens: 120_000, outputTokens: 10 };

    test('judges each step when they account for every token', () => {
      expect(cost(request('haiku', whole, { messageIterations: twice }))).toBe(12_005_000);
    });

    test('prices only the long step as long', () => {
      const uneven = steps({ inputTokens: 110_000 }, { inputTokens: 10_000, outputTokens: 10 });
      const asked = request('haiku', whole, { messageIterations: uneven });
      expect(cost(asked)).toBe(55_000_000 + 1_000_000 + 5_000);
    });

    test.each([
      { ...whole, inputTokens: 120_001 },
      { ...whole, outputTokens: 11 },
      { ...whole, cacheReadTokens: 1 },
      { ...whole, cacheWrite5mTokens: 1 },
    ])('judges the whole when a counter differs: %o', (usage) => {
      const plain = cost(request('haiku', usage));
      expect(cost(request('haiku', usage, { messageIterations: twice }))).toBe(plain);
      expect(plain).toBeGreaterThan(60_000_000);
    });

    test('counts what steps read from the cache and wrote to it', () => {
      const cached = { cacheReadTokens: 30_000, cacheWrite5mTokens: 20_000 };
      const step = { ...cached, cacheWrite1hTokens: 10_000 };
      const both = { cacheReadTokens: 60_000, cacheWrite5mTokens: 40_000 };
      const asked = request('haiku', { ...both, cacheWrite1hTokens: 20_000 });
      const told = { ...asked.report, messageIterations: steps(step, step) };
      const short = request('haiku', step);
      expect(cost({ ...asked, report: told })).toBe(2 * cost(short));
      expect(cost(asked)).toBeGreaterThan(2 * cost(short));
    });

    test('does not matter on a model with one price', () => {
      const asked = request('opus', whole, { messageIterations: twice });
      expect(cost(asked)).toBe(cost(request('opus', whole)));
    });
  });

  test('an advisor costs its own model, standard speed, the response’s geography, no search', () => {
    const usage = { ...NO_USAGE, inputTokens: 1_000, webSearchCount: 5 };
    const advisors = [{ model: 'claude-fable-5-2', usage }];
    expect(cost(request('opus', {}, { advisors, speed: 'fast' }))).toBe(8_000_000);
    expect(cost(request('opus', {}, { advisors, inferenceGeo: 'us' }))).toBe(8_800_000);
  });

  test('an unknown advisor flags the request', () => {
    const advisors = [{ model: 'claude-zeta-9', usage: NO_USAGE }];
    const priced = priceRequest(request('opus', {}, { advisors }), LIST_PRICE, RATE_CARDS);
    expect(priced).toMatchObject({ pricedAs: 'claude-opus-5-5', unknownModel: true });
  });

  test('compaction is free to the client, and charged on request', () => {
    const compactions = steps({ inputTokens: 180_000, outputTokens: 3_500 });
    const asked = request('opus', { inputTokens: 1_000, outputTokens: 500 }, { compactions });
    expect(cost(asked)).toBe(14_000_000);
    expect(cost(asked, { ...LIST_PRICE, billCompaction: true })).toBe(804_000_000);
    const fast = { ...asked, report: { ...asked.report, speed: 'fast' as const } };
    expect(cost(fast, { ...LIST_PRICE, billCompaction: true })).toBe(1_608_000_000);
  });

  test('a paused response is charged by what it says itself', () => {
    const asked = request('opus', { inputTokens: 1 });
    const earlier = request('opus', { inputTokens: 1, webSearchCount: 1 }, { speed: 'fast' });
    expect(cost({ ...asked, paused: [earlier.report] })).toBe(4_000 + 8_000 + 10_000_000);
  });

  test('an absurd usage costs what a safe integer holds', () => {
    const usage = { outputTokens: 1e9 };
    const paused = Array.from({ length: 200 }, () => request('opus', usage).report);
    const asked = { ...request('claude-opus-4-1', usage), paused };
    expect(cost(asked)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('a multiplier', () => {
  test('scales everything, searches and overrides too', () => {
    const mine = {
      input: 100_000,
      output: 1,
      cacheRead: 1,
      cacheWrite5m: 1,
      cacheWrite1h: 1,
    };
    const policy = { ...LIST_PRICE, multiplierPpm: 850_000, overrides: { mine } };
    expect(cost(request('opus', { inputTokens: 1_000, webSearchCount: 2 }), policy)).toBe(
      3_400_000 + 17_000_000,
    );
    expect(cost(request('mine', { inputTokens: 1_000 }), policy)).toBe(85_000);
  });

  test('may mark up, and rounds after it', () => {
    const policy = { ...LIST_PRICE, multiplierPpm: 1_333_333 };
    expect(cost(request('opus', { inputTokens: 1 }), policy)).toBe(5_333);
    expect(cost(request('opus', { inputTokens: 3 }), policy)).toBe(16_000);
  });
});

describe('rates for a forecast', () => {
  const rates = (model: string, at = {}, policy = LIST_PRICE) =>
    ratesFor(model, NOW, policy, RATE_CARDS, at);

  test('are the listed ones', () => {
    expect(rates('claude-opus-5-5')).toEqual({
      input: 4_000_000,
      output: 20_000_000,
      cacheRead: 200_000,
      cacheWrite5m: 5_000_000,
      cacheWrite1h: 8_000_000,
    });
  });

  test('follow speed, prompt length, geography and multiplier', () => {
    expect(rates('opus', { speed: 'fast' }).input).toBe(8_000_000);
    expect(rates('sonnet', { speed: 'fast' }).input).toBe(2_000_000);
    expect(rates('haiku', { promptTokens: 100_000 }).input).toBe(100_000);
    expect(rates('haiku', { promptTokens: 100_001 }).input).toBe(500_000);
    expect(rates('haiku', { promptTokens: 100_001, speed: 'fast' }).input).toBe(500_000);
    expect(rates('opus', { inferenceGeo: 'us', speed: 'fast' }).output).toBe(44_000_000);
    const policy = { ...LIST_PRICE, multiplierPpm: 333_333 };
    expect(rates('haiku', {}, policy).cacheRead).toBe(3_334);
  });
});

describe('terms', () => {
  test('add up to the cost, and can be checked by hand', () => {
    const policy = { ...LIST_PRICE, multiplierPpm: 850_000 };
    const advisors = [{ model: 'gpt-5', usage: { ...NO_USAGE, outputTokens: 7 } }];
    const usage = { inputTokens: 10, cacheWrite1hTokens: 4, webSearchCount: 2 };
    const asked = request('opus', usage, { speed: 'fast', inferenceGeo: 'us', advisors });
    const terms = priceTerms(asked, policy, RATE_CARDS);
    expect(terms).toEqual([
      {
        what: 'input',
        count: 10,
        ratePicoUsd: 8_000_000,
        factor: '0.935',
        amountPicoUsd: '74800000',
        pricedAs: 'claude-opus-5-5',
        notes: ['fast', 'us-geography', 'multiplier'],
      },
      {
        what: 'cache write 1h',
        count: 4,
        ratePicoUsd: 16_000_000,
        factor: '0.935',
        amountPicoUsd: '59840000',
        pricedAs: 'claude-opus-5-5',
        notes: ['fast', 'us-geography', 'multiplier'],
      },
      {
        what: 'web search',
        count: 2,
        ratePicoUsd: 10_000_000_000,
        factor: '0.85',
        amountPicoUsd: '17000000000',
        pricedAs: 'claude-opus-5-5',
        notes: ['multiplier'],
      },
      {
        what: 'output',
        count: 7,
        ratePicoUsd: 75_000_000,
        factor: '0.935',
        amountPicoUsd: '490875000',
        pricedAs: 'claude-opus-4-1',
        notes: ['advisor', 'us-geography', 'unknown-model', 'multiplier'],
      },
    ]);
    const pico = terms.reduce((sum, { amountPicoUsd }) => sum + Number(amountPicoUsd), 0);
    expect(cost(asked, policy)).toBe(Math.round(pico / 1_000));
  });

  test('keep what is smaller than a pico-dollar', () => {
    const odd = { input: 1, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
    const policy = { ...LIST_PRICE, overrides: { odd }, multiplierPpm: 1 };
    const asked = request('odd', { inputTokens: 1 }, { inferenceGeo: 'us' });
    expect(priceTerms(asked, policy, RATE_CARDS)[0]).toMatchObject({
      factor: '0.0000011',
      amountPicoUsd: '0.0000011',
      notes: ['us-geography', 'override', 'multiplier'],
    });
  });

  test('say why a line is not simply the listed rate', () => {
    const notes = (asked: PriceableRequest, more: Partial<PricingPolicy> = {}) =>
      priceTerms(asked, { ...LIST_PRICE, ...more }, RATE_CARDS).map((term) => term.notes);
    const one = { inputTokens: 1 };
    const searched = { ...one, webSearchCount: 1 };
    const report = request('opus', one).report;
    const managed = { opus: { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 } };
    expect(notes(request('opus', searched))).toEqual([[], []]);
    expect(notes(request('gpt-5', searched))).toEqual([['unknown-model'], []]);
    expect(notes(request('opus', searched), { managed })).toEqual([['managed'], []]);
    expect(notes(request('haiku', { inputTokens: 100_001 }))).toEqual([['long-prompt']]);
    expect(notes({ ...request('opus', {}), paused: [report] })).toEqual([['paused-response']]);
    const compacted = request('opus', {}, { compactions: steps(one) });
    expect(notes(compacted, { billCompaction: true })).toEqual([['compaction']]);
  });

  test('name each class of tokens', () => {
    const usage = { ...NO_USAGE, cacheReadTokens: 2, cacheWrite5mTokens: 3 };
    const terms = priceTerms(request('opus', usage), LIST_PRICE, RATE_CARDS);
    expect(terms.map(({ what, count }) => [what, count])).toEqual([
      ['cache read', 2],
      ['cache write 5m', 3],
    ]);
  });

  test('nothing used is no line', () => {
    expect(priceTerms(request('opus', {}), LIST_PRICE, RATE_CARDS)).toEqual([]);
  });
});
