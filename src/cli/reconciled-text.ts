// How `tollgate reconcile` says what it found: as JSON (tollgate/reconcile@1) and as a table for people.
import type { BillComparison, BillDifference, BillFacts, Cause } from '../domain/bill.ts';
import { shortId } from '../domain/ids.ts';
import { exactUsd, formatUsd, type NanoUsd, toUsdNumber } from '../domain/money.ts';
import type { Finding, SessionAccount } from '../reconcile/reconcile-session.ts';
import { layOut, type TextColumn } from '../reports/formats/layout.ts';
import { printable } from '../reports/formats/width.ts';
import type { CliContext } from './command.ts';
import { fitLines, readerColumns } from './wrap-text.ts';

/** The provider's side of a comparison. */
export interface Bill {
  /** The file, or the address. */
  readonly source: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly comparison: BillComparison;
  readonly facts: BillFacts;
  /** By developer, in the same days. */
  readonly developers: ReadonlyMap<string, NanoUsd>;
  /** The difference by client (`null`: what belongs to none); `null`: nobody asked for it. */
  readonly spread: ReadonlyMap<string | null, NanoUsd> | null;
}

/** Everything that was found. */
export interface Reconciled {
  readonly accounts: readonly SessionAccount[];
  readonly bill: Bill | null;
}

/** The versioned JSON. */
export function reconciledJson({ accounts, bill }: Reconciled) {
  const sum = (pick: (account: SessionAccount) => number) =>
    accounts.reduce((total, account) => total + pick(account), 0);
  const costNanoUsd = sum(({ totals }) => totals.costNanoUsd);
  return {
    schema: 'tollgate/reconcile@1',
    sessions: accounts.map(sessionJson),
    total: {
      sessionCount: accounts.length,
      costNanoUsd,
      costUsd: toUsdNumber(costNanoUsd),
      provenance: {
        meteredNanoUsd: sum(({ totals }) => totals.provenance.meteredNanoUsd),
        settledNanoUsd: sum(({ totals }) => totals.provenance.settledNanoUsd),
        estimatedNanoUsd: sum(({ totals }) => totals.provenance.estimatedNanoUsd),
      },
      driftNanoUsd: sum(({ driftNanoUsd }) => Math.abs(driftNanoUsd ?? 0)),
    },
    provider: bill === null ? null : billJson(bill),
  };
}

function sessionJson({ session, totals, ...account }: SessionAccount) {
  return {
    sessionId: session.sessionId,
    repository: session.repository,
    branch: session.branch,
    startedAt: session.startedAt,
    lastSeenAt: session.lastSeenAt,
    requestCount: totals.requestCount,
    costNanoUsd: totals.costNanoUsd,
    costUsd: toUsdNumber(totals.costNanoUsd),
    provenance: totals.provenance,
    inheritedNanoUsd: session.inheritedNanoUsd,
    parentSessionId: session.parentSessionId,
    hostTotalNanoUsd: account.hostTotalNanoUsd,
    sinceTotalNanoUsd: account.sinceTotalNanoUsd,
    driftNanoUsd: account.driftNanoUsd,
    settledNowNanoUsd: account.settledNowNanoUsd,
    findings: account.findings,
  };
}

function billJson(bill: Bill) {
  const { source, startAt, endAt, comparison, facts, spread } = bill;
  const json = (difference: BillDifference) => {
    const { dayAt, model, ...rest } = difference;
    return { day: dayText(dayAt), ...(model === null ? {} : { model }), ...rest };
  };
  const sum = (pick: (day: BillDifference) => number) =>
    comparison.days.reduce((total, day) => total + pick(day), 0);
  return {
    source,
    startAt,
    endAt,
    days: comparison.days.map(json),
    models: comparison.models.map(json),
    payers: payersOf(bill),
    discountNanoUsd: facts.discountNanoUsd,
    otherPayersNanoUsd: facts.otherNanoUsd,
    spread: spread && [...spread].map(([client, costNanoUsd]) => ({ client, costNanoUsd })),
    total: {
      ledgerNanoUsd: sum(({ ledgerNanoUsd }) => ledgerNanoUsd),
      providerNanoUsd: sum(({ providerNanoUsd }) => providerNanoUsd),
      differenceNanoUsd: sum(({ differenceNanoUsd }) => differenceNanoUsd),
    },
  };
}

