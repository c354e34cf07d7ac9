// Spend as stacked bars. Hovering tells the figures of a bar, a click goes into it.
import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { html } from '../html.ts';
import { money } from '../text.ts';
import { axisOf, ChartFrame, type Colours } from './chart-frame.ts';
import type { Stacks } from './series.ts';

interface BarsProps {
  readonly stacks: Stacks;
  readonly onBucket: (bucket: string) => void;
  readonly onGroup: ((name: string) => void) | null;
}

const HEIGHT = 260;
const NANO = 1e9;

export function StackedBars({ stacks, onBucket, onGroup }: BarsProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const data = useMemo(() => stackedData(stacks), [stacks]);
  const { buckets, series } = stacks;
  const at = hovered ?? null;
  const bucket = at === null ? null : (buckets[at] ?? null);
  const optionsOf = (colours: Colours) =>
    barOptions(stacks, colours, setHovered, (place) => {
      const clicked = buckets[place];
      if (clicked !== undefined) onBucket(clicked);
    });
  return html`<div class="bars">
    <${ChartFrame}
      label=${`Spend in ${buckets.length} bars, from ${shortBucket(buckets[0] ?? '')} to ${shortBucket(buckets.at(-1) ?? '')}; the table below has the figures`}
      height=${HEIGHT}
      data=${data}
      optionsOf=${optionsOf}
    />
    <div class="legend">
      <p class="legend-title">${bucket === null ? 'All bars' : shortBucket(bucket)}</p>
      <ul>
        ${series.map(
          ({ name, values, totalNanoUsd }, place) => html`<li key=${name}>
            <span class=${`swatch series-${place + 1}`}></span>
            ${
              onGroup === null
                ? html`<span class="legend-name">${name}</span>`
                : html`<button type="button" class="plain legend-name" onClick=${() => onGroup(name)}>${name}</button>`
            }
            <span class="number">${money(at === null ? totalNanoUsd : (values[at] ?? 0))}</span>
          </li>`,
        )}
      </ul>
    </div>
  </div>`;
}

/** Each series on top of those before it, the whole stack first: later ones are drawn over it. */
function stackedData({ buckets, series }: Stacks): uPlot.AlignedData {
  const sums = buckets.map(() => 0);
  const layers = series.map(({ values }) =>
    values.map((value, place) => {
      sums[place] = (sums[place] ?? 0) + value / NANO;
      return sums[place] ?? 0;
    }),
  );
  return [buckets.map((_, place) => place), ...layers.reverse()];
}

function barOptions(
  { buckets, series }: Stacks,
  colours: Colours,
  onHover: (place: number | null) => void,
  onClick: (place: number) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const bars = uPlot.paths.bars?.({ size: [0.72, 56], radius: 0.08 });
  const labels = (_: uPlot, places: readonly number[]) =>
    places.map((place) => (Number.isInteger(place) ? shortBucket(buckets[place] ?? '') : ''));
  return {
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.6, Math.max(buckets.length, 1) - 0.4] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.06 : 1] },
    },
    axes: [
      axisOf(colours, {
        values: labels,
        space: 56,
        incrs: [1, 2, 5, 7, 14, 30, 60, 90, 180, 365],
        grid: { show: false },
      }),
      axisOf(colours, { size: 64, values: (_, values) => values.map(dollars) }),
    ],
    series: [
      {},
      ...series
        .map((_, place): uPlot.Series => {
          const colour = colours.series[place] ?? colours.accent;
          return {
            fill: colour,
            width: 0,
            points: { show: false },
            ...(bars ? { paths: bars } : {}),
          };
        })
        .reverse(),
    ],
    hooks: {
      setCursor: [(chart) => onHover(chart.cursor.idx ?? null)],
      ready: [
        (chart) => {
          chart.over.addEventListener('click', () => {
            if (chart.cursor.idx !== null && chart.cursor.idx !== undefined)
              onClick(chart.cursor.idx);
          });
        },
      ],
    },
  };
}

const dollars = (value: number): string =>
  value === 0
    ? '$0'
    : value >= 100
      ? `$${Math.round(value).toLocaleString('en-US')}`
      : money(Math.round(value * NANO));

/** `2026-11-21`, and an hour without its seconds and zone. */
const shortBucket = (bucket: string): string =>
  bucket.length > 16 ? bucket.slice(5, 16).replace('T', ' ') : bucket;
