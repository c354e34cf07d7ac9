// One running session: where it works, what it may still spend, what runs in it, and what can be done about it.
import { useState } from 'preact/hooks';
import type { RunningData } from '../data.ts';
import { html } from '../html.ts';
import type { About } from '../page.ts';
import { follow, sessionAddress } from '../route.ts';
import { ago, countText, moneyOr, NONE, placeText, shortId, spanText } from '../text.ts';
import { BudgetMeter } from './budget-meter.ts';
import { Figure } from './figure.ts';
import { type Question, SessionQuestion } from './session-questions.ts';
import { SubagentTree } from './subagent-tree.ts';

const TONES: Readonly<Record<RunningData['state'], string>> = {
  working: 'good',
  idle: '',
  halted: 'bad',
  'halted by hand': 'bad',
};

export function RunningSession({
  session,
  now,
  about,
}: {
  readonly session: RunningData;
  readonly now: number;
  readonly about: About;
}) {
  const { sessionId, title, repository, branch, model, state } = session;
  const place = placeText(repository, branch);
  const heading = `session-${sessionId}`;
  return html`<article class="card" aria-labelledby=${heading}>
    <header>
      <div>
        <h2 id=${heading}>
          <a href=${sessionAddress(sessionId)} onClick=${follow}>${title ?? place}</a>
        </h2>
        <p class="where">
          ${title !== null && html`<span>${place}</span>`}<span>${model ?? 'no request yet'}</span>
          <code>${shortId(sessionId)}</code>
        </p>
      </div>
      <span class=${`badge ${TONES[state]}`}>${state}</span>
    </header>
    ${session.haltReason && html`<p class="note bad">Halted: ${session.haltReason}</p>`}
    ${session.budgets.map((budget) => html`<${BudgetMeter} key=${budget.windowKey} budget=${budget} now=${now} />`)}
    <${Figures} session=${session} now=${now} isOfTeam=${about.team !== undefined} />
    <${SubagentTree} subagents=${session.subagents} nested=${session.nested} now=${now} />
    <${Actions} session=${session} about=${about} />
  </article>`;
}

interface FiguresProps {
  readonly session: RunningData;
  readonly now: number;
  /** What is to come, only the machine of a session knows. */
  readonly isOfTeam: boolean;
}

function Figures({ session, now, isOfTeam }: FiguresProps) {
  const { runOutAt, requestsLeft, lastRequestAt, requestCount } = session;
  return html`<dl class="figures">
    <${Figure} name="Spent" value=${moneyOr(session.costNanoUsd)} note=${`${countText(requestCount)} requests`} />
    ${!isOfTeam && html`<${Figure} name="Next request" value=${moneyOr(session.nextRequestNanoUsd)} note=${requestsLeft === null ? null : `${countText(requestsLeft)} left`} />`}
    <${Figure} name="Burn rate" value=${`${moneyOr(session.burnNanoUsdPerHour)}/h`} />
    ${
      !isOfTeam &&
      html`<${Figure} name="Runs out" value=${runOutAt === null ? NONE : runOutAt <= now ? 'now' : `in ${spanText(runOutAt - now)}`} />
        <${ContextFill} session=${session} />`
    }
    <${Figure} name="Last request" value=${lastRequestAt === null ? NONE : ago(lastRequestAt, now)} />
  </dl>`;
}

/** How full the context of the main loop is: a share where the size of its window is known. */
function ContextFill({ session }: { readonly session: RunningData }) {
  const { contextTokens, contextWindowTokens } = session;
  const tokens = contextTokens === null ? NONE : countText(contextTokens);
  if (contextTokens === null || contextWindowTokens === null)
    return html`<${Figure} name="Context" value=${tokens} note="tokens" />`;
  const share = `${Math.round((100 * contextTokens) / contextWindowTokens)}%`;
  const note = `${tokens} of ${countText(contextWindowTokens)} tokens`;
  return html`<${Figure} name="Context" value=${share} note=${note} />`;
}

function Actions({ session, about }: { readonly session: RunningData; readonly about: About }) {
  const [question, setQuestion] = useState<Question | null>(null);
  if (about.readOnlyBecause !== null) return null;
  const isHalted = session.haltedAt !== null;
  const hasCeiling = session.budgets.some(({ ceilingNanoUsd }) => ceilingNanoUsd !== null);
  const name = session.title ?? shortId(session.sessionId);
  const button = (what: Question, label: string, kind: string) =>
    html`<button type="button" class=${kind} onClick=${() => setQuestion(what)}>
      ${label}<span class="unseen"> ${name}</span>
    </button>`;
  return html`<div class="buttons">
    ${hasCeiling && button('raise', 'Raise…', '')}
    ${isHalted ? button('resume', 'Resume…', 'primary') : button('halt', 'Halt…', 'danger')}
    ${
      question !== null &&
      html`<${SessionQuestion} question=${question} session=${session} onClose=${() => setQuestion(null)} />`
    }
  </div>`;
}
