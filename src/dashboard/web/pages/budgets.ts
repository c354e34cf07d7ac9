// Budgets and alerts: every window that is open, who has granted what, and what befell.
import type { BudgetsData, GrantData, WindowData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { BudgetMeter } from '../parts/budget-meter.ts';
import { DataTable } from '../parts/data-table.ts';
import { Empty } from '../parts/empty.ts';
import { EventLog } from '../parts/event-log.ts';
import { Figure } from '../parts/figure.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { addressOf, follow, sessionAddress } from '../route.ts';
import { amountText, NONE, shortId, timeText } from '../text.ts';

export function BudgetsPage({ about }: PageProps) {
  const { data, problem } = useData<BudgetsData>('/api/budgets');
  return html`
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${data && html`<${BudgetsOf} data=${data} about=${about} />`}
  `;
}

function BudgetsOf({ data, about }: { readonly data: BudgetsData } & Pick<PageProps, 'about'>) {
  const { timeZone, team } = about;
  const { windows, grants, alerts, at } = data;
  return html`
    ${
      windows.length === 0
        ? html`<${Empty}
            title="No budget counts here yet"
            hint="Budgets show with the first session that they count. To write one:"
            command=${team ? 'tollgate team budget set day --hard 40' : 'tollgate init'}
          />`
        : html`<div class="cards">
            ${windows.map((budget) => html`<${WindowCard} key=${budget.windowKey} budget=${budget} now=${at} timeZone=${timeZone} />`)}
          </div>`
    }
    <section class="card" aria-labelledby="grants">
      <h2 id="grants">Grants</h2>
      <${Grants} grants=${grants} timeZone=${timeZone} />
    </section>
    ${
      !team &&
      html`<section class="card" aria-labelledby="log">
        <h2 id="log">Alerts, breakers and halts</h2>
        <${EventLog} alerts=${alerts} grants=${[]} timeZone=${timeZone} />
      </section>`
    }
  `;
}

interface WindowProps {
  readonly budget: WindowData;
  readonly now: number;
  readonly timeZone: string;
}

function WindowCard({ budget, now, timeZone }: WindowProps) {
  const { windowKey, sessionId, startAt, endAt, paceRatio, burnNanoUsdPerHour } = budget;
  const amount = (nano: number) => amountText(nano, budget);
  // A plan's window whose rate nobody knows yet.
  const isHeading = budget.fullNanoUsd === undefined || paceRatio !== null;
  const isFillable = startAt !== null && endAt !== null && budget.fullNanoUsd === undefined;
  return html`<article class="card" aria-label=${budget.name}>
    <${BudgetMeter} budget=${budget} now=${now} />
    <dl class="figures">
      <${Figure} name="Soft" value=${budget.softNanoUsd === null ? NONE : amount(budget.softNanoUsd)} />
      <${Figure} name="Hard" value=${budget.hardNanoUsd === null ? NONE : amount(budget.hardNanoUsd)} />
      <${Figure} name="Granted" value=${amount(budget.grantedNanoUsd)} />
      <${Figure} name="Held" value=${amount(budget.reservedNanoUsd)} />
      <${Figure} name="Burn rate" value=${isHeading ? `${amount(burnNanoUsdPerHour)}/h` : NONE} />
      <${Figure} name="Pace" value=${paceRatio === null ? NONE : `${paceRatio}×`} />
    </dl>
    <p class="where">
      ${startAt !== null && html`<span>from ${timeText(startAt, timeZone)}</span>`}
      ${endAt !== null && html`<span>to ${timeText(endAt, timeZone)}</span>`}
      ${sessionId !== null && html`<a href=${sessionAddress(sessionId)} onClick=${follow}>session ${shortId(sessionId)}</a>`}
      ${isFillable && html`<a href=${addressOf('/history', { budget: windowKey })} onClick=${follow}>running total</a>`}
    </p>
  </article>`;
}

function Grants({
  grants,
  timeZone,
}: {
  readonly grants: readonly GrantData[];
  readonly timeZone: string;
}) {
  if (grants.length === 0)
    return html`<p class="muted">Nobody has raised a ceiling in the last month.</p>`;
  const columns = [
    { title: 'When', cell: ({ grantedAt }: GrantData) => timeText(grantedAt, timeZone) },
    { title: 'Budget', cell: ({ budgetId }: GrantData) => budgetId },
    {
      ...{ title: 'Amount', isNumber: true },
      cell: (grant: GrantData) => amountText(grant.amountNanoUsd, grant),
    },
    { title: 'Who', cell: ({ author }: GrantData) => author },
    { title: 'Why', cell: ({ reason }: GrantData) => reason ?? NONE },
    {
      title: 'Until',
      cell: ({ expiresAt }: GrantData) =>
        expiresAt === null ? 'end of the window' : timeText(expiresAt, timeZone),
    },
  ];
  return html`<${DataTable}
    caption="Grants of the last month"
    columns=${columns}
    rows=${grants}
    keyOf=${({ grantedAt, windowKey }: GrantData) => `${grantedAt} ${windowKey}`}
  />`;
}
