// Cost per client, by the rules of the configuration.
import { labelReport } from './label-report.ts';

export const clientReport = labelReport('client', 'client', 'Client', ['customer']);
