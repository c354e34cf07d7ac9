// How a budget's window fills: the running total, its limits, and where it ends if it goes on like that.
import { useMemo } from 'preact/hooks';
import uPlot from 'uplot';
import type { FillingData } from '../data.ts';
import { html } from '../html.ts';
import { dateText, dollarsText, money, timeText } from '../text.ts';
import { axisOf, ChartFrame, type Colours } from './chart-frame.ts';

const HEIGHT = 220;
const NANO = 1e9;
const SECOND_MS = 1_000;

interface TotalProps {
  readonly filling: FillingData;
  readonly timeZone: string;
}

export function RunningTotal({ filling, timeZone }: TotalProps) {
  const data = useMemo(() => dataOf(filling), [filling]);
  const { budget, forecast, unit } = filling;
  const end = forecast === null ? '' : `, about ${money(forecast.expectedNanoUsd)} at the end`;
  return html`<${ChartFrame}
    label=${`Running total of ${budget.name}: ${money(budget.spendNanoUsd)}${end}`}
    height=${HEIGHT}
    data=${data}
    optionsOf=${(colours: Colours) => optionsOf(colours, unit, timeZone)}
  />`;
}

type Values = (number | null)[];

/** Time; total, expected end, low, high, soft limit, ceiling. */
function dataOf({ at, budget, points, forecast }: FillingData): uPlot.AlignedData {
  const { startAt, endAt, softNanoUsd, ceilingNanoUsd } = budget;
  const total = points.at(-1)?.totalNanoUsd ?? 0;
  const times = [startAt ?? at, ...points.map((point) => point.at), at, endAt ?? at];
  const line = (value: number | null): Values =>
    times.map(() => (value === null ? null : value / NANO));
  const spent: Values = [
    0,
    ...points.map(({ totalNanoUsd }) => totalNanoUsd / NANO),
    total / NANO,
    null,
  ];
  const ahead = (value: number | undefined): Values =>
    times.map((_, place) => {
      if (value === undefined || place < times.length - 2) return null;
      return place === times.length - 1 ? value / NANO : total / NANO;
    });
  return [
    times.map((time) => time / SECOND_MS),
    spent,
    ahead(forecast?.expectedNanoUsd),
    ahead(forecast?.lowNanoUsd),
    ahead(forecast?.highNanoUsd),
    line(softNanoUsd),
    line(ceilingNanoUsd),
  ];
}

function optionsOf(
  colours: Colours,
  unit: FillingData['unit'],
  timeZone: string,
): Omit<uPlot.Options, 'width' | 'height'> {
  const timeOf = (seconds: number) =>
    unit === 'day'
      ? dateText(seconds * SECOND_MS, timeZone).slice(5)
      : timeText(seconds * SECOND_MS, timeZone).slice(-5);
  const limit = (stroke: string): uPlot.Series => ({
    ...{ stroke, width: 1.5, dash: [6, 4], points: { show: false } },
  });
  const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
  return {
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * SECOND_MS), timeZone),
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      axisOf(colours, {
        ...{ size: 30, space: 64, grid: { show: false } },
        values: (_, times) => times.map(timeOf),
      }),
      axisOf(colours, { size: 64, values: (_, values) => values.map(dollarsText) }),
    ],
    bands: [{ series: [4, 3], fill: `${colours.accent}26` }],
    series: [
      {},
      ...[
        { stroke: colours.accent, width: 2, fill: `${colours.accent}1a`, points: { show: false } },
      ],
      { stroke: colours.accent, width: 2, dash: [3, 4], points: { show: false } },
      ...[edge, edge],
      ...[limit(colours.warn), limit(colours.bad)],
    ],
  };
}
