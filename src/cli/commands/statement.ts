// `tollgate statement`: what a client is billed for a period, as a document to send. Rule: without --issue it is a draft and says so; what was
// issued is kept and never changed.
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { parseUsd } from '../../domain/money.ts';
import { ALL_TIME } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import { parseSpan } from '../../reports/time-range.ts';
import type { StatementFormat } from '../../statements/formats/format.ts';
import { STATEMENT_FORMATS } from '../../statements/formats/formats.ts';
import { readCorrections, statementOf } from '../../statements/issued.ts';
import { makeStatement, type StatementInput } from '../../statements/make-statement.ts';
import { rowsReader, type SumReads } from '../../statements/read-rows.ts';
import { spreadLines, spreadOver } from '../../statements/spread.ts';
import type { Statement } from '../../statements/statement.ts';
import { rateAt, termsOf } from '../../statements/terms.ts';
import type { IssuedStatement, Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, withStore } from '../context.ts';
import { issueStatement } from '../issue-statement.ts';
import { gather, textOf, textsOf } from '../options.ts';
import { requireConfig } from '../read-config.ts';
import { listIssued, type Printing, printStatements } from '../statement-output.ts';
import { TEAM_OPTION, withTeamReads } from '../team/reading.ts';
import { verifyStatement } from '../verify-statement.ts';

