// A document as Markdown, for a page or a comment. Rule: a title or a branch can start no markup.
import { markdownText } from '../reports/formats/markdown.ts';
import type { Document, Row } from './document.ts';

/** The whole document. */
export function documentMarkdown({ title, summary, sections, action }: Document): string {
  const parts = sections.map(
    ({ heading, rows }) => `### ${markdownText(heading)}\n\n${rows.map(item).join('')}`,
  );
  const [words, command] = action.split(/(?=tollgate )/);
  return [
    `## ${markdownText(title)}\n`,
    `${markdownText(summary)}\n`,
    ...parts,
    `${markdownText(words ?? '')}\`${command ?? ''}\`\n`,
  ].join('\n');
}

function item({ amount, name, details }: Row): string {
  const figure = amount === '' ? '' : `**${markdownText(amount)}** `;
  return [`- ${figure}${markdownText(name)}`, ...details.map((each) => `  - ${markdownText(each)}`)]
    .map((line) => `${line}\n`)
    .join('');
}
