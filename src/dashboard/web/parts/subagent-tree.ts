// What runs inside a session: its subagents, and sessions that it has started, as a tree.
import type { RunningData } from '../data.ts';
import { html } from '../html.ts';
import { follow, sessionAddress } from '../route.ts';
import { ago, money, plural, shortId } from '../text.ts';

/** The newest say most; the others are on the session's own page. */
const SHOWN_COUNT = 8;

export function SubagentTree({
  session,
  now,
}: {
  readonly session: RunningData;
  readonly now: number;
}) {
  const { subagents, nested } = session;
  if (subagents.length === 0 && nested.length === 0) return null;
  const shown = subagents.slice(-SHOWN_COUNT);
  const hidden = subagents.length - shown.length;
  return html`<details class="tree" open>
    <summary>${plural(subagents.length, 'subagent')}${nested.length > 0 && `, ${plural(nested.length, 'session')} inside`}</summary>
    <ul>
      ${hidden > 0 && html`<li class="muted">${plural(hidden, 'earlier one')}</li>`}
      ${shown.map(
        (each) => html`<li key=${each.agentId}>
          <span class="tree-name">${each.agentType ?? 'subagent'}</span>
          <span class="muted">${each.model} · ${plural(each.requestCount, 'request')} · ${ago(each.lastAt, now)}</span>
          <span class="number">${money(each.costNanoUsd)}</span>
        </li>`,
      )}
      ${nested.map(
        (id) => html`<li key=${id}>
          <a href=${sessionAddress(id)} onClick=${follow}>session ${shortId(id)}</a>
        </li>`,
      )}
    </ul>
  </details>`;
}
