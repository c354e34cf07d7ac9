// What stands where there is nothing to show: what that means, and what to do next.
import { html } from '../html.ts';

export function Empty({
  title,
  hint,
  command,
}: {
  readonly title: string;
  readonly hint: string;
  readonly command?: string;
}) {
  return html`<div class="empty">
    <p class="empty-title">${title}</p>
    <p>${hint}</p>
    ${command && html`<p><code>${command}</code></p>`}
  </div>`;
}
