// The note on a pull request that says what its branch cost. Rule: pure, and the same cost gives the same bytes,
// so that a comment is only ever rewritten when something changed; the marker finds it again.
import { formatUsd } from '../domain/money.ts';
import { UNBILLED } from '../domain/plan-window.ts';
import { plural } from './formats/figures.ts';
import { markdownText, toMarkdown } from './formats/markdown.ts';
import type { WorkCost } from './trailer.ts';

/** Invisible on the page; whoever writes the comment looks for it. */
export const NOTE_MARKER = '<!-- tollgate:pr-cost -->';

export interface NoteSubject {
  readonly branch: string;
  /** `null`: nothing to compare with was found. */
  readonly base: string | null;
  /** Where the figures come from: this machine's ledger, or the trailers of so many commits. */
  readonly source:
    | { readonly kind: 'ledger' }
    | { readonly kind: 'trailers'; readonly count: number };
}

/** One paragraph, `**$1.23** for 14 requests in 2 sessions: …`. */
export function formatNoteLine(cost: WorkCost, subject: NoteSubject): string {
  const models = cost.models
    .map(({ model, costNanoUsd }) => `${markdownText(model)} ${formatUsd(costNanoUsd)}`)
    .join(', ');
  return `${NOTE_MARKER}\n**${formatUsd(cost.costNanoUsd)}** ${countsOf(cost)} ${sinceText(subject)}${models ? `: ${models}` : ''}.${sourceText(subject)}\n`;
}

/** A heading line and a table of models. */
export function formatNoteTable(cost: WorkCost, subject: NoteSubject): string {
  const total = ['**Total**', `**${formatUsd(cost.costNanoUsd)}**`, `**${cost.requestCount}**`];
  const lines = cost.models.map(({ model, costNanoUsd, requestCount }) => [
    markdownText(model),
    formatUsd(costNanoUsd),
    String(requestCount),
  ]);
  const table = toMarkdown(['Model', 'Cost', 'Requests'], 1, [...lines, total]);
  return `${NOTE_MARKER}\n**${formatUsd(cost.costNanoUsd)}** ${countsOf(cost)} ${sinceText(subject)}.${sourceText(subject)}\n\n${table}`;
}

function countsOf({ requestCount, sessionCount, billing }: WorkCost): string {
  const unbilled = billing === 'plan' ? `(${UNBILLED}) ` : '';
  return `${unbilled}for ${plural(requestCount, 'request')} in ${plural(sessionCount, 'session')}`;
}

function sinceText({ branch, base }: NoteSubject): string {
  return base === null
    ? `on ${markdownText(branch)}`
    : `since ${markdownText(branch)} left ${markdownText(base)}`;
}

function sourceText({ source }: NoteSubject): string {
  return source.kind === 'trailers'
    ? ` From the trailers of ${plural(source.count, 'commit')}.`
    : '';
}
