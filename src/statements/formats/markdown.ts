// A statement as Markdown, which also reads well in a terminal. Rule: a name can start no markup.
import { markdownText, toMarkdown } from '../../reports/formats/markdown.ts';
import { type StatementTable, statementDocument } from '../document.ts';
import type { StatementFormat } from './format.ts';

export const markdownFormat: StatementFormat = {
  name: 'markdown',
  extension: 'md',
  summary: "tables in GitHub's Markdown",
  render: (statement) => {
    const { title, draftNote, parties, facts, tables, notes, footer } =
      statementDocument(statement);
    const blocks = [
      `# ${markdownText(title)}\n`,
      ...(draftNote === null ? [] : [`**${markdownText(draftNote)}**\n`]),
      ...parties.map(
        ({ heading, lines }) =>
          `${markdownText(heading)}:\n\n${lines.map((line) => `> ${markdownText(line)}  \n`).join('')}`,
      ),
      facts.map(([name, value]) => `- ${markdownText(name)}: ${markdownText(value)}\n`).join(''),
      ...tables.map(tableText),
      notes.map((note) => `- ${markdownText(note)}\n`).join(''),
      ...(footer === null
        ? []
        : [
            footer
              .split('\n')
              .map((line) => `${markdownText(line)}  \n`)
              .join(''),
          ]),
    ];
    return blocks.join('\n');
  },
};

function tableText({ heading, columns, rows, foot }: StatementTable): string {
  const lines = [
    ...rows.map((row) => row.map(markdownText)),
    ...foot.map((row) => row.map((cell) => (cell === '' ? '' : `**${markdownText(cell)}**`))),
  ];
  const titles = columns.map(({ title }) => markdownText(title));
  return `## ${markdownText(heading)}\n\n${toMarkdown(titles, 1, lines)}`;
}
