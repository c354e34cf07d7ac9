// A message as the HTML of a mail. Rule: one column, inline styles and no picture, so that it reads well on a phone and loads nothing.
import type { Document, Row } from '../digest/document.ts';
import type { AlertText, Message } from './channel.ts';
import { capital } from './wording.ts';

const STYLES = {
  body: 'margin:0;padding:16px;background:#f4f4f2;font-family:-apple-system,Segoe UI,Roboto,sans-serif;color:#1d1d1b',
  card: 'max-width:560px;margin:0 auto 12px;padding:16px 20px;background:#ffffff;border:1px solid #deded9;border-radius:8px',
  title: 'max-width:560px;margin:0 auto 12px;font-size:18px;font-weight:600;line-height:1.3',
  what: 'margin:0 0 6px;font-size:17px;font-weight:600;line-height:1.3',
  amount: 'margin:0 0 6px;font-size:16px;line-height:1.4',
  where: 'margin:0 0 10px;font-size:14px;line-height:1.4;color:#5c5c57;overflow-wrap:anywhere',
  action: 'margin:0;font-size:14px;line-height:1.4',
  heading:
    'margin:18px 0 6px;font-size:14px;font-weight:600;line-height:1.3;color:#5c5c57;text-transform:uppercase;letter-spacing:.04em',
  row: 'margin:0 0 8px;font-size:15px;line-height:1.4;overflow-wrap:anywhere',
  detail: 'display:block;font-size:14px;color:#5c5c57',
  command:
    'font-family:ui-monospace,Menlo,Consolas,monospace;background:#f0f0ec;padding:2px 5px;border-radius:4px',
} as const;

/** The document. */
export function htmlText({
  title,
  texts,
  documents,
}: Pick<Message, 'title' | 'texts' | 'documents'>): string {
  const isOne = texts.length + documents.length === 1;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title></head>`,
    `<body style="${STYLES.body}">`,
    ...(isOne ? [] : [`<p style="${STYLES.title}">${escaped(title)}</p>`]),
    ...texts.map(card),
    ...documents.map(documentCard),
    '</body></html>',
    '',
  ].join('\n');
}

const line = (style: string, html: string): string =>
  html === '' ? '' : `<p style="${style}">${html}</p>`;

function card({ what, amount, where, action }: AlertText): string {
  return [
    `<div style="${STYLES.card}">`,
    line(STYLES.what, escaped(capital(what))),
    line(STYLES.amount, escaped(amount)),
    line(STYLES.where, escaped(where)),
    line(STYLES.action, actionHtml(action)),
    '</div>',
  ].join('');
}

function documentCard({ title, summary, sections, action }: Document): string {
  return [
    `<div style="${STYLES.card}">`,
    line(STYLES.what, escaped(title)),
    line(STYLES.amount, escaped(summary)),
    ...sections.flatMap(({ heading, rows }) => [
      line(STYLES.heading, escaped(heading)),
      ...rows.map((row) => line(STYLES.row, rowHtml(row))),
    ]),
    line(STYLES.action, actionHtml(action)),
    '</div>',
  ].join('\n');
}

function rowHtml({ amount, name, details }: Row): string {
  const figure = amount === '' ? '' : `<b>${escaped(amount)}</b> `;
  const more = details.map((each) => `<span style="${STYLES.detail}">${escaped(each)}</span>`);
  return `${figure}${escaped(name)}${more.join('')}`;
}

/** A command in it can be picked out. */
const actionHtml = (action: string): string =>
  escaped(action).replace(
    /tollgate .+$/,
    (command) => `<span style="${STYLES.command}">${command}</span>`,
  );

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
