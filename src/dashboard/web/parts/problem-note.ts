// Something that went wrong, and what helps.
import type { Problem } from '../api.ts';
import { html } from '../html.ts';

export function ProblemNote({ problem }: { readonly problem: Problem }) {
  const { code, message, hint } = problem;
  return html`<div class="note bad" role="alert" data-code=${code}>
    <strong>${message}</strong>${hint && html`<span>${hint}</span>`}
  </div>`;
}
