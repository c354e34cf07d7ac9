// Cost per cost centre, by the rules of the configuration.
import { labelReport } from './label-report.ts';

export const costCentreReport = labelReport('costCentre', 'costCentre', 'Cost centre', [
  'cost-centre',
  'costcenter',
  'cost-center',
]);
