// Cost per folder inside a repository.
import { defaultedReport } from './label-report.ts';

export const subPathReport = defaultedReport(
  'subPath',
  'repository',
  '(top folder)',
  'subPath',
  'Folder',
  ['sub-path', 'folder'],
);
