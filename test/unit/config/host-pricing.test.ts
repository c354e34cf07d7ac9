// Prices the client's managed settings name hold for us too, and what cannot be read changes none.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseUsage } from '../../../src/agents/claude-code/transcript/usage.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { configSources } from '../../../src/config/paths.ts';
import { priceRequest } from '../../../src/pricing/price.ts';
import { pricerOf } from '../../../src/pricing/pricer.ts';
import { RATE_CARDS } from '../../../src/pricing/rate-cards.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-client-pricing-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pricingWith(settings: string) {
  const file = join(folder, 'managed-settings.json');
  writeFileSync(file, settings);
  const sources = configSources(folder, { HOME: folder }, join(folder, 'none.json'), file);
  return loadConfig(sources).config.pricing;
}

test('an override row and a multiplier price as the client does', () => {
  const pricing = pricingWith(
    '{ "modelPricing": { "multiplier": 0.5, "overrides": { "claude-opus-4-7": { "input": 4, "output": 20, "cacheRead": 0.4, "cacheWrite": 5 } } } }',
  );
  const report = parseUsage({
    input_tokens: 1_000_000,
    output_tokens: 0,
    cache_creation_input_tokens: 1_000_000,
    inference_geo: 'us',
    speed: 'fast',
  });
  if (report === null) throw new Error('a usage that reads');
  const request = {
    model: 'claude-opus-4-7',
    report,
    paused: [],
    occurredAt: Date.UTC(2026, 10, 21),
  };
  // (4 + 5) × 0.5, whatever the geography and the speed.
  expect(priceRequest(request, pricing, RATE_CARDS).costNanoUsd).toBe(4_500_000_000);
  // The client's total is in these dollars already.
  expect(pricerOf(pricing, RATE_CARDS).hostDollarPpm).toBe(1_000_000);
});

test.each([
  '{',
  '[]',
  '{"modelPricing": 7}',
  '{"modelPricing": {"multiplier": -1, "overrides": {"x": {"input": "4"}}}}',
])('what cannot be read changes no price: %s', (settings) => {
  const { managed, multiplierPpm } = pricingWith(settings);
  expect(Object.keys(managed ?? {})).toEqual([]);
  expect(multiplierPpm).toBe(1_000_000);
});
