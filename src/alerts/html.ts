// A message as the HTML of a mail. Rule: one column, inline styles and no picture, so that it reads well on a phone and loads nothing.
import type { Document, Row } from '../digest/document.ts';
import type { AlertText, Message } from './channel.ts';
import { capital } from './wording.ts';

const STYLES = {
  body: 'margin:0;padding:16px;background:#f4f4f2;font-family:-apple-system,Segoe UI,Roboto,sans-serif;color:#1d1d1b',
  card: 'max-width:560px;margin:0 auto 12px;padding:16px 20px;background:#ffffff;border:1px solid #deded9;border-radius:8px',
  title: 'max-width:560px;margin:0 auto 12px;font-size:18px;font-weight:600;line-height:1.3',
  what: 'margin:0 0 6px;font-size:17px;font-weight:600;line-height:1.3',
  amount: 'margin:0 0 6px;font-size:16px;line-height:1.4;overflow-wrap:anywhere',
  where: 'margin:0;font-size:14px;line-height:1.4;color:#5c5c57;overflow-wrap:anywhere',
  action: 'margin:12px 0 0;font-size:14px;line-height:1.6',
  heading:
    'margin:18px 0 6px;font-size:14px;font-weight:600;line-height:1.3;color:#5c5c57;text-transform:uppercase;letter-spacing:.04em',
  row: 'margin:0 0 8px;font-size:15px;line-height:1.4;overflow-wrap:anywhere',
  detail: 'display:block;font-size:14px;color:#5c5c57',
  command:
    'display:inline-block;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;background:#f0f0ec;padding:2px 5px;border-radius:4px;overflow-wrap:anywhere',
} as const;
type Part = keyof typeof STYLES;

/** What differs where the reader's mails are dark; programs that drop it show the light ones. */
const DARK = `@media (prefers-color-scheme: dark) {
${[
  ['body', 'background:#161615', 'color:#ededea'],
  ['card', 'background:#222221', 'border-color:#3a3a37'],
  ['where', 'color:#b4b4ae'],
  ['heading', 'color:#b4b4ae'],
  ['detail', 'color:#b4b4ae'],
  ['command', 'background:#333330'],
]
  .map(([part, ...rules]) => `.${part} { ${rules.map((rule) => `${rule} !important`).join('; ')} }`)
  .join('\n')}
}`;

/** An element of a part. */
const element = (name: string, part: Part, html: string): string =>
  `<${name} class="${part}" style="${STYLES[part]}">${html}</${name}>`;

/** The document. */
export function htmlText({
  title,
  texts,
  documents,
}: Pick<Message, 'title' | 'texts' | 'documents'>): string {
  const isOne = texts.length + documents.length === 1;
  const cards = [
    ...(isOne ? [] : [line('title', escaped(title))]),
    ...texts.map(card),
    ...documents.map(documentCard),
  ];
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    `<style>\n${DARK}\n</style></head>`,
    element('body', 'body', `\n${cards.join('\n')}\n`),
    '</html>',
    '',
  ].join('\n');
}

const line = (part: Part, html: string): string => (html === '' ? '' : element('p', part, html));

const card = ({ what, amount, where, action }: AlertText): string =>
  element(
    'div',
    'card',
    [
      line('what', escaped(capital(what))),
      line('amount', escaped(amount)),
      line('where', escaped(where)),
      line('action', actionHtml(action)),
    ].join(''),
  );

function documentCard({ title, summary, sections, action }: Document): string {
  const lines = [
    line('what', escaped(title)),
    line('amount', escaped(summary)),
    ...sections.flatMap(({ heading, rows }) => [
      line('heading', escaped(heading)),
      ...rows.map((row) => line('row', rowHtml(row))),
    ]),
    line('action', actionHtml(action)),
  ];
  return element('div', 'card', `\n${lines.join('\n')}\n`);
}

function rowHtml({ amount, name, details }: Row): string {
  const figure = amount === '' ? '' : `<b>${escaped(amount)}</b> `;
  const more = details.map((each) => element('span', 'detail', escaped(each)));
  return `${figure}${escaped(name)}${more.join('')}`;
}

/** A command in it can be picked out. */
const actionHtml = (action: string): string =>
  escaped(action).replace(/tollgate .+$/, (command) => element('span', 'command', command));

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};
/** Text as HTML; a percent sign stays with its number, and a branch with its @. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter)
    .replace(/ (?=%)|(?<= @) /g, '&nbsp;');
