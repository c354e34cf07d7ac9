// Cost per person, by git e-mail address.
import { labelReport } from './label-report.ts';

export const developerReport = labelReport('developer', 'developer', 'Developer', [
  'person',
  'user',
]);
