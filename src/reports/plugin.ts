// Cost per plugin the work came through.
import { labelReport } from './label-report.ts';

export const pluginReport = labelReport('plugin', 'plugin', 'Plugin');
