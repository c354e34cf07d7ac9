// Cost per pull request, as `tollgate label` or the configuration set it.
import { labelReport } from './label-report.ts';

export const pullRequestReport = labelReport('pullRequest', 'pr', 'Pull request', [
  'pullrequest',
  'pull-request',
]);
