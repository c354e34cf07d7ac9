// Cost by how it is known: read off a usage line, off the client total, or estimated.
import { labelReport } from './label-report.ts';

export const provenanceReport = labelReport('provenance', 'provenance', 'Provenance');
