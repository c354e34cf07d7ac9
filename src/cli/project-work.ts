// The merged pull requests of a project, asked of `gh`. Rule: each repository is asked once; what is not known is said with its reason.
import { findGh, isAskable, listMerged } from '../attribution/pull-request-list.ts';
import type { Project } from '../domain/project.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { Window } from '../domain/time.ts';
import { type MergedWork, projectEntries, type Work } from '../projects/read-project.ts';
import { zoneDays } from '../reports/local-time.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** Every repository that the ledger knows under these conditions. */
export function repositoriesOf(project: Project | null, store: Pick<Store, 'readSums'>): string[] {
  const window = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };
  const zone = zoneDays('UTC', { startAt: 0, endAt: 0 });
  const where = project === null ? [] : projectEntries(project);
  const seen = store
    .readSums({ by: ['repository'], zone, window, where })
    .flatMap(({ key: [name] }) => (typeof name === 'string' ? name : []));
  const named = (project?.repositories ?? []).filter((name) => !/[*?]/.test(name));
  return [
    ...new Map([...seen, ...named].map((name) => [repositoryKey(name), name])).values(),
  ].sort();
}

/** Asks about repositories, and keeps what was merged in a window. */
export async function readMergedWork(
  repositories: readonly string[],
  window: Window,
  { env }: CliContext,
): Promise<Work> {
  const gh = findGh(env);
  if (gh === null) return { kind: 'unknown', why: 'gh is not installed' };
  const askable = repositories.filter(isAskable);
  if (askable.length === 0) return { kind: 'unknown', why: 'no repository is one that gh knows' };
  const merged: MergedWork[] = [];
  for (const repository of askable) {
    const listed = await listMerged(gh, repository, env);
    if (listed.kind === 'failed') return { kind: 'unknown', why: `${repository}: ${listed.why}` };
    for (const each of listed.merged) {
      const isWithin = each.mergedAt >= window.startAt && each.mergedAt < window.endAt;
      if (isWithin) merged.push({ repository, ...each });
    }
  }
  return { kind: 'listed', merged };
}
