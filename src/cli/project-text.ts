// How `tollgate project` says what it found: as JSON (tollgate/project@1) and as lines for people.
import type { Budget } from '../domain/budget.ts';
import { formatUsd, type NanoUsd, toUsdNumber } from '../domain/money.ts';
import type { KindCost } from '../projects/feature-costs.ts';
import type { ProjectForecast } from '../projects/forecast-project.ts';
import type { Margin, ProjectStatus, Work } from '../projects/read-project.ts';
import { plural } from '../reports/formats/figures.ts';
import { layOut, type TextColumn } from '../reports/formats/layout.ts';
import { printable } from '../reports/formats/width.ts';
import { dateText } from '../reports/local-time.ts';

export interface ProjectReport {
  readonly status: ProjectStatus;
  readonly work: Work;
  /** The budget that guards it; `null`: it has no limit. */
  readonly budget: Budget | null;
  readonly grantedNanoUsd: NanoUsd;
  /** Of the kinds that the project names. */
  readonly kinds: readonly KindCost[];
}

/** The versioned JSON. */
export function projectJson({ status, work, budget, grantedNanoUsd, kinds }: ProjectReport) {
  const { project, window, margin, ...figures } = status;
  return {
    ...project,
    startAt: window.startAt,
    endAt: window.endAt,
    ...figures,
    spentUsd: toUsdNumber(figures.spentNanoUsd),
    work: work.kind === 'unknown' ? { known: false, why: work.why } : { known: true },
    margin,
    budget: budget && {
      id: budget.id,
      softNanoUsd: budget.softNanoUsd,
      hardNanoUsd: budget.hardNanoUsd,
      grantedNanoUsd,
      mode: budget.mode,
    },
    features: kinds,
  };
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

/** A project for people, with an empty line at its end. */
export function projectLines(report: ProjectReport): string[] {
  const { status, work, kinds } = report;
  const { project, developers } = status;
  const { title, client, id } = project;
  const whose = client === null ? '' : `, for ${printable(client)}`;
  const name = title === null ? id : `${id}: ${printable(title)}`;
  const rows: (readonly [string, string] | null)[] = [
    ['plan', planText(status)],
    ['time', timeText(status)],
    ['work', workText(status, work)],
    ...forecastRows(status),
    marginRow(status.margin),
    limitRow(report),
    [
      'developers',
      developers
        .map((each) => `${printable(each.name ?? '(unattributed)')} ${formatUsd(each.costNanoUsd)}`)
        .join(', ') || 'nobody yet',
    ],
  ];
  return [
    `${name}${whose}, ${project.from} to ${project.until}`,
    ...rows.flatMap((row) => (row === null ? [] : `  ${row[0].padEnd(10)}  ${row[1]}`)),
    ...(kinds.length > 0 ? ['', ...kindTable(kinds)] : []),
    '',
  ];
}

function planText({ spentNanoUsd, planRatio, project, requestCount }: ProjectStatus): string {
  const { plannedNanoUsd } = project;
  const spent = `${formatUsd(spentNanoUsd)} spent`;
  if (plannedNanoUsd === null || planRatio === null) {
    return `${spent} in ${plural(requestCount, 'request')}; no "plannedCost" to hold it against`;
  }
  return `${spent} of ${formatUsd(plannedNanoUsd)} planned: ${percent(planRatio)}`;
}

function timeText({ dayCount, dayTotal, timeRatio, window }: ProjectStatus): string {
  if (dayCount === 0) return `begins ${dateText(Math.ceil(window.startAt / 86_400_000))}`;
  return `day ${dayCount} of ${dayTotal}: ${percent(timeRatio)} passed`;
}

function workText({ mergedCount, workRatio, project }: ProjectStatus, work: Work): string {
  if (work.kind === 'unknown') {
    return `merged pull requests are not known (${printable(work.why)}); say them with --merged`;
  }
  const merged = plural(mergedCount ?? 0, 'pull request');
  if (workRatio === null) return `${merged} merged; no "pullRequests" to hold it against`;
  return `${merged} of ${project.pullRequestCount} merged: ${percent(workRatio)} done`;
}

function forecastRows({ forecast, byTime, byWork }: ProjectStatus): [string, string][] {
  if (forecast === null) return [['forecast', 'too little is over to tell']];
  const text = ({ expectedNanoUsd, lowNanoUsd, highNanoUsd, basis }: ProjectForecast) =>
    `${formatUsd(expectedNanoUsd)} at the end by ${basis} (8 of 10: ${formatUsd(lowNanoUsd)} to ${formatUsd(highNanoUsd)})`;
  const other = byWork === null ? null : byTime;
  return [['forecast', text(forecast)], ...(other ? [['', text(other)] as [string, string]] : [])];
}

function marginRow(margin: Margin | null): readonly [string, string] | null {
  if (margin === null) return null;
  const { lostPoints, expectedPoints, lowPoints, highPoints, priceNanoUsd } = margin;
  const lost = `${lostPoints.toFixed(2)} points of ${formatUsd(priceNanoUsd)} lost so far`;
  if (expectedPoints === null || lowPoints === null || highPoints === null) return ['margin', lost];
  const word = expectedPoints < 0 ? 'won' : 'lost';
  const points = Math.abs(expectedPoints).toFixed(2);
  return [
    'margin',
    `${lost}; ${points} ${word} at the end (8 of 10: ${lowPoints.toFixed(2)} to ${highPoints.toFixed(2)} lost)`,
  ];
}

function limitRow({ budget, status, grantedNanoUsd }: ProjectReport): readonly [string, string] {
  if (budget === null) return ['limits', 'none; "soft", "hard" or "plannedCost" sets one'];
  const { softNanoUsd: soft, hardNanoUsd: hard, mode } = budget;
  const ceiling = hard === null ? null : hard + grantedNanoUsd;
  const parts = [
    ...(soft === null ? [] : [`warns at ${formatUsd(soft)}`]),
    ...(ceiling === null
      ? []
      : [
          `${mode === 'enforce' ? 'halts' : 'would halt'} at ${formatUsd(ceiling)}: ${percent(status.spentNanoUsd / ceiling)} used`,
        ]),
  ];
  return ['limits', `${parts.join(', ')} (budget ${budget.id})`];
}

/** What features have cost. */
export function featureLines(kinds: readonly KindCost[], work: Work): string[] {
  if (kinds.length === 0) return ['No branch of such a kind has cost anything.'];
  const which = work.kind === 'listed' ? 'merged branches' : 'all branches, merged or not';
  return [`What features have cost (${which}):`, '', ...kindTable(kinds)];
}

function kindTable(kinds: readonly KindCost[]): string[] {
  const column = (title: string, cellOf: (kind: KindCost) => string): TextColumn => ({
    ...{ title, weight: 0, canShrink: false, total: '' },
    align: title === 'kind' ? 'left' : 'right',
    cells: kinds.map(cellOf),
  });
  const asItIs = (line: string) => line;
  return layOut(
    [
      column('kind', ({ kind }) => printable(kind)),
      column('features', ({ count }) => String(count)),
      column('least', ({ leastNanoUsd }) => formatUsd(leastNanoUsd)),
      column('quartile', ({ lowerQuartileNanoUsd }) => formatUsd(lowerQuartileNanoUsd)),
      column('median', ({ medianNanoUsd }) => formatUsd(medianNanoUsd)),
      column('quartile', ({ upperQuartileNanoUsd }) => formatUsd(upperQuartileNanoUsd)),
      column('most', ({ mostNanoUsd }) => formatUsd(mostNanoUsd)),
      column('all', ({ totalNanoUsd }) => formatUsd(totalNanoUsd)),
    ],
    Number.POSITIVE_INFINITY,
    { heading: asItIs, total: asItIs },
  ).map((line) => `  ${line}`);
}
