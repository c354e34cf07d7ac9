// The formula: which counts of a request are charged, and at which rate. Rule: it hands out charges
// and adds nothing up, so that the cost, its proof and its printed terms cannot disagree.
// Measured on client 2.1.330, 2026-11-21.
import { promptTokens, type Usage } from '../domain/usage.ts';
import type { PriceableRequest, PricingPolicy } from './policy.ts';
import type { RateCards, Rates } from './rate-card.ts';
import { type Tariff, tariffFor } from './resolve.ts';
import type { UsageReport } from './usage-report.ts';

export type ChargeKind =
  | 'input'
  | 'output'
  | 'cache read'
  | 'cache write 5m'
  | 'cache write 1h'
  | 'web search';

/** What the charges of one part of a request have in common. */
export interface Part {
  readonly role: 'message' | 'paused' | 'advisor' | 'compaction';
  readonly tariff: Tariff;
  readonly fast: boolean;
  readonly longPrompt: boolean;
  /** Price of a token in tenths of its rate: 10, or more where geography is charged. */
  readonly tenths: number;
}

/** Takes one charge: `count` things at `ratePicoUsd` each, times `part.tenths` / 10. */
export type TakeCharge = (part: Part, what: ChargeKind, count: number, ratePicoUsd: number) => void;

/**
 * Hands every charge of a request to `take`, in the client's own order; the only place that knows
 * the formula, whoever adds it up.
 */
export function forEachCharge(
  request: PriceableRequest,
  policy: PricingPolicy,
  cards: RateCards,
  take: TakeCharge,
): { readonly tariff: Tariff; readonly unknownModel: boolean } {
  const tariff = tariffFor(request.model, request.occurredAt, policy, cards);
  let unknownModel = tariff.unknownModel;
  const respond = (report: UsageReport, role: 'message' | 'paused'): void => {
    chargeResponse(report, role, tariff, take);
    for (const advisor of report.advisors) {
      const own = tariffFor(advisor.model, request.occurredAt, policy, cards);
      unknownModel ||= own.unknownModel;
      // Standard speed whatever the response ran at; the geography is the response's.
      chargeTokens(advisor.usage, 'advisor', own, false, report.inferenceGeo, take);
    }
    if (!policy.billCompaction) return;
    for (const usage of report.compactions) {
      chargeTokens(usage, 'compaction', tariff, report.speed === 'fast', report.inferenceGeo, take);
    }
  };
  respond(request.report, 'message');
  for (const report of request.paused) respond(report, 'paused');
  return { tariff, unknownModel };
}

function chargeResponse(
  report: UsageReport,
  role: 'message' | 'paused',
  tariff: Tariff,
  take: TakeCharge,
): void {
  const { usage, inferenceGeo, messageIterations } = report;
  const fast = report.speed === 'fast';
  // Steps matter only where prompt length does, and only if they account for every token.
  if (tariff.longPrompt && addUpTo(messageIterations, usage)) {
    for (const step of messageIterations) {
      chargeTokens(step, role, tariff, fast, inferenceGeo, take);
    }
  } else {
    chargeTokens(usage, role, tariff, fast, inferenceGeo, take);
  }
  if (usage.webSearchCount > 0) {
    const part: Part = { role, tariff, fast: false, longPrompt: false, tenths: 10 };
    take(part, 'web search', usage.webSearchCount, tariff.webSearchPicoUsd);
  }
}

function chargeTokens(
  usage: Usage,
  role: Part['role'],
  tariff: Tariff,
  saidFast: boolean,
  inferenceGeo: string | null,
  take: TakeCharge,
): void {
  const fast = saidFast && tariff.fast !== null;
  const longPrompt = !fast && isLong(tariff, promptTokens(usage));
  const tenths = tenthsAt(tariff, inferenceGeo);
  const rates = pickRates(tariff, fast, longPrompt);
  const part: Part = { role, tariff, fast, longPrompt, tenths };
  if (usage.inputTokens > 0) take(part, 'input', usage.inputTokens, rates.input);
  if (usage.outputTokens > 0) take(part, 'output', usage.outputTokens, rates.output);
  if (usage.cacheReadTokens > 0) {
    take(part, 'cache read', usage.cacheReadTokens, rates.cacheRead);
  }
  if (usage.cacheWrite1hTokens > 0) {
    take(part, 'cache write 1h', usage.cacheWrite1hTokens, rates.cacheWrite1h);
  }
  if (usage.cacheWrite5mTokens > 0) {
    take(part, 'cache write 5m', usage.cacheWrite5mTokens, rates.cacheWrite5m);
  }
}

/** The one set of rates that holds for all tokens of a response, or of a step. */
export function pickRates(tariff: Tariff, fast: boolean, longPrompt: boolean): Rates {
  if (fast && tariff.fast) return tariff.fast;
  return longPrompt && tariff.longPrompt ? tariff.longPrompt.rates : tariff.rates;
}

/** Strictly longer than the tier allows; a model without a tier never is. */
export function isLong(tariff: Tariff, tokens: number): boolean {
  return tariff.longPrompt !== null && tokens > tariff.longPrompt.aboveTokens;
}

/** Tenths of the rate. The exact string `us` only: `US`, `eu`, `global` cost nothing extra (measured). */
export function tenthsAt(tariff: Tariff, inferenceGeo: string | null): number {
  return inferenceGeo === 'us' ? tariff.usGeographyTenths : 10;
}

/** Whether the steps sum exactly to the four counters of the whole. */
function addUpTo(steps: readonly Usage[], whole: Usage): boolean {
  let input = 0;
  let output = 0;
  let read = 0;
  let written = 0;
  for (const step of steps) {
    input += step.inputTokens;
    output += step.outputTokens;
    read += step.cacheReadTokens;
    written += step.cacheWrite5mTokens + step.cacheWrite1hTokens;
  }
  return (
    input === whole.inputTokens &&
    output === whole.outputTokens &&
    read === whole.cacheReadTokens &&
    written === whole.cacheWrite5mTokens + whole.cacheWrite1hTokens
  );
}
