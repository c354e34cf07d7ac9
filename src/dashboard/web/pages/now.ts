// Now: every session that runs on this machine, as it stands this second.

import type { NowData } from '../data.ts';
import { html } from '../html.ts';
import { useData } from '../live-data.ts';
import type { PageProps } from '../page.ts';
import { Empty } from '../parts/empty.ts';
import { Figure } from '../parts/figure.ts';
import { PlanWindows } from '../parts/plan-windows.ts';
import { ProblemNote } from '../parts/problem-note.ts';
import { RunningSession } from '../parts/running-session.ts';
import { moneyOr } from '../text.ts';

export function NowPage({ about }: PageProps) {
  const { data, problem } = useData<NowData>('/api/now');
  return html`
    ${problem && html`<${ProblemNote} problem=${problem} />`}
    ${data && html`<${PlanWindows} plans=${data.plans} now=${data.at} />`}
    ${data && html`<${Sessions} data=${data} about=${about} />`}
  `;
}

function Sessions({ data, about }: { readonly data: NowData } & Pick<PageProps, 'about'>) {
  const { sessions, dayNanoUsd, at } = data;
  if (sessions.length === 0 && about.team) {
    return html`<${Empty}
      title="No session of the team has spent anything in the last hour"
      hint="Machines send what they have while they work, or with:"
      command="tollgate team sync"
    />`;
  }
  if (sessions.length === 0) {
    return html`<${Empty}
      title="No session is running on this machine"
      hint="Start Claude Code in a repository that Tollgate guards, and it appears here by itself. To guard one:"
      command="tollgate init"
    />`;
  }
  const working = sessions.filter(({ state }) => state === 'working').length;
  const halted = sessions.filter(({ haltedAt }) => haltedAt !== null).length;
  return html`
    <dl class="figures lead">
      <${Figure} name="Spent today" value=${moneyOr(dayNanoUsd)} note=${about.isPlan ? 'list price, not billed' : null} />
      <${Figure} name=${about.team ? 'In the last hour' : 'Running'} value=${String(sessions.length)} note=${`${working} working`} />
      ${!about.team && html`<${Figure} name="Halted" value=${String(halted)} />`}
    </dl>
    <div class="cards">
      ${sessions.map(
        (session) =>
          html`<${RunningSession} key=${session.sessionId} session=${session} now=${at} about=${about} />`,
      )}
    </div>
  `;
}
