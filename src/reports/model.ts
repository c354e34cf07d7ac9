// Cost per model, as the agent spelled it.
import { labelReport } from './label-report.ts';

export const modelReport = labelReport('model', 'model', 'Model');
