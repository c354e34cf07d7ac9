// `tollgate reconcile`: compares the ledger with Claude Code's own totals and with the provider's bill.
// Rule: exit code 1 when any two of them differ.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { enqueueAlert } from '../../alerts/alert.ts';
import { compareBill } from '../../domain/bill.ts';
import type { SessionId } from '../../domain/ids.ts';
import { DAY_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { RATE_CARDS } from '../../pricing/rate-cards.ts';
import { resolveModel } from '../../pricing/resolve.ts';
import { DEFAULT_API_URL, readCostReport } from '../../reconcile/cost-api.ts';
import { type CostReportPage, parseCostReportText } from '../../reconcile/cost-report.ts';
import { reconcileSession, type SessionAccount } from '../../reconcile/reconcile-session.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, matchingSessions, withLedger } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { type Bill, printReconciled, type Reconciled, reconciledJson } from '../reconciled-text.ts';
import { parseSince } from '../since.ts';

const DEFAULT_KEY_NAME = 'ANTHROPIC_ADMIN_KEY';
/** Default number of the provider's days: as many as one page holds. */
const DEFAULT_DAYS = 31;

export function describe(command: Command): void {
  command
    .option('--session <id>', 'only this session (the beginning of its id is enough)')
    .option('--since <when>', 'sessions seen, and days billed, since: 12h, 7d, 2026-11-01')
    .option('--from <file>', "compare with the provider's Cost API report in this file")
    .option('--bill', "fetch the provider's Cost API report (an Admin API key is needed)")
    .option(
      '--admin-key-env <name>',
      `environment variable that holds the key (default ${DEFAULT_KEY_NAME}); implies --bill`,
    )
    .option('--api-url <url>', 'another address of the Cost API; implies --bill')
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
  const since = typeof options.since === 'string' ? parseSince(options.since, context.now) : null;
  // Before the ledger is opened, so that no lock is held while the network answers.
  const report = await readReport(options, since, context);
  const found: Reconciled = hasLedger(context)
    ? await withLedger(context, config, (store, deps) => {
        const accounts = readAccounts(store, deps, options.session, since, context);
        raiseDrift(accounts, store, deps, context);
        return { accounts, bill: report === null ? null : billOf(report, store, context) };
      })
    : { accounts: [], bill: report === null ? null : billOf(report, null, context) };
  if (options.json) printJson(reconciledJson(found), context);
  else printReconciled(found, context);
  return hasDifference(found) ? FINDINGS : FINE;
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
      const hasDrift = findings.some(({ code }) => code === 'DRIFT');
      if (!hasDrift || hostTotalNanoUsd === null || driftNanoUsd === null) continue;
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

interface Report {
  readonly source: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly pages: readonly CostReportPage[];
}

async function readReport(
  options: Readonly<Record<string, unknown>>,
  since: number | null,
  context: CliContext,
): Promise<Report | null> {
  const today = Math.floor(context.now / DAY_MS) * DAY_MS;
  const first = since === null ? today - (DEFAULT_DAYS - 1) * DAY_MS : dayOf(since);
  if (typeof options.from === 'string') {
    const pages = parseCostReportText(readText(options.from), options.from);
    // The file itself says which days it covers: a day it does not speak of is not compared.
    const days = pages
      .flatMap(({ dayAts }) => dayAts)
      .filter((at) => since === null || at >= first);
    const startAt = Math.min(...days, today);
    const endAt = days.length === 0 ? startAt : Math.max(...days) + DAY_MS;
    return { source: options.from, startAt, endAt, pages };
  }
  const isAsked =
    options.bill === true || options.adminKeyEnv !== undefined || options.apiUrl !== undefined;
  if (!isAsked) return null;
  const keyName = typeof options.adminKeyEnv === 'string' ? options.adminKeyEnv : DEFAULT_KEY_NAME;
  const apiUrl = typeof options.apiUrl === 'string' ? options.apiUrl : DEFAULT_API_URL;
  const api = { apiUrl: checkedUrl(apiUrl), adminKey: keyFrom(keyName, context), keyName };
  const range = { startAt: first, endAt: today + DAY_MS };
  return { source: apiUrl, ...range, pages: await readCostReport(api, range) };
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

function billOf(report: Report, store: Store | null, context: CliContext): Bill {
  const { source, startAt, endAt } = report;
  const sums =
    store?.readSums({
      by: ['day', 'model'],
      zone: { timeZone: 'UTC', shifts: [{ fromAt: 0, shiftMs: 0 }] },
      window: { startAt, endAt },
      where: [],
    }) ?? [];
  const ledger = sums.map(
    ({ key: [day, model], costNanoUsd, requestCount, unknownCount, usage }) => ({
      dayAt: Number(day) * DAY_MS,
      model: typeof model === 'string' ? model : null,
      costNanoUsd,
      requestCount,
      unknownCount,
      webSearchCount: usage.webSearchCount,
    }),
  );
  const bill = report.pages
    .flatMap(({ lines }) => lines)
    .filter(({ dayAt }) => dayAt >= startAt && dayAt < endAt);
  const nameOf = (given: string) => resolveModel(given, RATE_CARDS).model ?? given;
  return {
    source,
    startAt,
    endAt,
    comparison: compareBill({ ledger, bill, now: context.now, nameOf }),
  };
}

function hasDifference({ accounts, bill }: Reconciled): boolean {
  const differs = (cause: string) => cause !== 'EQUAL' && cause !== 'ROUNDING';
  return (
    accounts.some(({ findings }) =>
      findings.some(({ code }) => code === 'DRIFT' || code === 'METERED_ABOVE_CLIENT'),
    ) ||
    (bill?.comparison.days.some(({ cause }) => differs(cause)) ?? false)
  );
}

function keyFrom(name: string, context: CliContext): string {
  const key = context.env[name]?.trim();
  if (key && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new TollgateError({
    code: 'NO_ADMIN_KEY',
    message: `the environment variable ${name} ${key ? 'holds no key' : 'is not set'}`,
    hint: `put an Admin API key into it (Console → Settings → Admin keys), or give an export with --from`,
  });
}

function checkedUrl(text: string): string {
  let url: URL | null = null;
  try {
    url = new URL(text);
  } catch {
    // refused below
  }
  const isLocal = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return text;
  throw new TollgateError({
    code: 'BAD_API_URL',
    message: `--api-url ${text} is not an https address`,
    hint: 'a key must not travel in the clear; http is for this machine only',
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TollgateError({
      code: 'BAD_COST_REPORT',
      message: `no cost report can be read from ${file}: ${(cause as Error).message}`,
      hint: 'give the path of the exported JSON',
      cause,
    });
  }
}
