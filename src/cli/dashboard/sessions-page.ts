// What the list of sessions shows, of a machine or of a team: a report by session, and what each is called.
import type { PageSource } from '../../dashboard/dashboard.ts';
import { json } from './page-options.ts';

/** `null`: nobody knows it. */
export interface NamedSession {
  readonly title: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
}

const NOT_KNOWN: NamedSession = { title: null, repository: null, branch: null };

/** Schema `tollgate/dashboard-sessions@1`. `readNamed`: those of the ids that are known. */
export function sessionsSource(
  report: PageSource,
  readNamed: (ids: readonly string[]) => Promise<ReadonlyMap<string, NamedSession>>,
): PageSource {
  return async (query) => {
    query.set('by', 'session');
    const answer = JSON.parse((await report(query)).body) as {
      readonly rows: readonly { readonly key: Readonly<Record<string, string>> }[];
    };
    const idOf = (row: (typeof answer.rows)[number]) => row.key.session ?? '';
    const named = await readNamed(answer.rows.map(idOf));
    const rows = answer.rows.map((row) => ({ ...row, ...(named.get(idOf(row)) ?? NOT_KNOWN) }));
    return json({ ...answer, schema: 'tollgate/dashboard-sessions@1', rows });
  };
}
