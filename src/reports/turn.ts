// Cost per turn: one prompt and all that follows, by the agent's own id.
import { labelReport } from './label-report.ts';
import type { Report } from './report.ts';

export const turnReport: Report = {
  ...labelReport('turn', 'turn', 'Turn', ['prompt', 'turns']),
  isId: true,
};
