// How commands print JSON.
import type { CliContext } from './command.ts';

/** Prints a value as indented JSON with a line break at its end. */
export function printJson(value: unknown, { print }: Pick<CliContext, 'print'>): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}
