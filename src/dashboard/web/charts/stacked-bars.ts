// Spend as stacked bars. Hovering tells the figures of a bar, a click goes into it.
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { html } from '../html.ts';
import { dollarsText, money } from '../text.ts';
import { axisOf, ChartFrame, type Colours } from './chart-frame.ts';
import type { Stacks } from './series.ts';

/** Something to see at a bar. */
export interface BarMark {
  readonly place: number;
  /** `over`: a point over the bar; `before`: a line to the left of it. */
  readonly at: 'over' | 'before';
}

interface BarsProps {
  readonly label: string;
  readonly stacks: Stacks;
  readonly marks?: readonly BarMark[];
  readonly onBucket: (bucket: string, place: number) => void;
  readonly onGroup: ((name: string) => void) | null;
  /** More of the bar that is pointed at; `null`: of all. */
  readonly detailOf?: (place: number | null) => ComponentChildren;
}

const HEIGHT = 260;
const NANO = 1e9;

export function StackedBars({
  label,
  stacks,
  marks = NO_MARKS,
  onBucket,
  onGroup,
  detailOf,
}: BarsProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  // New marks are a new chart.
  const data = useMemo(() => stackedData(stacks), [stacks, marks]);
  const { buckets, series } = stacks;
  const at = hovered ?? null;
  const bucket = at === null ? null : (buckets[at] ?? null);
  const optionsOf = (colours: Colours) =>
    barOptions({ stacks, marks }, colours, setHovered, (place) => {
      const clicked = buckets[place];
      if (clicked !== undefined) onBucket(clicked, place);
    });
  return html`<div class="bars">
    <${ChartFrame}
      label=${label}
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
      ${detailOf?.(at)}
    </div>
  </div>`;
}

const NO_MARKS: readonly BarMark[] = [];

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
  { stacks: { buckets, series }, marks }: Required<Pick<BarsProps, 'stacks' | 'marks'>>,
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
        size: 30,
        space: 80,
        incrs: [1, 2, 5, 7, 14, 30, 60, 90, 180, 365],
        grid: { show: false },
      }),
      axisOf(colours, { size: 64, values: (_, values) => values.map(dollarsText) }),
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
      draw: [(chart) => drawMarks(chart, marks, colours)],
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

function drawMarks(chart: uPlot, marks: readonly BarMark[], colours: Colours): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = ctx.strokeStyle = colours.bad;
  ctx.lineWidth = ratio;
  for (const { place, at } of marks) {
    if (at === 'before') {
      const x = Math.round(chart.valToPos(place - 0.5, 'x', true));
      ctx.setLineDash([3 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      continue;
    }
    const x = chart.valToPos(place, 'x', true);
    const top = chart.valToPos(chart.data[1]?.[place] ?? 0, 'y', true);
    ctx.beginPath();
    ctx.arc(x, Math.max(bbox.top + 4 * ratio, top - 7 * ratio), 3.5 * ratio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}

/** What bars of time show, for who cannot see them. */
export const barsLabel = (buckets: readonly string[]): string =>
  `Spend in ${buckets.length} bars, from ${shortBucket(buckets[0] ?? '')} to ${shortBucket(buckets.at(-1) ?? '')}; the table below has the figures`;

/** `2026-11-21`, and an hour without its seconds and zone. */
const shortBucket = (bucket: string): string =>
  bucket.length > 16 ? bucket.slice(5, 16).replace('T', ' ') : bucket;
