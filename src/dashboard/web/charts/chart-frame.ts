// Puts a uPlot chart into the page: as wide as its place, in the page's colours, made anew when the data or the colours change.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { html } from '../html.ts';

/** The colours of the page as it is now, light or dark. */
export interface Colours {
  readonly ink: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly warn: string;
  readonly bad: string;
  /** For series, in their order. */
  readonly series: readonly string[];
}

const SERIES_COUNT = 8;

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...{ ink: colour('muted'), line: colour('line'), surface: colour('surface') },
    ...{ accent: colour('accent'), warn: colour('warn'), bad: colour('bad') },
    series: Array.from({ length: SERIES_COUNT }, (_, at) => colour(`series-${at + 1}`)),
  };
}

export interface ChartProps {
  /** For who cannot see it; the figures stand in the table below. */
  readonly label: string;
  readonly height: number;
  readonly data: uPlot.AlignedData;
  readonly optionsOf: (colours: Colours) => Omit<uPlot.Options, 'width' | 'height'>;
}

export function ChartFrame({ label, height, data, optionsOf }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let chart: uPlot | null = null;
    const draw = () => {
      chart?.destroy();
      const options = optionsOf(coloursOf(element));
      chart = new uPlot({ ...options, width: element.clientWidth, height }, data, element);
    };
    draw();
    const resized = new ResizeObserver(() =>
      chart?.setSize({ width: element.clientWidth, height }),
    );
    resized.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
      resized.disconnect();
      chart?.destroy();
    };
  }, [data, height]);
  return html`<div class="chart" role="img" aria-label=${label} ref=${place} style=${{ height: `${height}px` }}></div>`;
}

/** Axes without ornament. */
export function axisOf(colours: Colours, more: uPlot.Axis = {}): uPlot.Axis {
  const grid = { stroke: colours.line, width: 1 };
  return {
    stroke: colours.ink,
    font: '12px system-ui, sans-serif',
    grid,
    ticks: { ...grid, size: 4 },
    ...more,
  };
}
