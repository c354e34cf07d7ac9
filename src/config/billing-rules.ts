// How what files say about statements becomes one. Rule: a repository says nothing about it, since it may be the client's own; of two
// files that may, the outer one stands and the inner one adds.
import type { StatementSettings } from '../domain/billing.ts';
import type { Finding, Layer } from './layer.ts';

/** What holds where no file says anything. */
export const DEFAULT_STATEMENTS: StatementSettings = {
  sender: null,
  numberPattern: '{year}-{sequence:4}',
  rates: [],
  clients: {},
};

/** Takes over what a file says, or refuses it. `origins` gains the path of each value that it set. */
export function mergeStatements(
  outer: StatementSettings,
  { file, kind, settings }: Layer,
  origins: Record<string, string>,
): { readonly statements: StatementSettings; readonly findings: readonly Finding[] } {
  const said = settings.statements;
  if (said === undefined) return { statements: outer, findings: [] };
  if (kind !== 'managed' && kind !== 'user') {
    return { statements: outer, findings: [refusedByPlace(file)] };
  }
  const findings: Finding[] = [];
  const keep = (...path: string[]): boolean => {
    const dotted = path.join('.');
    const setBy = origins[dotted];
    if (setBy === undefined) origins[dotted] = file;
    else findings.push(refusedByOuter(file, path, setBy));
    return setBy === undefined;
  };
  const { sender, numberPattern, rates = [], clients = {} } = said;
  return {
    statements: {
      sender: sender && keep('statements', 'sender') ? sender : outer.sender,
      numberPattern:
        numberPattern !== undefined && keep('statements', 'number')
          ? numberPattern
          : outer.numberPattern,
      rates: [...outer.rates, ...rates],
      clients: {
        ...Object.fromEntries(
          Object.entries(clients).filter(([name]) => keep('statements', 'clients', name)),
        ),
        ...outer.clients,
      },
    },
    findings,
  };
}

const refusedByPlace = (file: string): Finding => ({
  ...{ file, segments: ['statements'], kind: 'refused' },
  message: '"statements" are not configured in a repository\'s file.',
  hint: 'Put "statements" into your own file, ~/.config/tollgate/config.json.',
});

const refusedByOuter = (file: string, path: readonly string[], setBy: string): Finding => ({
  ...{ file, segments: path, kind: 'refused' },
  message: `"${path.at(-1)}" stays as it is set in ${setBy}.`,
  hint: `Change ${setBy}.`,
});
