// What runs inside a session: its subagents, and sessions that it has started, as a tree.
import type { NestedData, SubagentData } from '../data.ts';
import { html } from '../html.ts';
import { follow, sessionAddress } from '../route.ts';
import { ago, money, plural, shortId } from '../text.ts';

/** The newest say most; the others are on the session's own page. */
const SHOWN_COUNT = 8;

interface TreeProps {
  readonly subagents: readonly SubagentData[];
  readonly nested: readonly NestedData[];
  readonly now: number;
  readonly isWhole?: boolean;
}

export function SubagentTree({ subagents, nested, now, isWhole = false }: TreeProps) {
  if (subagents.length === 0 && nested.length === 0) return null;
  const shown = isWhole ? subagents : subagents.slice(-SHOWN_COUNT);
  const hidden = subagents.length - shown.length;
  return html`<details class="tree" open>
    <summary>${plural(subagents.length, 'subagent')}${nested.length > 0 && `, ${plural(nested.length, 'session')} inside`}</summary>
    <ul>
      ${hidden > 0 && html`<li class="muted">${plural(hidden, 'earlier one')}</li>`}
      ${shown.map(
        ({ agentId, name, model, requestCount, lastAt, costNanoUsd }) => html`<li key=${agentId}>
          <span class="tree-name">${name}</span>
          <span class="muted">${model} · ${plural(requestCount, 'request')} · ${ago(lastAt, now)}</span>
          <span class="number">${money(costNanoUsd)}</span>
        </li>`,
      )}
      ${nested.map(
        ({ sessionId, title, costNanoUsd }) => html`<li key=${sessionId}>
          <a href=${sessionAddress(sessionId)} onClick=${follow}>${title ?? `session ${shortId(sessionId)}`}</a>
          <span class="number">${money(costNanoUsd)}</span>
        </li>`,
      )}
    </ul>
  </details>`;
}
