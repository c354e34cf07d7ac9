// Columns side by side, as wide as the terminal allows. Rule: when there is no room the least important column
// goes first, then long names are cut; amounts are never cut.
import { cutTo, displayWidth, isAscii, padTo } from './width.ts';

export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns of weight 0 always stay; of the others the largest weight goes first. */
  readonly weight: number;
  /** Whether its cells may be cut. */
  readonly canShrink: boolean;
  /** Whether cells are digits and signs, one column each; absent: it is looked for. */
  readonly isFigures?: true;
  readonly cells: readonly string[];
  /** The cell of the last line; empty: none. */
  readonly total: string;
  /** Paints a finished cell, blanks included; absent: as it is. */
  readonly paint?: (cell: string, row: number) => string;
}

const GAP = '  ';
const LEAST_NAME = 8;

/** How a whole line is painted. */
export interface LinePaint {
  readonly heading: (line: string) => string;
  readonly total: (line: string) => string;
}

/** Heading, lines and total, each ending without blanks. */
export function layOut(
  columns: readonly TextColumn[],
  terminalColumns: number,
  paint: LinePaint,
): string[] {
  const shown = choose(columns, terminalColumns);
  const rowCount = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const line = (cellOf: (column: TextColumn) => string) =>
    shown
      .map(({ column, width }) => fitted(cellOf(column), width, column.align))
      .join(GAP)
      .trimEnd();
  const body = Array.from({ length: rowCount }, (_, row) => {
    let text = '';
    for (const { column, width, isPlain } of shown) {
      const raw = column.cells[row] ?? '';
      const cell =
        isPlain && raw.length <= width
          ? pad(raw, width, column.align)
          : fitted(raw, width, column.align);
      text += (text === '' ? '' : GAP) + (column.paint ? column.paint(cell, row) : cell);
    }
    return text.trimEnd();
  });
  const rule = '─'.repeat(shown.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length));
  const total = columns.some((column) => column.total !== '')
    ? [paint.heading(rule), paint.total(line((column) => column.total))]
    : [];
  return [paint.heading(line((column) => column.title)), ...body, ...total];
}

function choose(
  columns: readonly TextColumn[],
  terminalColumns: number,
): { column: TextColumn; width: number; isPlain: boolean }[] {
  let shown = columns.map((column) => ({ column, ...measure(column) }));
  const overflow = () =>
    shown.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length) - terminalColumns;
  while (overflow() > 0) {
    const weights = shown.map(({ column }) => column.weight);
    const heaviest = Math.max(...weights);
    if (heaviest <= 0) break;
    shown = shown.filter((_, index) => index !== weights.lastIndexOf(heaviest));
  }
  // The widest name gives way first, until all are equally short.
  for (let over = overflow(); over > 0; over = overflow()) {
    const names = shown.filter(({ column, width }) => column.canShrink && width > LEAST_NAME);
    const widest = names.sort((a, b) => b.width - a.width)[0];
    if (!widest) break;
    const next = names[1]?.width ?? LEAST_NAME;
    widest.width = Math.max(
      LEAST_NAME,
      Math.min(widest.width - 1, Math.max(widest.width - over, next - 1)),
    );
  }
  return shown;
}

/** How wide a column wants to be, and whether every letter of it is one column wide. */
function measure({ title, cells, total, isFigures }: TextColumn): {
  width: number;
  isPlain: boolean;
} {
  let width = Math.max(displayWidth(title), displayWidth(total));
  let isPlain = true;
  for (const cell of cells) {
    isPlain &&= isFigures ?? isAscii(cell);
    width = Math.max(width, isPlain ? cell.length : displayWidth(cell));
  }
  return { width, isPlain };
}

const fitted = (text: string, width: number, align: TextColumn['align']): string =>
  padTo(cutTo(text, width), width, align);

const pad = (text: string, width: number, align: TextColumn['align']): string =>
  align === 'left' ? text.padEnd(width) : text.padStart(width);
