// Cost per tool that the response asked for first.
import { defaultedReport } from './label-report.ts';

export const toolReport = defaultedReport('tool', 'model', '(no tool)', 'tool', 'Tool');
