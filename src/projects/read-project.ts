// How a project stands: what was spent against its plan, its time and its work, and where that leads. Rule: everything is of the project's days and
// repositories; what is not known is `null`, never guessed.
import type { SumCondition } from '../domain/aggregates.ts';
import type { DatedRate } from '../domain/billing.ts';
import { NANO_PER_USD, type NanoUsd } from '../domain/money.ts';
import type { Project } from '../domain/project.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import { datesPeriod } from '../periods/calendar.ts';
import { dayStart, zoneDays } from '../reports/local-time.ts';
import type { Store } from '../stores/store.ts';
import type { FeatureCost } from './feature-costs.ts';
import { type ForecastInput, forecastProject, type ProjectForecast } from './forecast-project.ts';

/** A pull request that was merged within the project's days. */
export interface MergedWork {
  readonly repository: string;
  readonly number: number;
  readonly branch: string;
  readonly mergedAt: EpochMs;
}

/** Whence the merged pull requests are known: asked of `gh`, said by a person, or not at all (and why). */
export type Work =
  | { readonly kind: 'listed'; readonly merged: readonly MergedWork[] }
  | { readonly kind: 'said'; readonly count: number }
  | { readonly kind: 'unknown'; readonly why: string };

export interface ProjectStatus {
  readonly project: Project;
  readonly window: Window;
  /** Days that have begun, of all. */
  readonly dayCount: number;
  readonly dayTotal: number;
  readonly timeRatio: number;
  readonly spentNanoUsd: NanoUsd;
  readonly requestCount: number;
  readonly developers: readonly { readonly name: string | null; readonly costNanoUsd: NanoUsd }[];
  /** Spent ÷ planned; `null` without a plan. */
  readonly planRatio: number | null;
  readonly mergedCount: number | null;
  /** Merged ÷ planned pull requests, at most 1. */
  readonly workRatio: number | null;
  readonly byTime: ProjectForecast | null;
  readonly byWork: ProjectForecast | null;
  /** By work where that is known, else by time. */
  readonly forecast: ProjectForecast | null;
  /** `null` without a price and a plan. */
  readonly margin: Margin | null;
}

/** Percentage points of the price that are lost (negative: won) against the plan. */
export interface Margin {
  /** The price in dollars, by the rate. */
  readonly priceNanoUsd: NanoUsd;
  readonly rate: DatedRate | null;
  /** By what was spent beyond the plan already. */
  readonly lostPoints: number;
  /** By the forecast, and its range; `null` without one. */
  readonly expectedPoints: number | null;
  readonly lowPoints: number | null;
  readonly highPoints: number | null;
}

export interface ProjectQuestion {
  readonly now: EpochMs;
  readonly timeZone: string;
  readonly work: Work;
  /** Of the price's currency; `null`: dollars. */
  readonly rate: DatedRate | null;
}

type Reads = Pick<Store, 'readSums'>;

/** Which entries are a project's, its days aside. */
export const projectEntries = ({ repositories, client }: Project): readonly SumCondition[] =>
  repositories.length > 0
    ? [{ key: 'repository', patterns: repositories }]
    : [{ key: 'client', patterns: [client] }];

/** The days of a project in a zone. */
export function projectWindow({ from, until }: Project, timeZone: string): Window {
  const { startAt, endAt } = datesPeriod(from, until, timeZone).whole;
  return { startAt, endAt };
}

