// Cost per project: the folder a session began in, as Claude Code and other reports count. Rule: the ledger's entries hold
// no folder; the sessions do.
import { type Report, UNATTRIBUTED } from './report.ts';

export const PROJECT = 'project';

/** The report, given the folder of each session by its id. */
export function projectReport(folders: ReadonlyMap<string, string | null>): Report {
  return {
    name: PROJECT,
    title: 'Project',
    aliases: ['projects'],
    reads: ['session'],
    order: 'cost',
    nullName: UNATTRIBUTED,
    groups:
      ({ read }) =>
      (sum) =>
        folders.get(String(read(sum, 'session'))) ?? UNATTRIBUTED,
  };
}
