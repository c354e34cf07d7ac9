// A share of a ceiling as a bar.
import { html } from '../html.ts';
import { percent } from '../text.ts';

/** As the terminal colours it. */
const toneOf = (ratio: number): string => (ratio >= 0.95 ? 'bad' : ratio >= 0.8 ? 'warn' : 'good');

export function Meter({
  label,
  ratio,
  softRatio = null,
}: {
  readonly label: string;
  readonly ratio: number;
  readonly softRatio?: number | null;
}) {
  const share = Math.min(1, Math.max(0, ratio));
  return html`<div
    class=${`meter ${toneOf(ratio)}`}
    role="meter"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.round(share * 100)}
    aria-valuetext=${percent(ratio)}
  >
    <div class="meter-fill" style=${{ width: `${share * 100}%` }}></div>
    ${
      softRatio !== null &&
      softRatio < 1 &&
      html`<div class="meter-mark" style=${{ left: `${softRatio * 100}%` }}></div>`
    }
  </div>`;
}
