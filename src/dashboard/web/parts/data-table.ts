// A table of figures: a heading for screen readers, numbers to the right, and scrolling of its own where it is wide.
import type { ComponentChildren } from 'preact';
import { html } from '../html.ts';

export interface DataColumn<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Its cells are not broken into lines. */
  readonly isWhole?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
  /** What stands below, for the sum of all rows. */
  readonly total?: string;
}

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** By which a row is found in the page and jumped to; absent: it is not. */
  readonly idOf?: (row: Row) => string;
}

const classOf = ({ isNumber, isWhole }: Pick<DataColumn<unknown>, 'isNumber' | 'isWhole'>) =>
  isNumber ? 'number' : isWhole ? 'whole' : '';

export function DataTable<Row>({ caption, columns, rows, keyOf, idOf }: DataTableProps<Row>) {
  const hasTotal = columns.some(({ total }) => total !== undefined);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class="unseen">${caption}</caption>
      <thead>
        <tr>${columns.map((column) => html`<th scope="col" class=${classOf(column)}>${column.title}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr key=${keyOf(row)} id=${idOf?.(row)} tabindex=${idOf && '-1'}>
            ${columns.map((column) => html`<td class=${classOf(column)}>${column.cell(row)}</td>`)}
          </tr>`,
        )}
      </tbody>
      ${
        hasTotal &&
        html`<tfoot>
          <tr>${columns.map((column) => html`<td class=${classOf(column)}>${column.total ?? ''}</td>`)}</tr>
        </tfoot>`
      }
    </table>
  </div>`;
}
