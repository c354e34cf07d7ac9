// Cost per branch, as each request found it checked out; a detached head has none.
import { labelReport } from './label-report.ts';

export const branchReport = labelReport('branch', 'branch', 'Branch');
