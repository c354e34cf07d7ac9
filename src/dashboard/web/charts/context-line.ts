// How the context of a session's main loop grew, request by request.
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { RequestData } from '../data.ts';
import { html } from '../html.ts';
import { clockText, countText } from '../text.ts';
import { axisOf, ChartFrame, type Colours } from './chart-frame.ts';

const HEIGHT = 130;

export function ContextLine({
  requests,
  timeZone,
}: {
  readonly requests: readonly RequestData[];
  readonly timeZone: string;
}) {
  const data = useMemo((): uPlot.AlignedData => {
    const own = requests.map(({ agentId, contextTokens }) =>
      agentId === null ? contextTokens : null,
    );
    return [requests.map((_, place) => place), own];
  }, [requests]);
  const tokens = Array.from(data[1] ?? []).flatMap((value) => value ?? []);
  const label = `The context grew from ${countText(tokens[0] ?? 0)} to ${countText(tokens.at(-1) ?? 0)} tokens`;
  const clockAt = (place: number) => {
    const request = requests[place];
    return request === undefined ? '' : clockText(request.occurredAt, timeZone);
  };
  return html`<${ChartFrame} label=${label} height=${HEIGHT} data=${data} optionsOf=${(colours: Colours) => optionsOf(requests.length, clockAt, colours)} />`;
}

function optionsOf(
  count: number,
  clockAt: (place: number) => string,
  colours: Colours,
): Omit<uPlot.Options, 'width' | 'height'> {
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.6, Math.max(count, 1) - 0.4] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      axisOf(colours, {
        values: (_, places) =>
          places.map((place) => (Number.isInteger(place) ? clockAt(place) : '')),
        size: 30,
        space: 72,
        grid: { show: false },
      }),
      axisOf(colours, {
        size: 64,
        space: 28,
        values: (_, values) => values.map((value) => `${Math.round(value / 1_000)}k`),
      }),
    ],
    series: [
      {},
      { stroke: colours.accent, width: 2, spanGaps: true, points: { show: count < 40, size: 5 } },
    ],
  };
}
