// A statement for programs: its figures as they are. Rule: who reads it can add everything up again.
import type { Statement } from '../statement.ts';
import type { StatementFormat } from './format.ts';

/** The document; instants are ISO text beside the numbers. */
export const statementJson = (statement: Statement) => ({
  schema: 'tollgate/statement-document@1',
  isDraft: statement.number === null,
  start: new Date(statement.startAt).toISOString(),
  end: new Date(statement.endAt).toISOString(),
  ...statement,
});

export const jsonFormat: StatementFormat = {
  name: 'json',
  extension: 'json',
  summary: 'every figure, for programs',
  render: (statement) => `${JSON.stringify(statementJson(statement), null, 2)}\n`,
};
