// Gives a statement its number and keeps it. Rule: a period is billed to a client once, when it is over.
import type { Config } from '../config/config.ts';
import { TollgateError } from '../errors.ts';
import { issuedFrom } from '../statements/issued.ts';
import { readLogo } from '../statements/logo.ts';
import { makeStatement, type StatementInput } from '../statements/make-statement.ts';
import { numberIn, seriesOf } from '../statements/numbering.ts';
import type { Statement } from '../statements/statement.ts';
import type { Store } from '../stores/store.ts';

/** Throws `TollgateError` where the period is not over, was billed, or somebody else issues meanwhile. */
export async function issueStatement(
  input: StatementInput,
  store: Store,
  { statements, timeZone }: Config,
): Promise<Statement> {
  const { client, startAt, endAt, madeAt, sender } = input;
  if (endAt > madeAt) {
    throw refused('the period is not over', 'leave --issue out for a draft, or wait until its end');
  }
  const earlier = store.readStatements();
  const overlapping = earlier.find(
    (each) => each.client === client && each.startAt < endAt && each.endAt > startAt,
  );
  if (overlapping) {
    throw refused(
      `statement ${overlapping.number} to ${client} has billed this period`,
      `tollgate statement --number ${overlapping.number} prints it again; what has changed since is on the next one`,
    );
  }
  // The date of issue is one of the sender's.
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(madeAt);
  const series = seriesOf(statements.numberPattern, client, date);
  const inSeries = earlier.filter((each) => each.series === series).length;
  const taken = earlier.map(({ number }) => number);
  const number = numberIn(series, inSeries, taken);
  const statement = { ...makeStatement(input), number };
  const logo = sender?.logo == null ? null : readLogo(sender.logo);
  const issued = await issuedFrom(statement, series, logo);
  store.immediately(() => {
    if (store.readStatements().length !== earlier.length) {
      throw refused('somebody else has issued one meanwhile', 'give the command again');
    }
    store.addStatement(issued);
  });
  return statement;
}

const refused = (why: string, hint: string): TollgateError =>
  new TollgateError({ code: 'NOT_ISSUED', message: `the statement was not issued: ${why}`, hint });