export function readProject(
  project: Project,
  { now, timeZone, work, rate }: ProjectQuestion,
  store: Reads,
): ProjectStatus {
  const window = projectWindow(project, timeZone);
  const zone = zoneDays(timeZone, window);
  const sums = (by: 'day' | 'developer' | 'pullRequest') =>
    store.readSums({ by: [by], zone, window, where: projectEntries(project) });
  const days = new Map(sums('day').map(({ key, costNanoUsd }) => [Number(key[0]), costNanoUsd]));
  const developers = sums('developer');
  const spentNanoUsd = developers.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);
  const first = firstDay(project.from);
  const dayTotal = firstDay(project.until) - first + 1;
  const begun = Array.from({ length: dayTotal }, (_, index) => first + index).filter(
    (day) => dayStart(zone, day) <= now,
  );
  const over = begun.filter((day) => dayStart(zone, day + 1) <= now);
  const clock = Math.min(Math.max(now, window.startAt), window.endAt);
  const timeRatio = (clock - window.startAt) / (window.endAt - window.startAt);
  const mergedCount =
    work.kind === 'listed' ? work.merged.length : work.kind === 'said' ? work.count : null;
  const planned = project.pullRequestCount;
  const byTime = forecastProject({
    ...{ basis: 'time', spentNanoUsd, doneCount: timeRatio * dayTotal },
    unitNanoUsd: over.map((day) => days.get(day) ?? 0),
    leftCount: (1 - timeRatio) * dayTotal,
  });
  const byWork =
    mergedCount === null || planned === null
      ? null
      : forecastProject({
          ...{ basis: 'work', spentNanoUsd, doneCount: mergedCount },
          unitNanoUsd: pullRequestCosts(sums('pullRequest'), work),
          leftCount: planned - mergedCount,
        } satisfies ForecastInput);
  const forecast = byWork ?? byTime;
  const plan = project.plannedNanoUsd;
  return {
    ...{ project, window, dayCount: begun.length, dayTotal, timeRatio, spentNanoUsd },
    requestCount: developers.reduce((sum, each) => sum + each.requestCount, 0),
    developers: developers
      .map(({ key: [name], costNanoUsd }) => ({
        name: name === null ? null : String(name),
        costNanoUsd,
      }))
      .sort((a, b) => b.costNanoUsd - a.costNanoUsd),
    planRatio: plan === null ? null : spentNanoUsd / plan,
    mergedCount,
    workRatio: mergedCount === null || planned === null ? null : Math.min(1, mergedCount / planned),
    ...{ byTime, byWork, forecast },
    margin: marginOf(project, spentNanoUsd, forecast, rate),
  };
}

const firstDay = (date: string): number => Math.floor(Date.parse(date) / 86_400_000);

/** What the merged pull requests have cost that the ledger knows by name. */
function pullRequestCosts(
  sums: readonly { readonly key: readonly unknown[]; readonly costNanoUsd: NanoUsd }[],
  work: Work,
): readonly NanoUsd[] {
  const merged =
    work.kind === 'listed' ? new Set(work.merged.map(({ number }) => String(number))) : null;
  return sums.flatMap(({ key: [number], costNanoUsd }) =>
    number === null || (merged !== null && !merged.has(String(number))) ? [] : costNanoUsd,
  );
}

function marginOf(
  { price, plannedNanoUsd }: Project,
  spentNanoUsd: NanoUsd,
  forecast: ProjectForecast | null,
  rate: DatedRate | null,
): Margin | null {
  if (price === null || plannedNanoUsd === null) return null;
  const priceNanoUsd = Math.round(
    rate === null ? price.amountNano : (price.amountNano / rate.rateNano) * NANO_PER_USD,
  );
  if (priceNanoUsd === 0) return null;
  const points = (costNanoUsd: NanoUsd) => ((costNanoUsd - plannedNanoUsd) / priceNanoUsd) * 100;
  return {
    ...{ priceNanoUsd, rate },
    lostPoints: Math.max(0, points(spentNanoUsd)),
    expectedPoints: forecast && points(forecast.expectedNanoUsd),
    lowPoints: forecast && points(forecast.lowNanoUsd),
    highPoints: forecast && points(forecast.highNanoUsd),
  };
}

/** What each branch has cost, whenever that was. `where`: which entries count. */
export function readFeatures(
  where: readonly SumCondition[],
  merged: readonly MergedWork[] | null,
  store: Reads,
): readonly FeatureCost[] {
  const window = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };
  const zone = zoneDays('UTC', { startAt: 0, endAt: 0 });
  const keyOf = (repository: string, branch: string) => `${repositoryKey(repository)} ${branch}`;
  const done = merged && new Set(merged.map((each) => keyOf(each.repository, each.branch)));
  return store
    .readSums({ by: ['repository', 'branch'], zone, window, where })
    .flatMap(({ key: [repository, branch], costNanoUsd }) => {
      if (typeof repository !== 'string' || typeof branch !== 'string') return [];
      if (done !== null && !done.has(keyOf(repository, branch))) return [];
      return { repository, branch, costNanoUsd };
    });
}