/** Who is on the bill, and what the ledger has of them: only people are known to both. */
const payersOf = ({ facts, developers }: Bill) =>
  facts.payers.map(({ payer, costNanoUsd }) => ({
    ...{ payer, costNanoUsd },
    ledgerNanoUsd: payer.includes('@') ? (developers.get(payer.toLowerCase()) ?? 0) : null,
  }));

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The table for people. */
export function printReconciled({ accounts, bill }: Reconciled, context: CliContext): void {
  if (accounts.length === 0) context.print('No session to reconcile.\n');
  else context.print(sessionsText(accounts, context));
  if (bill !== null) context.print(billText(bill, context));
}

function sessionsText(accounts: readonly SessionAccount[], context: CliContext): string {
  const rows = accounts.map((account) => {
    const { session, totals, hostTotalNanoUsd, driftNanoUsd } = account;
    const { meteredNanoUsd, settledNanoUsd, estimatedNanoUsd } = totals.provenance;
    return [
      shortId(session.sessionId),
      formatUsd(meteredNanoUsd),
      formatUsd(settledNanoUsd),
      formatUsd(estimatedNanoUsd),
      formatUsd(session.inheritedNanoUsd),
      hostTotalNanoUsd === null ? '-' : formatUsd(hostTotalNanoUsd),
      driftNanoUsd === null ? '-' : formatUsd(driftNanoUsd),
    ];
  });
  const heading = ['session', 'metered', 'settled', 'estimated', 'inherited', 'client', 'drift'];
  // Where there is no place, what is seldom needed goes first.
  const weights = [0, 0, 1, 2, 3, 0, 0];
  const notes = accounts.flatMap(({ session, findings }) =>
    findings.map((finding) => `  ${shortId(session.sessionId)}  ${findingText(finding)}`),
  );
  const table = tableLines(heading, rows, weights, context);
  return fitLines([...table, ...(notes.length > 0 ? ['', ...notes] : [])], context);
}

function findingText(finding: Finding): string {
  switch (finding.code) {
    case 'DRIFT':
      return `differs from Claude Code's total by ${formatUsd(finding.driftNanoUsd)}`;
    case 'METERED_ABOVE_CLIENT':
      return `its usage lines come to ${formatUsd(finding.byNanoUsd)} more than Claude Code's total: check prices with tollgate price`;
    case 'NEVER_SETTLED':
      return 'Claude Code has reported no total yet; it does when the session ends';
    case 'NO_TRANSCRIPT':
      return finding.path === null
        ? 'no transcript is known: what it spent cannot be seen'
        : `its transcript is not there (${finding.path}): only what was read before is counted`;
    case 'UNKNOWN_MODEL':
      return `no price is known for ${finding.model}: priced as the most expensive model of its family`;
    case 'OWN_PRICES':
      return "own prices by model are configured, so Claude Code's total (list price) cannot be compared";
  }
}

const CAUSES: Readonly<Record<Cause, string>> = {
  EQUAL: '',
  ROUNDING: 'rounding',
  PROVIDER_LATE: 'the day is not fully booked yet',
  NOT_IN_LEDGER: 'spent elsewhere: other people, machines or programs of the organisation',
  NOT_ON_THIS_BILL: 'paid elsewhere: another organisation, a cloud, a subscription, priority tier',
  UNPRICED_MODEL: 'the model has no price here; set one under pricing.models',
  DAY_BOUNDARY: 'requests around midnight UTC, booked on the neighbouring day',
  PRICE_DIFFERS: 'another price',
  HIDDEN_REQUESTS: 'compaction and side requests, whose model no transcript names',
};

