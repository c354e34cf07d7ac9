// Laws of the price: never a throw, never a negative, never a float, and no way of adding up that
// disagrees with another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePausedResponses, parseUsage } from '../../src/agents/claude-code/transcript/usage.ts';
import { addUsage, NO_USAGE, promptTokens, type Usage } from '../../src/domain/usage.ts';
import { LIST_PRICE, type PriceableRequest, type PricingPolicy } from '../../src/pricing/policy.ts';
import { exactCostNanoUsd, priceRequest, ratesFor } from '../../src/pricing/price.ts';
import type { Rates } from '../../src/pricing/rate-card.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { tariffFor } from '../../src/pricing/resolve.ts';
import { priceTerms } from '../../src/pricing/terms.ts';
import { plainReport, type UsageReport } from '../../src/pricing/usage-report.ts';
import { runs } from '../support/runs.ts';

const RUNS = { numRuns: runs(2_000) };
const MODELS = [...new Set(RATE_CARDS[0].rows.map(({ model }) => model)), 'gpt-5', 'claude-opus-6'];

const occurredAt = fc.integer({ min: 0, max: Date.parse('2030-01-01') });
const model = fc.constantFrom(...MODELS);
const geo = fc.constantFrom('us', 'US', 'eu', '', null);

function usageUpTo(max: number): fc.Arbitrary<Usage> {
  const count = fc.integer({ min: 0, max });
  return fc.record({
    inputTokens: count,
    outputTokens: count,
    cacheReadTokens: count,
    cacheWrite5mTokens: count,
    cacheWrite1hTokens: count,
    webSearchCount: fc.integer({ min: 0, max: 20 }),
  });
}

function reportUpTo(max: number): fc.Arbitrary<UsageReport> {
  const usage = usageUpTo(max);
  const steps = fc.array(usage, { maxLength: 3 });
  const report = fc.record({
    usage,
    speed: fc.constantFrom('standard', 'fast'),
    inferenceGeo: geo,
    messageIterations: steps,
    advisors: fc.array(fc.record({ model, usage }), { maxLength: 2 }),
    compactions: fc.array(usage, { maxLength: 2 }),
  });
  // Half of them with totals that their steps account for.
  return fc.tuple(report, fc.boolean()).map(([plain, told]) => {
    const whole = plain.messageIterations.reduce(addUsage, NO_USAGE);
    return told && plain.messageIterations.length > 0 ? { ...plain, usage: whole } : plain;
  });
}

function requestUpTo(max: number): fc.Arbitrary<PriceableRequest> {
  const report = reportUpTo(max);
  return fc.record({ model, report, paused: fc.array(report, { maxLength: 2 }), occurredAt });
}

const rate = fc.integer({ min: 0, max: 1_000_000_000 });
const rates: fc.Arbitrary<Rates> = fc.record({
  input: rate,
  output: rate,
  cacheRead: rate,
  cacheWrite5m: rate,
  cacheWrite1h: rate,
});
const policy: fc.Arbitrary<PricingPolicy> = fc.record({
  overrides: fc.dictionary(model, rates, { maxKeys: 3 }),
  managed: fc.dictionary(
    model,
    fc.record({ input: rate, output: rate, cacheRead: rate, cacheWrite: rate }),
    { maxKeys: 1 },
  ),
  multiplierPpm: fc.oneof(fc.constant(1_000_000), fc.integer({ min: 1, max: 10_000_000 })),
  unknownModel: fc.constantFrom('dearest', 'claude-opus-5-5', 'nobody'),
  billCompaction: fc.boolean(),
});

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, '12', -1, 1e308, Number.NaN, {}, []),
);
const rawCounts = fc.record(
  {
    type: fc.constantFrom('message', 'advisor_message', 'compaction', 'other'),
    model: fc.oneof(model, fc.anything()),
    input_tokens: number,
    output_tokens: number,
    cache_read_input_tokens: number,
    cache_creation_input_tokens: number,
    cache_creation: fc.oneof(
      fc.record({ ephemeral_5m_input_tokens: number, ephemeral_1h_input_tokens: number }),
      fc.anything(),
    ),
    server_tool_use: fc.oneof(fc.record({ web_search_requests: number }), fc.anything()),
    speed: fc.oneof(fc.constant('fast'), fc.anything()),
    inference_geo: fc.oneof(geo, fc.anything()),
    iterations: fc.anything(),
  },
  { requiredKeys: [] },
);
const rawUsage = fc
  .tuple(rawCounts, fc.array(fc.oneof(rawCounts, fc.anything()), { maxLength: 4 }), fc.boolean())
  .map(([counts, iterations, nested]) => (nested ? { ...counts, iterations } : counts));

