// A session: its requests in time, what made it expensive, what else it would have cost, what runs in it, and what befell it.
import type { SessionData, WhyData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { BudgetMeter } from '../parts/budget-meter.ts';
import { Causes } from '../parts/causes.ts';
import { EventLog } from '../parts/event-log.ts';
import { Figure } from '../parts/figure.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { RequestTable } from '../parts/request-table.ts';
import { RequestsInTime } from '../parts/requests-in-time.ts';
import { SubagentTree } from '../parts/subagent-tree.ts';
import { addressOf, follow, sessionAddress } from '../route.ts';
import { countText, moneyOr, placeText, plural, shortId, timeText } from '../text.ts';

export function SessionPage({ route, about }: PageProps) {
  const id = route.query.get('id') ?? '';
  const { data, problem } = useData<SessionData>(addressOf('/api/session', { session: id }));
  return html`
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${data && html`<${SessionOf} key=${id} data=${data} about=${about} />`}
  `;
}

function SessionOf({ data, about }: { readonly data: SessionData } & Pick<PageProps, 'about'>) {
  const { sessionId, requests, budgets, nested, at, grants, alerts } = data;
  const hasSpent = requests.length > 0;
  return html`
    <${Heading} data=${data} timeZone=${about.timeZone} />
    ${hasSpent ? html`<${Spent} key=${sessionId} data=${data} about=${about} />` : html`<p class="note">No request of it has been recorded.</p>`}
    ${
      budgets.length > 0 &&
      html`<section class="card" aria-labelledby="budgets">
        <h2 id="budgets">Its budgets</h2>
        ${budgets.map((budget) => html`<${BudgetMeter} key=${budget.windowKey} budget=${budget} now=${at} />`)}
      </section>`
    }
    ${!hasSpent && nested.length > 0 && html`<${SubagentTree} subagents=${[]} nested=${nested} now=${at} isWhole />`}
    ${
      !about.team &&
      html`<section class="card" aria-labelledby="befell">
        <h2 id="befell">Halts, warnings and grants</h2>
        <${EventLog} alerts=${alerts} grants=${grants} timeZone=${about.timeZone} isOfSession />
      </section>`
    }
    ${hasSpent && html`<${RequestTable} requests=${requests} timeZone=${about.timeZone} />`}
  `;
}

function Heading({ data, timeZone }: { readonly data: SessionData; readonly timeZone: string }) {
  const { sessionId, title, repository, branch, developer, startedAt, endedAt, lastSeenAt } = data;
  const { haltedAt, haltReason, parentSessionId, outerSessionId } = data;
  const place = placeText(repository, branch);
  const link = (word: string, id: string | null) =>
    id !== null &&
    html`<span>${word} <a href=${sessionAddress(id)} onClick=${follow}>${shortId(id)}</a></span>`;
  return html`<section class="card" aria-labelledby="session">
    <header>
      <div>
        <h2 id="session">${title ?? place}</h2>
        <p class="where">
          ${title !== null && html`<span>${place}</span>`} ${developer && html`<span>${developer}</span>`}
          <code>${sessionId}</code>
          <span>${timeText(startedAt, timeZone)} to ${timeText(endedAt ?? lastSeenAt, timeZone)}</span>
          ${link('continues', parentSessionId)} ${link('inside of', outerSessionId)}
        </p>
      </div>
      <span class=${`badge ${haltedAt !== null ? 'bad' : endedAt === null ? 'good' : ''}`}
        >${haltedAt !== null ? 'halted' : endedAt === null ? 'open' : 'ended'}</span
      >
    </header>
    ${haltedAt !== null && html`<p class="note bad">Halted${haltReason === null ? '' : `: ${haltReason}`}</p>`}
  </section>`;
}

function Spent({ data, about }: { readonly data: SessionData } & Pick<PageProps, 'about'>) {
  const { sessionId, requests, alerts, nested, at } = data;
  // Asked again when there is something new of this session alone.
  const words = { session: sessionId, of: String(requests.length) };
  const { data: why, problem } = useData<WhyData>(addressOf('/api/why', words), false);
  return html`
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${why && html`<${Lead} why=${why} />`}
    <${RequestsInTime} requests=${requests} alerts=${alerts} timeZone=${about.timeZone} />
    ${
      why &&
      html`<${Causes} why=${why} timeZone=${about.timeZone} />
        ${
          (why.subagents.length > 0 || nested.length > 0) &&
          html`<section class="card" aria-label="Subagents">
            <${SubagentTree} subagents=${why.subagents} nested=${nested} now=${at} isWhole />
          </section>`
        }`
    }
  `;
}

function Lead({ why }: { readonly why: WhyData }) {
  const { costNanoUsd, requestCount, medianNanoUsd, context, cacheMisses, toolHabits } = why;
  return html`<dl class="figures lead">
    <${Figure}
      name="Cost"
      value=${moneyOr(costNanoUsd)}
      note=${medianNanoUsd === null ? null : `median ${moneyOr(medianNanoUsd)}`}
    />
    <${Figure} name="Requests" value=${countText(requestCount)} />
    <${Figure}
      name="Cache misses"
      value=${countText(cacheMisses.count)}
      note=${cacheMisses.count === 0 ? null : `${moneyOr(cacheMisses.extraNanoUsd)} more`}
    />
    <${Figure} name="Largest context" value=${countText(context.largestTokens)} note=${`from ${countText(context.firstTokens)} tokens`} />
    ${
      toolHabits !== null &&
      html`<${Figure}
        name="Tool calls"
        value=${countText(toolHabits.callCount)}
        note=${toolHabits.failedCount === 0 ? null : `${plural(toolHabits.failedCount, 'failure')}`}
      />`
    }
  </dl>`;
}
