// What befell sessions and budgets, newest first: alerts in the words of `tollgate alerts`, and grants.
import type { AlertData, GrantData } from '../data.ts';
import { html } from '../html.ts';
import { follow, sessionAddress } from '../route.ts';
import { amountText, timeText } from '../text.ts';

interface LogProps {
  readonly alerts: readonly AlertData[];
  readonly grants: readonly GrantData[];
  readonly timeZone: string;
  /** Where it happened needs no saying. */
  readonly isOfSession?: boolean;
}

const BAD = ['SESSION_HALTED', 'HALTED_BY_PERSON', 'GUARD_LOST', 'EVENT_FORGED', 'BREAKER_TRIPPED'];
const GOOD = ['CEILING_CHANGED', 'DIGEST', 'TEST'];

const toneOf = (code: string): string =>
  BAD.includes(code) ? 'bad' : GOOD.includes(code) ? 'good' : 'warn';

interface LogLine {
  readonly key: string;
  readonly at: number;
  readonly tone: string;
  readonly what: string;
  readonly more: string;
  readonly sessionId: string | null;
  readonly where: string;
}

export function EventLog({ alerts, grants, timeZone, isOfSession = false }: LogProps) {
  const lines = [...alerts.map(alertLine), ...grants.map(grantLine)].sort((a, b) => b.at - a.at);
  if (lines.length === 0) return html`<p class="muted">Nothing so far.</p>`;
  return html`<ol class="log">
    ${lines.map(
      ({ key, at, tone, what, more, sessionId, where }) => html`<li key=${key}>
        <time class="muted" datetime=${new Date(at).toISOString()}>${timeText(at, timeZone)}</time>
        <span class=${`dot ${tone}`}></span>
        <div>
          <strong>${what}</strong>${more !== '' && html` <span>${more}</span>`}
          ${
            !isOfSession &&
            where !== '' &&
            html`<small>
              ${sessionId === null ? where : html`<a href=${sessionAddress(sessionId)} onClick=${follow}>${where}</a>`}
            </small>`
          }
        </div>
      </li>`,
    )}
  </ol>`;
}

const alertLine = ({
  seq,
  code,
  raisedAt,
  what,
  amount,
  sessionId,
  where,
}: AlertData): LogLine => ({
  ...{ key: `alert-${seq}`, at: raisedAt, tone: toneOf(code), what, more: amount },
  ...{ sessionId, where },
});

function grantLine(grant: GrantData, place: number): LogLine {
  const { budgetId, amountNanoUsd, grantedAt, author, reason } = grant;
  return {
    ...{ key: `grant-${place}-${grantedAt}`, at: grantedAt, tone: 'good' },
    what: `${amountText(amountNanoUsd, grant)} granted on ${budgetId}`,
    more: `by ${author}${reason === null ? '' : `: ${reason}`}`,
    ...{ sessionId: null, where: '' },
  };
}
