// Cost per ticket, as the branch names it.
import { labelReport } from './label-report.ts';

export const ticketReport = labelReport('ticket', 'ticket', 'Ticket', ['issue']);
