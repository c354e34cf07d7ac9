// Statements that were issued: what is kept of each, what the next one must correct, and whether a file is one of them.
import { createHash } from 'node:crypto';
import type { ClientTerms, DatedRate } from '../domain/billing.ts';
import type { IssuedStatement } from '../stores/store.ts';
import { correctionsOf } from './corrections.ts';
import { STATEMENT_FORMATS } from './formats/formats.ts';
import type { rowsReader } from './read-rows.ts';
import type { Statement, StatementLine } from './statement.ts';

/** The statement as it was issued. */
export const statementOf = ({ document }: Pick<IssuedStatement, 'document'>): Statement =>
  JSON.parse(document) as Statement;

/** What the ledger says otherwise now than a client's statements do, as lines of the next one. */
export async function readCorrections(
  client: string,
  issuedStatements: readonly IssuedStatement[],
  read: ReturnType<typeof rowsReader>,
  next: { readonly terms: ClientTerms; readonly rate: DatedRate | null },
): Promise<readonly StatementLine[]> {
  const issued = issuedStatements.filter((each) => each.client === client).map(statementOf);
  const rows = await Promise.all(
    issued.map(async (each) => [each, (await read(each)).get(client) ?? []] as const),
  );
  const rowsOf = new Map(rows);
  return correctionsOf(issued, (statement) => rowsOf.get(statement) ?? [], next);
}

/** What is kept of a statement: itself, and how it looks in every format. */
export async function issuedFrom(
  statement: Statement & { readonly number: string },
  series: string,
  logo: Uint8Array | null,
): Promise<IssuedStatement> {
  const { number, client, startAt, endAt, madeAt } = statement;
  const digests: Record<string, string> = {};
  for (const { name, render } of STATEMENT_FORMATS) {
    digests[name] = digestOf(await render(statement, logo));
  }
  const document = JSON.stringify(statement);
  return { number, client, startAt, endAt, issuedAt: madeAt, series, document, digests };
}

const digestOf = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Which statement a file is, and in which format; `null`: it is as none was issued. */
export function identify(
  bytes: Uint8Array,
  issued: readonly IssuedStatement[],
): { readonly statement: IssuedStatement; readonly format: string } | null {
  const digest = digestOf(bytes);
  for (const statement of issued) {
    const found = Object.entries(statement.digests).find(([, each]) => each === digest);
    if (found) return { statement, format: found[0] };
  }
  return null;
}
