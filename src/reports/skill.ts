// Cost per skill that was active.
import { labelReport } from './label-report.ts';

export const skillReport = labelReport('skill', 'skill', 'Skill');
