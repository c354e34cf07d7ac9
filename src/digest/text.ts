// A document as lines of text.
import type { Document, Row } from './document.ts';

const DETAIL = '    ';

/** The lines, without the title. */
export function documentLines({ summary, sections, action }: Document): string[] {
  const parts = sections.flatMap(({ heading, rows }) => [
    '',
    heading,
    ...rows.flatMap((row) => rowLines(row, Math.max(...rows.map(({ amount }) => amount.length)))),
  ]);
  return [summary, ...parts, '', action];
}

function rowLines({ amount, name, details }: Row, width: number): string[] {
  const figure = width === 0 ? '' : `${amount.padStart(width)}  `;
  return [`  ${figure}${name}`, ...details.map((each) => `${DETAIL}${each}`)];
}
