// Every measured bill of the real client, to the nano-dollar. Rule: nothing here knows a price;
// what the client would put in for a model it does not know is told to the policy, as a user would.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  parsePausedResponses,
  parseUsage,
} from '../../../src/agents/claude-code/transcript/usage.ts';
import { NANO_PER_USD } from '../../../src/domain/money.ts';
import {
  LIST_PRICE,
  type PriceableRequest,
  type PricingPolicy,
} from '../../../src/pricing/policy.ts';
import { exactCostNanoUsd, priceRequest } from '../../../src/pricing/price.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';
import { priceTerms } from '../../../src/pricing/terms.ts';

interface Vector {
  readonly id: string;
  readonly class: string;
  readonly model: string;
  readonly usage?: unknown;
  readonly messages?: readonly { readonly model: string; readonly usage: unknown }[];
  readonly expectedUsd: number;
  readonly unknownModel?: boolean;
  readonly unknownModelDefault?: string;
}

interface VectorFile {
  readonly observed: string;
  readonly tolerance: number;
  readonly vectors: readonly Vector[];
}

const file: VectorFile = JSON.parse(
  readFileSync(new URL('../../fixtures/pricing-vectors.json', import.meta.url), 'utf8'),
);
const observedAt = Date.parse(file.observed);

function requestsOf(vector: Vector): PriceableRequest[] {
  const messages = vector.messages ?? [{ model: vector.model, usage: vector.usage }];
  return messages.map(({ model, usage }) => {
    const report = parseUsage(usage);
    if (!report) throw new Error(`${vector.id} has no usage`);
    return { model, report, paused: [], occurredAt: observedAt };
  });
}

function policyOf(vector: Vector): PricingPolicy {
  return { ...LIST_PRICE, unknownModel: vector.unknownModelDefault ?? 'claude-opus-5-5' };
}

describe('the client’s own bill', () => {
  test('the whole file is there', () => {
    expect(file.vectors.length).toBe(226);
  });

  test.each(file.vectors.map((vector) => [`${vector.id} (${vector.class})`, vector] as const))(
    '%s',
    (_, vector) => {
      let nano = 0;
      for (const request of requestsOf(vector)) {
        const policy = policyOf(vector);
        const priced = priceRequest(request, policy, RATE_CARDS);
        nano += priced.costNanoUsd;
        expect(exactCostNanoUsd(request, policy, RATE_CARDS)).toBe(priced.costNanoUsd);
        expect(priceTerms(request, policy, RATE_CARDS).length > 0).toBe(priced.costNanoUsd > 0);
        if (vector.unknownModel) expect(priced.unknownModel).toBe(true);
        else if (!vector.id.includes('unknown')) expect(priced.unknownModel).toBe(false);
      }
      expect(Math.abs(nano / NANO_PER_USD - vector.expectedUsd)).toBeLessThanOrEqual(
        file.tolerance,
      );
    },
  );

  test('a resumed response bills what was paused as well, under the same message', () => {
    const vector = file.vectors.find(({ id }) => id === 'p.paused_response');
    if (!vector) throw new Error('vector is missing');
    const [first, ...rest] = vector.messages ?? [];
    const report = parseUsage(first?.usage);
    if (!report) throw new Error('vector has no usage');
    const paused = parsePausedResponses(rest);
    const request = { model: vector.model, report, paused, occurredAt: observedAt };
    const { costNanoUsd } = priceRequest(request, LIST_PRICE, RATE_CARDS);
    expect(costNanoUsd).toBe(27_400_000);
  });
});
