// What is asked before a session is halted, resumed or given more.
import { change } from '../api.ts';
import type { RunningData } from '../data.ts';
import { html } from '../html.ts';
import { refreshAll } from '../live-data.ts';
import { amountText, shortId } from '../text.ts';
import { Dialog } from './dialog.ts';

export type Question = 'halt' | 'resume' | 'raise';

interface QuestionProps {
  readonly question: Question;
  readonly session: RunningData;
  readonly onClose: () => void;
}

export function SessionQuestion({ question, session, onClose }: QuestionProps) {
  const { sessionId } = session;
  const name = session.title ?? shortId(sessionId);
  const act = async (fields: FormData) => {
    await change(question, { sessionId, ...Object.fromEntries(fields) });
    refreshAll();
  };
  const { title, verb, body } = WORDS[question];
  return html`<${Dialog}
    title=${`${title} ${name}`}
    verb=${verb}
    isDanger=${question === 'halt'}
    onDo=${act}
    onClose=${onClose}
  >
    ${body(session)}
  <//>`;
}

const WORDS = {
  halt: {
    title: 'Halt',
    verb: 'Halt',
    body: () => html`<p>The request under way is paid for already; no further one is made until a person resumes it.</p>
      <label>Why (shown where it stops)<input name="reason" maxlength="300" autocomplete="off" /></label>`,
  },
  resume: {
    title: 'Resume',
    verb: 'Resume',
    body: () =>
      html`<p>Lifts a halt given by hand or by a circuit breaker. What a budget has halted needs a raise.</p>`,
  },
  raise: { title: 'Raise a ceiling of', verb: 'Raise', body: raiseBody },
} as const;

function raiseBody({ budgets }: RunningData) {
  // The tightest first: mostly it is the one that halts.
  const ceilinged = budgets
    .filter(({ ceilingNanoUsd }) => ceilingNanoUsd !== null)
    .sort((a, b) => (a.headroomNanoUsd ?? 0) - (b.headroomNanoUsd ?? 0));
  return html`
    <label>Budget
      <select name="budgetId">
        ${ceilinged.map(
          (budget) =>
            html`<option value=${budget.budgetId}>${budget.name}: now ${amountText(budget.ceilingNanoUsd ?? 0, budget)}</option>`,
        )}
      </select>
    </label>
    <label>By how much (dollars, or percent of a plan)
      <input name="amount" inputmode="decimal" required pattern="\\$?[0-9]+([.][0-9]{1,9})?%?" placeholder="2.00" autocomplete="off" />
    </label>
    <label>Why (kept with the grant)<input name="reason" required maxlength="300" autocomplete="off" /></label>
  `;
}
