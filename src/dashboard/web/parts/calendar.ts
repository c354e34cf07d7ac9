// A year of days, darker where more was spent; a click goes into the day. One of the days is in the tab order, arrow keys lead to the others.
import { useRef, useState } from 'preact/hooks';
import type { ReportData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import { addressOf } from '../route.ts';
import { dateText, money } from '../text.ts';
import type { View } from '../view.ts';

interface CalendarProps {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly timeZone: string;
}

const WEEKS = 53;
const LEVELS = 4;
const DAY_MS = 86_400_000;

export function Calendar({ view, onView, timeZone }: CalendarProps) {
  const words = { by: 'day', since: `${WEEKS}w`, where: view.where };
  const { data } = useData<ReportData>(addressOf('/api/report', words));
  if (data === null || data.rows.length === 0) return null;
  const days = daysUntil(dateText(Date.now(), timeZone));
  const costs = new Map(data.rows.map(({ key, costNanoUsd }) => [key.day ?? '', costNanoUsd]));
  const show = (day: string) => onView({ ...view, unit: 'hour', since: day, until: day });
  return html`<section class="card" aria-labelledby="calendar">
    <h2 id="calendar">A year of days</h2>
    <${Days} days=${days} costs=${costs} onDay=${show} />
  </section>`;
}

interface DaysProps {
  readonly days: readonly string[];
  readonly costs: ReadonlyMap<string, number>;
  readonly onDay: (day: string) => void;
}

const STEPS: Readonly<Record<string, number>> = {
  ...{ ArrowUp: -1, ArrowDown: 1, ArrowLeft: -7, ArrowRight: 7 },
};

function Days({ days, costs, onDay }: DaysProps) {
  const grid = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(days.length - 1);
  const most = Math.max(...costs.values());
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(days.length - 1, Math.max(0, current + step));
    setCurrent(next);
    (grid.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return html`<div class="days" role="group" aria-label="Days" ref=${grid} onKeyDown=${move}>
    ${days.map((day, place) => {
      const cost = costs.get(day) ?? 0;
      const label = `${day}: ${money(cost)}`;
      return html`<button
        key=${day}
        type="button"
        class=${`day level-${cost <= 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(cost / most) * LEVELS))}`}
        title=${label}
        aria-label=${label}
        tabindex=${place === current ? 0 : -1}
        onClick=${() => onDay(day)}
      ></button>`;
    })}
  </div>`;
}

/** Whole weeks up to a day, from a Monday on. */
function daysUntil(today: string): readonly string[] {
  const end = Date.parse(`${today}T12:00:00Z`);
  const weekday = (new Date(end).getUTCDay() + 6) % 7;
  const start = end - (weekday + (WEEKS - 1) * 7) * DAY_MS;
  const count = Math.round((end - start) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, place) =>
    new Date(start + place * DAY_MS).toISOString().slice(0, 10),
  );
}
