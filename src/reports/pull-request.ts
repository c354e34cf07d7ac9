// Cost per pull request, as `gh` knew it of the branch, or `tollgate label` said it.
import { labelReport } from './label-report.ts';

export const pullRequestReport = labelReport('pullRequest', 'pr', 'Pull request', [
  'pullrequest',
  'pull-request',
]);
