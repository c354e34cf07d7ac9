// One figure with its name.
import { html } from '../html.ts';

export function Figure({
  name,
  value,
  note = null,
}: {
  readonly name: string;
  readonly value: string;
  readonly note?: string | null;
}) {
  return html`<div class="figure">
    <dt>${name}</dt>
    <dd>${value}${note && html`<small>${note}</small>`}</dd>
  </div>`;
}
