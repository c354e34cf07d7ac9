// Prices an organisation has set for Claude Code itself (`modelPricing` in its managed settings): Claude Code's
// own total is in these dollars, so ours must be too. Rule: what cannot be read changes no price.
// Source: client 2.1.330, read 2026-11-21: one cache-write rate, neither fast mode nor geography on top.
import { parse } from 'jsonc-parser';
import type { ManagedRates } from '../pricing/policy.ts';

const PICO_PER_DOLLAR_PER_MILLION = 1_000_000;
const PPM = 1_000_000;

/** What Claude Code's managed settings say about prices; `null`: nothing. */
export interface HostPricing {
  readonly managed: Readonly<Record<string, ManagedRates>>;
  /** In millionths; `null`: not said. */
  readonly multiplierPpm: number | null;
}

/** Reads `modelPricing` out of the text of Claude Code's managed settings. */
export function parseHostPricing(text: string | null): HostPricing | null {
  if (text === null) return null;
  const pricing = objectOf(objectOf(parse(text))?.modelPricing);
  if (pricing === null) return null;
  const overrides = objectOf(pricing.overrides) ?? {};
  const managed = Object.fromEntries(
    Object.entries(overrides).flatMap(([model, row]) => {
      const rates = ratesOf(objectOf(row));
      return rates === null ? [] : [[model, rates] as const];
    }),
  );
  const multiplier = Number(pricing.multiplier);
  const isUsable = multiplier > 0 && multiplier <= 10;
  return { managed, multiplierPpm: isUsable ? Math.round(multiplier * PPM) : null };
}

function ratesOf(row: Record<string, unknown> | null): ManagedRates | null {
  const input = rateOf(row?.input);
  const output = rateOf(row?.output);
  const cacheRead = rateOf(row?.cacheRead);
  const cacheWrite = rateOf(row?.cacheWrite);
  if (input === null || output === null || cacheRead === null || cacheWrite === null) return null;
  return { input, output, cacheRead, cacheWrite };
}

/** Dollars per million tokens, as Claude Code writes them, in whole pico-dollars per token. */
function rateOf(value: unknown): number | null {
  if (typeof value !== 'number' || !(value >= 0)) return null;
  const pico = Math.round(value * PICO_PER_DOLLAR_PER_MILLION);
  return Number.isSafeInteger(pico) ? pico : null;
}

function objectOf(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Record<string, unknown>;
}
