// A statement as one HTML file that prints well. Rule: it loads nothing and runs nothing, and a name can start no markup.
import { type StatementDocument, type StatementTable, statementDocument } from '../document.ts';
import { mimeOf } from '../logo.ts';
import type { StatementFormat } from './format.ts';

const STYLE = `
@page { size: A4; margin: 18mm 16mm }
body { font: 10.5pt/1.45 "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif; color: #1d1d1b; max-width: 178mm; margin: 12mm auto; padding: 0 4mm }
h1 { font-size: 18pt; margin: 0 0 4mm } h2 { font-size: 11pt; margin: 8mm 0 2mm; break-after: avoid }
img { max-height: 18mm; max-width: 60mm; display: block; margin-bottom: 6mm }
.draft { border: 1px solid #b3261e; color: #b3261e; padding: 2mm 3mm; font-weight: 600 }
.parties { display: flex; gap: 12mm; margin: 6mm 0 } .parties div { flex: 1; overflow-wrap: anywhere }
.label { color: #5c5c57; font-size: 9pt } dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 6mm; margin: 0 } dt { color: #5c5c57 } dd { margin: 0; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse; font-size: 9pt } thead { display: table-header-group } tr { break-inside: avoid }
th { text-align: left; border-bottom: 1px solid #1d1d1b; padding: 1mm 2mm 1mm 0 } td { border-bottom: 1px solid #deded9; padding: 1mm 2mm 1mm 0; vertical-align: top; overflow-wrap: anywhere }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } tfoot { display: table-row-group } tfoot td { font-weight: 600; border-bottom: 0 }
ul { color: #5c5c57; font-size: 9pt; padding-left: 5mm; margin-top: 8mm } footer { font-size: 9pt; margin-top: 6mm; white-space: pre-line }`;

export const htmlFormat: StatementFormat = {
  name: 'html',
  extension: 'html',
  summary: 'one page that prints well',
  render: (statement, logo) => page(statementDocument(statement), logo),
};

function page(document: StatementDocument, logo: Uint8Array | null): string {
  const { language, title, draftNote, parties, facts, tables, notes, footer } = document;
  const image =
    logo === null
      ? ''
      : `<img alt="" src="data:${mimeOf(logo)};base64,${Buffer.from(logo).toString('base64')}">`;
  const people = parties.map(
    ({ heading, lines }) =>
      `<div><span class="label">${escaped(heading)}</span><br>${lines.map(escaped).join('<br>')}</div>`,
  );
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
${image}<h1>${escaped(title)}</h1>
${draftNote === null ? '' : `<p class="draft">${escaped(draftNote)}</p>\n`}<div class="parties">${people.join('')}</div>
<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
${tables.map(tableHtml).join('\n')}
<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>
${footer === null ? '' : `<footer>${escaped(footer)}</footer>\n`}</body></html>
`;
}

function tableHtml({ heading, columns, rows, foot }: StatementTable): string {
  const className = (index: number) => (columns[index]?.isNumber ? ' class="n"' : '');
  const line = (cells: readonly string[]) =>
    `<tr>${cells.map((cell, index) => `<td${className(index)}>${escaped(cell)}</td>`).join('')}</tr>\n`;
  const titles = columns.map(({ title }, index) => `<th${className(index)}>${escaped(title)}</th>`);
  return `<h2>${escaped(heading)}</h2>
<table><thead><tr>${titles.join('')}</tr></thead>
<tbody>${rows.map(line).join('')}</tbody><tfoot>${foot.map(line).join('')}</tfoot></table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
