// What one configuration would loosen or change against another, in plain words. Rule: pure; every setting that a ceiling
// rests on is compared, labels and alerts are not.
import type { BreakerSettings } from '../breakers/breaker.ts';
import { BREAKER_NAMES } from '../domain/breaker-trip.ts';
import { type Budget, limitText } from '../domain/budget.ts';
import { exactUsd } from '../domain/money.ts';
import { planWindowText } from '../domain/plan-window.ts';
import { BREAKER_WORDS } from './breaker-rules.ts';
import type { Config } from './config.ts';

/** One setting that stays as it is until a person accepts another value. */
export interface Difference {
  /** `budgets.day.hard`, `onFailure`; a whole budget is `budgets.day`. */
  readonly setting: string;
  /** The value in force, as people read it. */
  readonly inForce: string;
  /** The value that the files ask for. */
  readonly asked: string;
  /** The file it was set in; `null` where that cannot be told. */
  readonly file: string | null;
}

const SETTINGS = [
  'safety',
  'timeZone',
  'onFailure',
  'onGuardLost',
  'grants',
  'foreignHosts',
  'waitMs',
  'reservationMs',
  'haltOnUnknownModel',
] as const;

/** Where `asked` says something else than `inForce`; none where both are the same. */
export function differencesOf(inForce: Config, asked: Config): readonly Difference[] {
  const found: Difference[] = [];
  const compare = (setting: string, now: string, next: string) => {
    if (now === next) return;
    const file = asked.origins[setting] ?? inForce.origins[setting] ?? null;
    found.push({ setting, inForce: now, asked: next, file });
  };
  for (const budget of inForce.budgets) {
    const next = asked.budgets.find(({ id }) => id === budget.id);
    const name = `budgets.${budget.id}`;
    if (next === undefined) {
      const file = originOf(inForce, budget.id);
      found.push({ setting: name, inForce: limitsOf(budget), asked: 'removed', file });
      continue;
    }
    compare(`${name}.scope`, scopeText(budget), scopeText(next));
    compare(`${name}.period`, periodText(budget), periodText(next));
    compare(`${name}.soft`, limitOf(budget, budget.softNanoUsd), limitOf(next, next.softNanoUsd));
    compare(`${name}.hard`, limitOf(budget, budget.hardNanoUsd), limitOf(next, next.hardNanoUsd));
    compare(`${name}.wrapUp`, String(budget.wrapUpRatio), String(next.wrapUpRatio));
    compare(`${name}.mode`, budget.mode, next.mode);
  }
  for (const key of SETTINGS) compare(key, String(inForce[key]), String(asked[key]));
  compare('fanOut', amount(inForce.fanOutNanoUsd), amount(asked.fanOutNanoUsd));
  for (const name of BREAKER_NAMES) {
    for (const [key, word] of Object.entries(BREAKER_WORDS)) {
      const [now, next] = [inForce, asked].map(({ breakers }) =>
        String(breakers[name][key as keyof BreakerSettings]),
      );
      compare(`breakers.${name}.${word}`, now ?? '', next ?? '');
    }
  }
  comparePrices(inForce, asked, compare);
  return found;
}

function comparePrices(
  { pricing: now }: Config,
  { pricing: next }: Config,
  compare: (setting: string, now: string, next: string) => void,
): void {
  const times = (ppm: number) => `× ${ppm / 1_000_000}`;
  compare('pricing.multiplier', times(now.multiplierPpm), times(next.multiplierPpm));
  compare('unknownModel', now.unknownModel, next.unknownModel);
  for (const model of new Set([...Object.keys(now.overrides), ...Object.keys(next.overrides)])) {
    const [held, wanted] = [now.overrides[model], next.overrides[model]].map((rates) =>
      rates === undefined ? 'list price' : JSON.stringify(rates),
    );
    compare(`pricing.models.${model}`, held ?? '', wanted ?? '');
  }
}

const originOf = ({ origins }: Config, id: string): string | null =>
  Object.entries(origins).find(([key]) => key.startsWith(`budgets.${id}.`))?.[1] ?? null;

const amount = (nano: number | null): string => (nano === null ? 'none' : `$${exactUsd(nano)}`);

function limitsOf(budget: Budget): string {
  const { softNanoUsd, hardNanoUsd, mode } = budget;
  return `soft ${limitOf(budget, softNanoUsd)}, hard ${limitOf(budget, hardNanoUsd)}, ${mode}`;
}

const limitOf = (budget: Budget, limit: number | null): string =>
  limit === null ? 'none' : limitText(limit, budget);

const scopeText = ({ scope }: Budget): string =>
  [
    ...Object.entries(scope.where)
      .sort()
      .map(([key, pattern]) => `${key} ${pattern}`),
    ...scope.per.map((key) => `each ${key}`),
  ].join(', ') || 'everything';

function periodText({ period }: Budget): string {
  switch (period.kind) {
    case 'session':
      return period.followChain ? 'session, with those it goes on from' : 'session';
    case 'rolling':
      return `rolling ${period.lengthMs / 60_000} min`;
    case 'day':
    case 'week':
    case 'month':
      return `${period.kind} (${period.timeZone})`;
    case 'dates':
      return `${period.from} to ${period.until} (${period.timeZone})`;
    case 'plan':
      return planWindowText(period.window);
    default:
      return period.kind;
  }
}

/** `budgets.day.hard: $5 in force, $500 asked (file)`. */
export const differenceText = ({ setting, inForce, asked, file }: Difference): string =>
  `${setting}: ${inForce} in force, ${asked} asked${file === null ? '' : ` (${file})`}`;

/** `budgets.day.hard: $5 → $500`. */
export const changeText = ({ setting, inForce, asked }: Difference): string =>
  `${setting}: ${inForce} → ${asked}`;
