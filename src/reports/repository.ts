// Cost per repository, by its normalised remote; linked worktrees fold into theirs.
import { labelReport } from './label-report.ts';

export const repositoryReport = labelReport('repository', 'repository', 'Repository', ['repo']);
