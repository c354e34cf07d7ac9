// Cost per kind of subagent; what no subagent spent was the main loop.
import { defaultedReport } from './label-report.ts';

export const agentReport = defaultedReport('agentType', 'model', '(main)', 'agent', 'Agent', [
  'agenttype',
  'subagent',
]);
