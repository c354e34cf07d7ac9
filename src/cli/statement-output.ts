// Where statements go: to the terminal, to a file, to a folder of files, or as one JSON document.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatUsd } from '../domain/money.ts';
import { TollgateError } from '../errors.ts';
import { plural } from '../reports/formats/figures.ts';
import type { StatementFormat } from '../statements/formats/format.ts';
import { statementJson } from '../statements/formats/json.ts';
import { statementOf } from '../statements/issued.ts';
import { readLogo } from '../statements/logo.ts';
import type { CostRow, Statement } from '../statements/statement.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { FINE } from './exit-code.ts';
import { printJson } from './print-json.ts';

export interface Printing {
  readonly format: StatementFormat;
  readonly options: Readonly<Record<string, unknown>>;
  readonly context: CliContext;
}

/** `unattributed`: what belongs to no client; `null`: nobody asked for it. */
export async function printStatements(
  statements: readonly Statement[],
  unattributed: readonly CostRow[] | null,
  { format, options, context }: Printing,
): Promise<number> {
  const nobody = unattributed && {
    costNanoUsd: unattributed.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
    requestCount: unattributed.reduce((sum, { requestCount }) => sum + requestCount, 0),
  };
  const out = typeof options.out === 'string' ? options.out : null;
  if (out !== null) await writeAll(statements, out, format, context);
  if (options.json) {
    const documents = statements.map(statementJson);
    printJson(
      { schema: 'tollgate/statement@1', statements: documents, unattributed: nobody },
      context,
    );
  } else if (out === null) {
    for (const statement of statements) context.print(await printed(statement, format));
  }
  if (nobody && nobody.costNanoUsd !== 0) {
    context.emit(
      `tollgate: ${formatUsd(nobody.costNanoUsd)} (${plural(nobody.requestCount, 'request')}) belongs to no client; tollgate report --by repository --where client='(unattributed)' has it`,
    );
  }
  return FINE;
}

async function printed(statement: Statement, format: StatementFormat): Promise<string> {
  const text = await format.render(statement, logoOf(statement));
  if (typeof text === 'string') return text;
  throw new TollgateError({
    code: 'OUT_MISSING',
    message: `--format ${format.name} is not for a terminal`,
    hint: `write it to a file: --out statement.${format.extension}`,
  });
}

async function writeAll(
  statements: readonly Statement[],
  out: string,
  format: StatementFormat,
  context: CliContext,
): Promise<void> {
  const isFolder =
    statements.length > 1 || /[\\/]$/.test(out) || (existsSync(out) && statSync(out).isDirectory());
  if (isFolder) mkdirSync(out, { recursive: true });
  for (const statement of statements) {
    const file = isFolder ? join(out, `${nameOf(statement)}.${format.extension}`) : out;
    const bytes = await format.render(statement, logoOf(statement));
    try {
      writeFileSync(file, bytes);
    } catch (cause) {
      throw new TollgateError({
        code: 'OUT_UNWRITABLE',
        message: `${file} cannot be written: ${(cause as Error).message}`,
        hint: 'give another path to --out; what was issued is kept, and --number prints it again',
        cause,
      });
    }
    context.emit(`tollgate: ${statement.client}: ${file}`);
  }
}

const nameOf = ({ number, client }: Statement): string =>
  (number ?? `draft-${client}`).replace(/[^\w.-]+/g, '-');

const logoOf = ({ sender }: Statement): Uint8Array | null =>
  sender?.logo == null ? null : readLogo(sender.logo);

/** What was issued, oldest first. */
export function listIssued(store: Store, { options, context }: Printing): number {
  const issued = store.readStatements().map((each) => ({ ...each, ...statementOf(each) }));
  if (options.json) {
    const list = issued.map(({ number, client, startAt, endAt, issuedAt, total, terms }) => ({
      ...{ number, client, startAt, endAt, issuedAt, total, currency: terms.currency },
    }));
    printJson({ schema: 'tollgate/statement@1', issued: list }, context);
    return FINE;
  }
  if (issued.length === 0) context.print('No statement was issued from this ledger.\n');
  for (const { number, client, startAt, endAt, total, terms } of issued) {
    const day = (at: number) =>
      new Intl.DateTimeFormat('sv-SE', { timeZone: terms.timeZone }).format(at);
    const period = `${day(startAt)} to ${day(endAt - 1)}`;
    context.print(`${number}  ${client}  ${period}  ${total} ${terms.currency}\n`);
  }
  return FINE;
}
