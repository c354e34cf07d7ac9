// `tollgate reconcile`: compares the ledger with Claude Code's own totals and with the provider's bill.
// Rule: exit code 1 when any two of them differ.
import type { Command } from 'commander';
import { enqueueAlert } from '../../alerts/alert.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { reconcileSession, type SessionAccount } from '../../reconcile/reconcile-session.ts';
import { parseSpan } from '../../reports/time-range.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, matchingSessions, withLedger } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { gather } from '../options.ts';
import { printJson } from '../print-json.ts';
import { billOf, DEFAULT_KEY_NAME, readBill } from '../provider-bill.ts';
import { requireConfig } from '../read-config.ts';
import { type Bill, printReconciled, type Reconciled, reconciledJson } from '../reconciled-text.ts';
import { parseSince } from '../since.ts';

export function describe(command: Command): void {
  command
    .option('--session <id>', 'only this session (the beginning of its id is enough)')
    .option('--since <when>', 'sessions seen, and days billed, since: 12h, 7d, 2026-11-01')
    .option('--month <month>', "the provider's month, in UTC: 2026-10, last-month")
    .option(
      '--from <file>',
      'compare with this file: a Cost API or Claude Code Analytics report (JSON), or the cost export of the Console (CSV)',
    )
    .option('--bill', "fetch the provider's Cost API report (an Admin API key is needed)")
    .option('--analytics', 'fetch its Claude Code Analytics report instead')
    .option(
      '--admin-key-env <name>',
      `environment variable that holds the key (default ${DEFAULT_KEY_NAME}); implies --bill`,
    )
    .option('--admin-key-file <file>', 'or a file that only you may read; implies --bill')
    .option('--admin-key-command <command>', 'or a program that prints it; implies --bill')
    .option('--api-url <url>', 'another address of the API; implies --bill')
    .option(
      '--payer <name>',
      'only this API key or person, as the report names it; may be repeated',
      gather,
    )
    .option('--spread', 'what of the difference falls to each client, by cost, for its statement')
    .option('--json', 'print JSON (schema tollgate/reconcile@1)')
    .addHelpText(
      'after',
      `
Every dollar is metered (read off a usage line), settled (in Claude Code's total, on no line) or
estimated (not settled yet). Drift is ledger − Claude Code's total, with what a parent session spent.

Examples:
  tollgate reconcile
  tollgate reconcile --session 9f2c --json
  tollgate reconcile --since 7d --bill
  tollgate reconcile --month 2026-10 --from cost-export.csv --payer claude-code --spread
  tollgate reconcile --month 2026-10 --analytics --admin-key-command 'pass show anthropic-admin'
  tollgate reconcile --since 2026-11-01 --from cost-report.json

Exit code 1 when a session differs from Claude Code's total by more than $0.000001,
or a day from the bill.`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const config = requireConfig(context);
  const span = spanOf(options, context.now);
  const since = span?.startAt ?? null;
  // Before the ledger is opened, so that no lock is held while the network answers.
  const report = await readBill(options, span, context);
  const found: Reconciled = hasLedger(context)
    ? await withLedger(context, config, async (store, deps) => {
        const accounts = readAccounts(store, deps, options.session, since, context);
        raiseDrift(accounts, store, deps, context);
        const bill = report === null ? null : await billOf(report, options, store, context);
        if (bill !== null) raiseBillDrift(bill, store, deps, context);
        return { accounts, bill };
      })
    : { accounts: [], bill: report === null ? null : await billOf(report, options, null, context) };
  if (options.json) printJson(reconciledJson(found), context);
  else printReconciled(found, context);
  return hasDifference(found) ? FINDINGS : FINE;
}

/** The span that is asked for; `endAt` is of a month. */
function spanOf(
  { since, month }: Readonly<Record<string, unknown>>,
  now: number,
): { readonly startAt: number; readonly endAt: number | null } | null {
  if (typeof month === 'string') return parseSpan(month, month, now, 'UTC');
  return typeof since === 'string' ? { startAt: parseSince(since, now), endAt: null } : null;
}

function readAccounts(
  store: Store,
  deps: EventDeps,
  wanted: unknown,
  since: number | null,
  context: CliContext,
): SessionAccount[] {
  const seen = store.readSessions(since === null ? {} : { sinceAt: since });
  const sessions = matchingSessions(seen, wanted);
  // Parents first: a fork inherits what its parent has spent.
  const ids = sessions.map(({ sessionId }) => sessionId).reverse();
  const accounts = ids.flatMap((id: SessionId) => {
    const account = reconcileSession(id, deps, context.now);
    return account === null ? [] : [account];
  });
  return accounts.reverse();
}

/** Tells of sessions whose ledger differs from the client's own total, each once. */
function raiseDrift(
  accounts: readonly SessionAccount[],
  store: Store,
  { config }: EventDeps,
  { now }: CliContext,
): void {
  store.immediately(() => {
    for (const { session, hostTotalNanoUsd, driftNanoUsd, findings } of accounts) {
      if (!hasDrift(findings) || hostTotalNanoUsd === null || driftNanoUsd === null) continue;
      const figures = {
        ledgerNanoUsd: hostTotalNanoUsd + driftNanoUsd,
        otherNanoUsd: hostTotalNanoUsd,
      };
      const alert = { code: 'DRIFT_FOUND', source: "Claude Code's total", ...figures } as const;
      const onceKey = `DRIFT_FOUND|${session.sessionId}`;
      enqueueAlert({ alert, onceKey }, session.sessionId, { store, config }, now);
    }
  });
}

/** Tells of days that the provider's bill has otherwise, all together, once for the newest of them. */
function raiseBillDrift(
  { comparison }: Bill,
  store: Store,
  { config }: EventDeps,
  { now }: CliContext,
): void {
  const days = comparison.days.filter(({ cause }) => differs(cause) && cause !== 'PROVIDER_LATE');
  const newest = days.at(-1);
  if (newest === undefined) return;
  const sum = (side: 'ledgerNanoUsd' | 'providerNanoUsd') =>
    days.reduce((total, day) => total + day[side], 0);
  const figures = { ledgerNanoUsd: sum('ledgerNanoUsd'), otherNanoUsd: sum('providerNanoUsd') };
  const alert = { code: 'DRIFT_FOUND', source: "the provider's bill", ...figures } as const;
  const onceKey = `DRIFT_FOUND|bill|${newest.dayAt}`;
  store.immediately(() => enqueueAlert({ alert, onceKey }, null, { store, config }, now));
}

const differs = (cause: string): boolean => cause !== 'EQUAL' && cause !== 'ROUNDING';

const hasDrift = (findings: SessionAccount['findings']): boolean =>
  findings.some(({ code }) => code === 'DRIFT' || code === 'METERED_ABOVE_CLIENT');

function hasDifference({ accounts, bill }: Reconciled): boolean {
  return (
    accounts.some(({ findings }) => hasDrift(findings)) ||
    (bill?.comparison.days.some(({ cause }) => differs(cause)) ?? false)
  );
}
