// Whether a file is a statement that was issued, and the ledger still says the same.
import { readFileSync } from 'node:fs';
import { TollgateError } from '../errors.ts';
import { parseDecimal } from '../statements/amounts.ts';
import { identify, readCorrections, statementOf } from '../statements/issued.ts';
import type { rowsReader } from '../statements/read-rows.ts';
import type { Statement } from '../statements/statement.ts';
import type { IssuedStatement } from '../stores/store.ts';
import { FINDINGS, FINE } from './exit-code.ts';
import { printJson } from './print-json.ts';
import type { Printing } from './statement-output.ts';

/** Answers the exit code. */
export async function verifyStatement(
  file: string,
  issued: readonly IssuedStatement[],
  read: ReturnType<typeof rowsReader>,
  { options, context }: Printing,
): Promise<number> {
  const bytes = readBytes(file);
  const found = identify(bytes, issued);
  const text = Buffer.from(bytes).toString('latin1');
  const statement = found?.statement ?? issued.findLast(({ number }) => text.includes(number));
  const original = statement && statementOf(statement);
  const due = original ? await dueFor(original, issued, read) : null;
  const matches = found !== null && due === null;
  if (options.json) {
    printJson(
      {
        schema: 'tollgate/statement@1',
        ...{ file, matches, number: statement?.number ?? null, format: found?.format ?? null },
        isAsIssued: found !== null,
        ledgerDifference: due,
      },
      context,
    );
    return matches ? FINE : FINDINGS;
  }
  const name = statement && `statement ${statement.number} to ${statement.client}`;
  if (found) context.print(`${file} is ${name}, as it was issued (${found.format}).\n`);
  else if (name) context.print(`${file} names ${name}, but it is NOT what was issued.\n`);
  else context.print(`${file} is no statement that was issued from this ledger.\n`);
  if (due !== null) {
    context.print(
      `The ledger says otherwise now: ${due.amount} ${due.currency} will be on the next statement.\n`,
    );
  } else if (statement) context.print('The ledger still says the same.\n');
  return matches ? FINE : FINDINGS;
}

/** What the ledger says otherwise now of a statement's period; `null`: nothing. */
async function dueFor(
  { number, client, terms, rate }: Statement,
  issued: readonly IssuedStatement[],
  read: ReturnType<typeof rowsReader>,
) {
  const lines = await readCorrections(client, issued, read, { terms, rate });
  const line = lines.find((each) => each.kind === 'correction' && each.number === number);
  if (line?.kind !== 'correction') return null;
  const { amount, costNanoUsd } = line;
  const isNothing = costNanoUsd === 0 && parseDecimal(amount) === 0n;
  return isNothing ? null : { amount, currency: terms.currency, costNanoUsd };
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new TollgateError({
      code: 'STATEMENT_UNREADABLE',
      message: `${file} cannot be read: ${(cause as Error).message}`,
      hint: 'give the path of the file that was sent',
      cause,
    });
  }
}
