// Cost per linked worktree.
import { defaultedReport } from './label-report.ts';

export const worktreeReport = defaultedReport(
  'worktree',
  'repository',
  '(main worktree)',
  'worktree',
  'Worktree',
);