describe('garbage', () => {
  const isWhole = (value: number) => Number.isSafeInteger(value) && value >= 0;

  test('costs a whole amount, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(rawUsage, fc.anything()),
        fc.oneof(rawUsage, fc.anything()),
        fc.oneof(model, fc.string(), fc.string({ unit: 'binary' })),
        fc.oneof(occurredAt, fc.double()),
        policy,
        (raw, usage, asked, at, set) => {
          const report = parseUsage(raw);
          if (report === null) return;
          expect(Object.values(report.usage).every(isWhole)).toBe(true);
          const paused = parsePausedResponses([{ usage }, raw]);
          const request = { model: asked, report, paused, occurredAt: at };
          const { costNanoUsd } = priceRequest(request, set, RATE_CARDS);
          expect(isWhole(costNanoUsd)).toBe(true);
          expect(exactCostNanoUsd(request, set, RATE_CARDS)).toBe(costNanoUsd);
          priceTerms(request, set, RATE_CARDS);
        },
      ),
      { numRuns: runs(4_000) },
    );
  });

  test('through JSON, as a transcript brings it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const report = parseUsage(JSON.parse(text));
        if (report === null) return;
        const request = { model: text, report, paused: [], occurredAt: 0 };
        expect(isWhole(priceRequest(request, LIST_PRICE, RATE_CARDS).costNanoUsd)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('one price', () => {
  test.each([1_000, 2_000_000, 1_000_000_000])(
    'numbers and unbounded integers agree, counts up to %d',
    (max) => {
      fc.assert(
        fc.property(requestUpTo(max), policy, (request, set) => {
          const { costNanoUsd } = priceRequest(request, set, RATE_CARDS);
          expect(exactCostNanoUsd(request, set, RATE_CARDS)).toBe(costNanoUsd);
        }),
        RUNS,
      );
    },
  );

  test('the terms, added up exactly and rounded once, are the cost', () => {
    fc.assert(
      fc.property(requestUpTo(2_000_000), policy, (request, set) => {
        let tenMillionths = 0n;
        for (const { amountPicoUsd } of priceTerms(request, set, RATE_CARDS)) {
          const [whole = '', fraction = ''] = amountPicoUsd.split('.');
          tenMillionths += BigInt(whole + fraction.padEnd(7, '0'));
        }
        const nano = (tenMillionths + 5_000_000_000n) / 10_000_000_000n;
        expect(priceRequest(request, set, RATE_CARDS).costNanoUsd).toBe(Number(nano));
      }),
      RUNS,
    );
  });

  test('the client’s sum in doubles is within a billionth of a dollar', () => {
    fc.assert(
      fc.property(requestUpTo(200_000), (request) => {
        const nano = priceRequest(request, LIST_PRICE, RATE_CARDS).costNanoUsd;
        expect(Math.abs(nano / 1e9 - inDoubles(request))).toBeLessThanOrEqual(1e-9);
      }),
      RUNS,
    );
  });

  test('two usages in one request never cost less than apart', () => {
    fc.assert(
      fc.property(model, usageUpTo(300_000), usageUpTo(300_000), occurredAt, (asked, a, b, at) => {
        const cost = (usage: Usage) =>
          priceRequest(
            { model: asked, report: plainReport(usage), paused: [], occurredAt: at },
            LIST_PRICE,
            RATE_CARDS,
          ).costNanoUsd;
        expect(cost(addUsage(a, b))).toBeGreaterThanOrEqual(cost(a) + cost(b));
      }),
      RUNS,
    );
  });

  test('a forecast by `ratesFor` is never below the price', () => {
    fc.assert(
      fc.property(
        model,
        usageUpTo(200_000),
        geo,
        policy,
        occurredAt,
        (asked, counts, at, set, when) => {
          const usage = { ...counts, webSearchCount: 0 };
          const report = { ...plainReport(usage), inferenceGeo: at };
          const request = { model: asked, report, paused: [], occurredAt: when };
          const seen = ratesFor(asked, when, set, RATE_CARDS, {
            inferenceGeo: at,
            promptTokens: promptTokens(usage),
          });
          const pico =
            BigInt(usage.inputTokens) * BigInt(seen.input) +
            BigInt(usage.outputTokens) * BigInt(seen.output) +
            BigInt(usage.cacheReadTokens) * BigInt(seen.cacheRead) +
            BigInt(usage.cacheWrite5mTokens) * BigInt(seen.cacheWrite5m) +
            BigInt(usage.cacheWrite1hTokens) * BigInt(seen.cacheWrite1h);
          const nano = Number((pico + 999n) / 1_000n);
          expect(nano).toBeGreaterThanOrEqual(priceRequest(request, set, RATE_CARDS).costNanoUsd);
        },
      ),
      RUNS,
    );
  });
});

function written(usage: Pick<Usage, 'cacheWrite5mTokens' | 'cacheWrite1hTokens'>): number {
  return usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
}

/** The formula as the client computes it, written down once more and in floating dollars. */
function inDoubles(request: PriceableRequest): number {
  const dollars = (asked: string, usage: Usage, fast: boolean, at: string | null): number => {
    const row = tariffFor(asked, request.occurredAt, LIST_PRICE, RATE_CARDS);
    let p = fast && row.fast ? row.fast : row.rates;
    if (p !== row.fast && row.longPrompt && promptTokens(usage) > row.longPrompt.aboveTokens) {
      p = row.longPrompt.rates;
    }
    const perToken = (price: number) => price / 1e6 / 1e6;
    const tokens =
      usage.inputTokens * perToken(p.input) +
      usage.outputTokens * perToken(p.output) +
      usage.cacheReadTokens * perToken(p.cacheRead) +
      usage.cacheWrite1hTokens * perToken(p.cacheWrite1h) +
      usage.cacheWrite5mTokens * perToken(p.cacheWrite5m);
    return tokens * (at === 'us' ? 1.1 : 1);
  };
  let sum = 0;
  for (const report of [request.report, ...request.paused]) {
    const fast = report.speed === 'fast';
    const totals = (all: readonly Usage[]) => {
      const { inputTokens, outputTokens, cacheReadTokens, ...rest } = all.reduce(
        addUsage,
        NO_USAGE,
      );
      return [inputTokens, outputTokens, cacheReadTokens, written(rest)].join();
    };
    const told = totals(report.messageIterations) === totals([report.usage]);
    const steps =
      told && report.messageIterations.length > 0 ? report.messageIterations : [report.usage];
    for (const step of steps) sum += dollars(request.model, step, fast, report.inferenceGeo);
    sum += report.usage.webSearchCount * 0.01;
    for (const advisor of report.advisors) {
      sum += dollars(advisor.model, advisor.usage, false, report.inferenceGeo);
    }
  }
  return sum;
}