export function describe(command: Command): void {
  command
    .option('--client <name>', 'whom it is for; may be repeated', gather)
    .option('--all', 'every client that the ledger or the configuration knows')
    .option('--month <month>', '2026-10, this-month, … Default: last month')
    .option('--since <time>', 'instead of a month: from, as in tollgate report')
    .option('--until <time>', 'up to and including')
    .option(
      '--format <format>',
      STATEMENT_FORMATS.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
      'markdown',
    )
    .option('--out <path>', 'write it to this file; to this folder where there are several')
    .option(
      '--difference <usd>',
      'spread what the provider billed beyond the ledger over the clients, by cost (see reconcile --spread)',
    )
    .option('--issue', 'give it a number and keep it: the period is over, and this is sent')
    .option('--number <number>', 'one that was issued, again')
    .option('--issued', 'list what was issued')
    .option('--verify <file>', 'whether a file is what was issued, and the ledger still says so')
    .option(...TEAM_OPTION)
    .option('--json', 'print JSON (schema tollgate/statement@1)')
    .addHelpText(
      'after',
      `
Terms, addresses and rates are configured in your own file; see docs/statements.md.
What the ledger says otherwise after a statement was issued is a line of the client's next one.

Exit code 1 with --verify when the file is not what was issued, or the ledger says otherwise now.

Examples:
  tollgate statement --client Acme --month 2026-10
  tollgate statement --client Acme --month 2026-10 --issue --format pdf --out acme.pdf
  tollgate statement --all --format html --out statements/
  tollgate statement --client Acme --since 2026-10-01 --until 2026-12-31 --format focus
  tollgate statement --number 2026-0001 --format excel --out acme.csv
  tollgate statement --verify acme.pdf`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const format = parseFormat(options.format);
  const config = requireConfig(context);
  if (!options.team && !hasLedger(context)) throw noLedger();
  return withStore(context, async (store) => {
    const printing: Printing = { format, options, context };
    if (options.issued) return listIssued(store, printing);
    if (typeof options.number === 'string') {
      const statement = statementOf(issuedAs(options.number, store));
      return printStatements([statement], null, printing);
    }
    const bill = (reads: SumReads) => makeAll({ store, read: rowsReader(reads), config, printing });
    return options.team ? withTeamReads(context, bill) : bill(store);
  });
}

/** What statements are made from, and where they are kept. */
interface Billing {
  readonly store: Store;
  /** The rows of this machine's ledger, or of the team's. */
  readonly read: ReturnType<typeof rowsReader>;
  readonly config: Config;
  readonly printing: Printing;
}

async function makeAll(billing: Billing): Promise<number> {
  const { store, read, config, printing } = billing;
  const { options, context } = printing;
  if (typeof options.verify === 'string') {
    return verifyStatement(options.verify, store.readStatements(), read, printing);
  }
  if (!options.team && isOnPlan(config, store, context.now)) {
    context.emit(
      `tollgate: these amounts come from list prices, which your plan does not bill you; a flat fee or an amount per developer bills a plan (docs/statements.md)`,
    );
  }
  const shares = await sharesOf(billing);
  const inputs: StatementInput[] = [];
  for (const client of await clientsOf(billing)) {
    inputs.push(await inputOf(client, shares, billing));
  }
  const made: Statement[] = [];
  for (const input of inputs) {
    const isEmpty = input.rows.length === 0 && input.otherLines.length === 0;
    if (isEmpty && (options.issue || options.all)) {
      context.emit(`tollgate: nothing to bill to ${input.client}`);
    } else {
      made.push(options.issue ? await issueStatement(input, store, config) : makeStatement(input));
    }
  }
  const window = inputs[0];
  const unattributed = options.all && window ? ((await read(window)).get(null) ?? []) : null;
  return printStatements(made, unattributed, printing);
}

async function inputOf(
  client: string,
  shares: ReadonlyMap<string | null, number>,
  { store, read, config, printing: { options, context } }: Billing,
): Promise<StatementInput> {
  const terms = termsOf(client, config.statements, config.timeZone);
  const window = windowOf(options, context, terms.timeZone);
  const rate = rateAt(terms.currency, window.endAt, config.statements);
  const issued = store.readStatements();
  if (!options.team) refuseTeams(client, issued);
  return {
    ...{ number: null, client, sender: config.statements.sender, terms, rate, ...window },
    madeAt: context.now,
    rows: (await read(window)).get(client) ?? [],
    otherLines: [
      ...spreadLines(shares.get(client) ?? 0, terms, rate),
      ...(await readCorrections(client, issued, read, { terms, rate })),
    ],
    ...(options.team === true && { isOfTeam: true }),
  };
}

/** One machine's ledger cannot tell what a statement of the team's must be corrected by. */
function refuseTeams(client: string, issued: readonly IssuedStatement[]): void {
  const found = issued.find((each) => each.client === client && statementOf(each).isOfTeam);
  if (found === undefined) return;
  throw new TollgateError({
    code: 'STATEMENT_OF_TEAM',
    message: `statement ${found.number} to ${client} bills the team's ledger`,
    hint: 'give --team, so that this one and its corrections do, too',
  });
}

/** Each client's part of the difference to the provider's bill, whose days are of UTC. */
async function sharesOf({
  read,
  printing: { options, context },
}: Billing): Promise<ReadonlyMap<string | null, number>> {
  const text = textOf(options.difference);
  if (text === undefined) return new Map();
  const difference = parseUsd(text);
  if (difference !== null) {
    return spreadOver(difference, await read(windowOf(options, context, 'UTC')));
  }
  throw new TollgateError({
    code: 'AMOUNT_UNREADABLE',
    message: `--difference ${text} is no amount of dollars`,
    hint: 'write what tollgate reconcile --month … --spread says, like --difference=12.34 or --difference=-3.10',
  });
}

function windowOf(
  { month, since, until }: Readonly<Record<string, unknown>>,
  { now }: CliContext,
  timeZone: string,
): { readonly startAt: number; readonly endAt: number } {
  const isSpan = since !== undefined || until !== undefined;
  if (isSpan && month !== undefined) {
    throw periodUnreadable('--month and --since or --until name two periods');
  }
  const name = textOf(month) ?? 'last-month';
  const { startAt, endAt } = isSpan
    ? parseSpan(textOf(since), textOf(until) ?? 'now', now, timeZone)
    : parseSpan(name, name, now, timeZone);
  if (Number.isFinite(startAt)) return { startAt, endAt };
  throw periodUnreadable('--until alone names no period');
}

/** The clients that are asked for. Throws `TollgateError` for one that nobody knows. */
async function clientsOf({
  store,
  read,
  config,
  printing: { options },
}: Billing): Promise<readonly string[]> {
  const seen = [...(await read(ALL_TIME)).keys()].filter((name) => name !== null);
  const configured = [
    ...Object.keys(config.statements.clients).filter((name) => name !== '*'),
    ...config.clients.flatMap(({ client }) => client ?? []),
    ...store.readStatements().map(({ client }) => client),
  ];
  const known = [...new Set([...seen, ...configured])].sort();
  if (options.all) return known;
  const wanted = textsOf(options.client);
  if (wanted.length === 0) throw clientUnknown('for whom?', known);
  return wanted.map((word) => {
    const found =
      known.find((name) => name === word) ??
      known.find((name) => name.toLowerCase() === word.toLowerCase());
    if (found === undefined) throw clientUnknown(`no client is called ${word}`, known);
    return found;
  });
}

function issuedAs(number: string, store: Store): IssuedStatement {
  const found = store.readStatements().find((each) => each.number === number);
  if (found) return found;
  throw new TollgateError({
    code: 'STATEMENT_UNKNOWN',
    message: `no statement ${number} was issued from this ledger`,
    hint: 'tollgate statement --issued lists them',
  });
}

function parseFormat(value: unknown): StatementFormat {
  const name = String(value).toLowerCase();
  const found = STATEMENT_FORMATS.find((each) => each.name === name);
  if (found) return found;
  throw new TollgateError({
    code: 'FORMAT_UNKNOWN',
    message: `--format ${name} is not known`,
    hint: `formats: ${STATEMENT_FORMATS.map((each) => each.name).join(', ')}`,
  });
}

const clientUnknown = (message: string, known: readonly string[]): TollgateError =>
  new TollgateError({
    code: 'CLIENT_UNKNOWN',
    message,
    hint:
      known.length === 0
        ? 'say whose repositories are with "clients" in the configuration, or with tollgate label … client=Acme'
        : `give --client <name> or --all; clients: ${known.join(', ')}`,
  });

const periodUnreadable = (message: string): TollgateError =>
  new TollgateError({
    code: 'TIME_UNREADABLE',
    message,
    hint: 'write --month 2026-10, or --since 2026-10-01 --until 2026-12-31',
  });

const noLedger = (): TollgateError =>
  new TollgateError({
    code: 'NOTHING_SPENT',
    message: 'there is no ledger yet',
    hint: 'work with Claude Code in a repository with Tollgate in it, or read older transcripts with tollgate sync',
  });
