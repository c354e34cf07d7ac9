// Statements that were issued. Rule: the database itself refuses to change them.
import type { StatementOperations } from '../statements.ts';
import type { Connection } from './connection.ts';

export function statementRepository(db: Connection): StatementOperations {
  return {
    addStatement: ({ number, client, startAt, endAt, issuedAt, series, document, digests }) => {
      db.run(
        `INSERT INTO statement (number, client, start_at_ms, end_at_ms, issued_at_ms, series, document, digests)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        [number, client, startAt, endAt, issuedAt, series, document, JSON.stringify(digests)],
      );
    },
    readStatements: () =>
      db.all('SELECT * FROM statement ORDER BY statement_seq', []).map((row) => ({
        number: String(row.number),
        client: String(row.client),
        startAt: Number(row.start_at_ms),
        endAt: Number(row.end_at_ms),
        issuedAt: Number(row.issued_at_ms),
        series: String(row.series),
        document: String(row.document),
        digests: JSON.parse(String(row.digests)) as Record<string, string>,
      })),
  };
}
