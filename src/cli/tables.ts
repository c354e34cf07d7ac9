// Small tables of commands. Rule: figures keep their place, names are cut.
import { layOut, type TextColumn } from '../reports/formats/layout.ts';
import { bold, dim, paintOf } from '../reports/formats/paint.ts';
import type { CliContext } from './command.ts';

export function table(context: CliContext, columns: readonly TextColumn[]): string[] {
  const paint = paintOf(context);
  return layOut(columns, context.columns, { heading: paint(dim), total: paint(bold) });
}

export const textColumn = (title: string, cells: readonly string[]): TextColumn => ({
  ...{ title, cells, total: '', align: 'left', weight: 0, canShrink: true },
});
export const numberColumn = (title: string, cells: readonly string[]): TextColumn => ({
  ...{ title, cells, total: '', align: 'right', weight: 0, canShrink: false },
});
