// What each page of the dashboard asks for. To add one: a line here.
import type { PageAnswer, PageSource } from '../../dashboard/dashboard.ts';
import { VERSION } from '../../runtime/version.ts';
import type { CliContext } from '../command.ts';
import { readQuickConfig } from '../context.ts';
import { actionsOn } from '../live/watch-actions.ts';
import { commandSource, silent } from './command-source.ts';
import { nowJson } from './now-page.ts';
import type { OpenLedger } from './open-ledger.ts';

const json = (value: unknown): PageAnswer => ({
  type: 'application/json',
  body: JSON.stringify(value),
});

const REPORT_OPTIONS = {
  single: ['by', 'since', 'until', 'top', 'weekStart'],
  repeated: ['where'],
} as const;

/** By the name after `/api/`. */
export function pageSources(
  ledger: OpenLedger,
  readOnlyBecause: string | null,
  context: CliContext,
): ReadonlyMap<string, PageSource> {
  const report = () => import('../commands/report.ts');
  return new Map<string, PageSource>([
    ['about', async () => json(await about(readOnlyBecause, context))],
    ['now', () => json(readNow(ledger, context))],
    ['report', commandSource(report, REPORT_OPTIONS, context)],
    [
      'report.csv',
      commandSource(report, { ...REPORT_OPTIONS, fixed: { format: 'csv' } }, context, 'text/csv'),
    ],
  ]);
}

async function about(readOnlyBecause: string | null, context: CliContext) {
  const { timeZone } = await readQuickConfig(silent(context));
  return { version: VERSION, timeZone, readOnlyBecause };
}

function readNow(ledger: OpenLedger, context: CliContext) {
  const now = Date.now();
  const store = ledger.store();
  const statuses = actionsOn(store, silent(context), 'dashboard').read(now);
  ledger.follow(statuses.flatMap(({ session }) => session.transcriptPath ?? []));
  return nowJson(statuses, store, now);
}