function billText(bill: Bill, context: CliContext): string {
  const { source, startAt, endAt, comparison } = bill;
  const line = (difference: BillDifference, name: string): string[] => [
    name,
    formatUsd(difference.ledgerNanoUsd),
    formatUsd(difference.providerNanoUsd),
    signed(difference.differenceNanoUsd),
    causeText(difference),
  ];
  const rows = comparison.days.flatMap((day) => [
    line(day, dayText(day.dayAt)),
    ...comparison.models
      .filter(({ dayAt }) => dayAt === day.dayAt)
      .map((each) => line(each, `  ${each.model}`)),
  ]);
  const range = `${dayText(startAt)} to ${dayText(Math.max(startAt, endAt - 1))} (UTC)`;
  const title = `\nAgainst the bill of ${source}, ${range}\n`;
  if (rows.length === 0) return `${title}Nothing was spent on either side.\n`;
  const heading = ['day', 'ledger', 'provider', 'difference', 'likely cause'];
  const table = tableLines(heading, rows, [0, 0, 0, 0, 0], context).join('\n');
  return `${title}${table}\n${fitLines(factLines(bill), context)}`;
}

/** What is known of the difference as a whole. */
function factLines(bill: Bill): string[] {
  const { facts, spread, comparison } = bill;
  const difference = comparison.days.reduce((sum, day) => sum - day.differenceNanoUsd, 0);
  const payers = payersOf(bill).map(({ payer, costNanoUsd, ledgerNanoUsd }) => {
    const paid = `  ${printable(payer)}  ${formatUsd(costNanoUsd)}`;
    if (ledgerNanoUsd === null) return paid;
    const unseen = ledgerNanoUsd === 0 ? ': no machine of theirs is in this ledger' : '';
    return `${paid}, in the ledger ${formatUsd(ledgerNanoUsd)}${unseen}`;
  });
  const shares = [...(spread ?? [])].map(
    ([client, share]) => `  ${printable(client ?? '(unattributed)')}  ${signed(share)}`,
  );
  return [
    '',
    `Provider − ledger: ${signed(difference)}`,
    ...(facts.discountNanoUsd === 0
      ? []
      : [`Discounts on list price: ${formatUsd(facts.discountNanoUsd)}`]),
    ...(facts.otherNanoUsd === 0
      ? []
      : [`Paid by others on this bill, left out: ${formatUsd(facts.otherNanoUsd)}`]),
    ...(payers.length > 0 ? ['On the bill:', ...payers] : []),
    ...(shares.length > 0
      ? [
          'By client, by what each has cost:',
          ...shares,
          `tollgate statement --all --difference=${exactUsd(difference)} puts these shares on their statements.`,
        ]
      : []),
  ];
}

function causeText({ cause, ratio }: BillDifference): string {
  if (ratio === null) return CAUSES[cause];
  return `${CAUSES[cause]}: the provider charges ${ratio} of ours (pricing.multiplier, batch)`;
}

function signed(amount: NanoUsd): string {
  return amount > 0 ? `+${formatUsd(amount)}` : formatUsd(amount);
}

/** Columns side by side: names and causes to the left, amounts to the right. */
function tableLines(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  weights: readonly number[],
  context: CliContext,
): string[] {
  const columns = heading.map((title, index): TextColumn => {
    const isText = index === 0 || title === 'likely cause';
    const cells = rows.map((row) => row[index] ?? '');
    const align = isText ? 'left' : 'right';
    return {
      ...{ title, cells, align, total: '' },
      weight: weights[index] ?? 0,
      canShrink: isText,
    };
  });
  const asItIs = (line: string) => line;
  return layOut(columns, readerColumns(context), { heading: asItIs, total: asItIs });
}
