// How what files say about statements and projects becomes one. Rule: a repository says nothing about them, since it may be the client's own; of two
// files that may, the outer one stands and the inner one adds.
import type { Project, StatementSettings } from '../domain/billing.ts';
import type { Finding, Layer } from './layer.ts';

/** What holds where no file says anything. */
export const DEFAULT_STATEMENTS: StatementSettings = {
  sender: null,
  numberPattern: '{year}-{sequence:4}',
  rates: [],
  clients: {},
};

export interface Billing {
  readonly statements: StatementSettings;
  readonly projects: readonly Project[];
}

/** Takes over what a file says, or refuses it. `origins` gains the path of each value that it set. */
export function mergeBilling(
  { statements: outer, projects }: Billing,
  { file, kind, settings }: Layer,
  origins: Record<string, string>,
): Billing & { readonly findings: readonly Finding[] } {
  const said = settings.statements;
  const added = settings.projects ?? [];
  if (kind !== 'managed' && kind !== 'user') {
    const named = [
      ...(said === undefined ? [] : ['statements']),
      ...(settings.projects ? ['projects'] : []),
    ];
    return {
      statements: outer,
      projects,
      findings: named.map((name) => refusedByPlace(file, name)),
    };
  }
  const findings: Finding[] = [];
  const keep = (...path: string[]): boolean => {
    const dotted = path.join('.');
    const setBy = origins[dotted];
    if (setBy === undefined) origins[dotted] = file;
    else findings.push(refusedByOuter(file, path, setBy));
    return setBy === undefined;
  };
  const { sender, numberPattern, rates = [], clients = {} } = said ?? {};
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
    projects: [...projects, ...added.filter(({ id }) => keep('projects', id))],
    findings,
  };
}

const refusedByPlace = (file: string, name: string): Finding => ({
  ...{ file, segments: [name], kind: 'refused' },
  message: `"${name}" are not configured in a repository's file.`,
  hint: `Put "${name}" into your own file, ~/.config/tollgate/config.json.`,
});

const refusedByOuter = (file: string, path: readonly string[], setBy: string): Finding => ({
  ...{ file, segments: path, kind: 'refused' },
  message: `"${path.at(-1)}" stays as it is set in ${setBy}.`,
  hint: `Change ${setBy}.`,
});
