// Cost as a commit trailer, and back. Rule: pure; the amount is exact, so that the trailers of a branch add up
// to what its commits cost, wherever they are read.
import { exactUsd, type NanoUsd, parseUsd } from '../domain/money.ts';
import { UNBILLED } from '../domain/plan-window.ts';
import { plural } from './formats/figures.ts';

const TRAILER_KEY = 'Tollgate-Cost';

/** What a branch, or a part of it, has cost. */
export interface WorkCost {
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
  readonly sessionCount: number;
  /** The most expensive first. */
  readonly models: readonly ModelCost[];
  /** There where a plan covers it: amounts are list prices. */
  readonly billing?: 'plan';
}

export interface ModelCost {
  readonly model: string;
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
}

/** `Tollgate-Cost: $1.234567 (14 requests, 2 sessions; claude-opus-5-5 $1.10, …)`; `null` for nothing spent. */
export function formatTrailer({
  costNanoUsd,
  requestCount,
  sessionCount,
  models,
  billing,
}: WorkCost): string | null {
  if (costNanoUsd <= 0) return null;
  const counts = `${plural(requestCount, 'request')}, ${plural(sessionCount, 'session')}`;
  const named = models
    .filter((each) => each.costNanoUsd > 0)
    .map(
      ({ model, costNanoUsd: cost, requestCount: count }) =>
        `${wordOf(model)} $${exactUsd(cost)}/${count}`,
    );
  const shares = named.length > 0 ? `; ${named.join(', ')}` : '';
  const unbilled = billing === 'plan' ? `; ${UNBILLED}` : '';
  return `${TRAILER_KEY}: $${exactUsd(costNanoUsd)} (${counts}${shares}${unbilled})`;
}

/** What the trailers of some commit messages add up to. */
export function parseTrailers(
  messages: readonly string[],
): WorkCost & { readonly trailerCount: number } {
  const models = new Map<string, ModelCost>();
  let [costNanoUsd, requestCount, sessionCount, trailerCount] = [0, 0, 0, 0];
  for (const message of messages) {
    for (const line of message.split('\n')) {
      const match = /^Tollgate-Cost:\s*\$?([\d,.]+)(?:\s*\((.*)\))?\s*$/i.exec(line);
      const cost = match ? parseUsd(match[1] ?? '') : null;
      if (cost === null) continue;
      const [counts = '', shares = ''] = (match?.[2] ?? '').split(/;\s*/);
      costNanoUsd += cost;
      requestCount += countOf(counts, 'request');
      sessionCount += countOf(counts, 'session');
      trailerCount += 1;
      for (const share of shares.split(/,\s*/)) addShare(models, share);
    }
  }
  const mostExpensive = [...models.values()].sort((a, b) => b.costNanoUsd - a.costNanoUsd);
  return { costNanoUsd, requestCount, sessionCount, models: mostExpensive, trailerCount };
}

function countOf(counts: string, noun: string): number {
  const digits = new RegExp(`([\\d,]+) ${noun}s?`).exec(counts)?.[1] ?? '0';
  return Number(digits.replaceAll(',', ''));
}

function addShare(models: Map<string, ModelCost>, share: string): void {
  const match = /^(\S+) \$([\d.]+)\/(\d+)$/.exec(share.trim());
  const cost = match ? parseUsd(match[2] ?? '') : null;
  if (!match || cost === null) return;
  const model = match[1] ?? '';
  const known = models.get(model);
  models.set(model, {
    model,
    costNanoUsd: (known?.costNanoUsd ?? 0) + cost,
    requestCount: (known?.requestCount ?? 0) + Number(match[3]),
  });
}

/** A model as one word of a trailer. */
const wordOf = (model: string): string => model.replace(/[\s,;()]+/g, '-') || '(unattributed)';
