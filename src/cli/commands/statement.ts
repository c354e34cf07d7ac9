// `tollgate statement`: what a client is billed for a period, as a document to send. Rule: without --issue it is a draft and says so; what was
// issued is kept and never changed.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { parseUsd } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import { parseSpan } from '../../reports/time-range.ts';
import { parseDecimal } from '../../statements/amounts.ts';
import type { StatementFormat } from '../../statements/formats/format.ts';
import { STATEMENT_FORMATS } from '../../statements/formats/formats.ts';
import { identify, readCorrections, statementOf } from '../../statements/issued.ts';
import { makeStatement, type StatementInput } from '../../statements/make-statement.ts';
import { rowsReader } from '../../statements/read-rows.ts';
import { spreadLines, spreadOver } from '../../statements/spread.ts';
import type { Statement } from '../../statements/statement.ts';
import { rateAt, termsOf } from '../../statements/terms.ts';
import type { IssuedStatement, Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, withStore } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { issueStatement } from '../issue-statement.ts';
import { gather, textOf, textsOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { listIssued, type Printing, printStatements } from '../statement-output.ts';

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
  if (!hasLedger(context)) throw noLedger();
  return withStore(context, async (store) => {
    const printing: Printing = { format, options, context };
    if (options.issued) return listIssued(store, printing);
    if (typeof options.verify === 'string') return verify(options.verify, store, printing);
    if (typeof options.number === 'string') {
      const statement = statementOf(issuedAs(options.number, store));
      return printStatements([statement], null, printing);
    }
    return makeAll(store, config, printing);
  });
}

async function makeAll(store: Store, config: Config, printing: Printing): Promise<number> {
  const { options, context } = printing;
  if (isOnPlan(config, store, context.now)) {
    context.emit(
      `tollgate: these amounts come from list prices, which your plan does not bill you; a flat fee or an amount per developer bills a plan (docs/statements.md)`,
    );
  }
  const read = rowsReader(store);
  const shares = sharesOf(read, printing);
  const inputs = clientsOf(options, store, config).map((client) =>
    inputOf(client, read, shares, store, config, printing),
  );
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
  const unattributed = options.all && window ? (read(window).get(null) ?? []) : null;
  return printStatements(made, unattributed, printing);
}

function inputOf(
  client: string,
  read: ReturnType<typeof rowsReader>,
  shares: ReturnType<typeof sharesOf>,
  store: Store,
  config: Config,
  { options, context }: Printing,
): StatementInput {
  const terms = termsOf(client, config.statements, config.timeZone);
  const window = windowOf(options, context, terms.timeZone);
  const rate = rateAt(terms.currency, window.endAt, config.statements);
  return {
    ...{ number: null, client, sender: config.statements.sender, terms, rate, ...window },
    madeAt: context.now,
    rows: read(window).get(client) ?? [],
    otherLines: [
      ...spreadLines(shares.get(client) ?? 0, terms, rate),
      ...readCorrections(client, store, { terms, rate }),
    ],
  };
}

/** Each client's part of the difference to the provider's bill, whose days are of UTC. */
function sharesOf(
  read: ReturnType<typeof rowsReader>,
  { options, context }: Printing,
): ReadonlyMap<string | null, number> {
  const text = textOf(options.difference);
  if (text === undefined) return new Map();
  const difference = parseUsd(text);
  if (difference !== null) {
    return spreadOver(difference, read(windowOf(options, context, 'UTC')));
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
function clientsOf(
  options: Readonly<Record<string, unknown>>,
  store: Store,
  config: Config,
): readonly string[] {
  const everything = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };
  const seen = [...rowsReader(store)(everything).keys()].filter((name) => name !== null);
  const configured = [
    ...Object.keys(config.statements.clients).filter((name) => name !== '*'),
    ...config.clients.flatMap(({ client }) => client ?? []),
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

async function verify(file: string, store: Store, { options, context }: Printing): Promise<number> {
  const bytes = readBytes(file);
  const issued = store.readStatements();
  const found = identify(bytes, issued);
  const text = Buffer.from(bytes).toString('latin1');
  const statement = found?.statement ?? issued.findLast(({ number }) => text.includes(number));
  const original = statement && statementOf(statement);
  const due = original ? dueFor(original, store) : null;
  const matches = found !== null && due === null;
  if (options.json) {
    printJson(
      {
        schema: 'tollgate/statement@1',
        ...{ file, matches, number: statement?.number ?? null, format: found?.format ?? null },
        isAsIssued: found !== null,
        ledgerDifference: due,
      },
      context,
    );
    return matches ? FINE : FINDINGS;
  }
  const name = statement && `statement ${statement.number} to ${statement.client}`;
  if (found) context.print(`${file} is ${name}, as it was issued (${found.format}).\n`);
  else if (name) context.print(`${file} names ${name}, but it is NOT what was issued.\n`);
  else context.print(`${file} is no statement that was issued from this ledger.\n`);
  if (due !== null) {
    context.print(
      `The ledger says otherwise now: ${due.amount} ${due.currency} will be on the next statement.\n`,
    );
  } else if (statement) context.print('The ledger still says the same.\n');
  return matches ? FINE : FINDINGS;
}

/** What the ledger says otherwise now of a statement's period; `null`: nothing. */
function dueFor({ number, client, terms, rate }: Statement, store: Store) {
  const line = readCorrections(client, store, { terms, rate }).find(
    (each) => each.kind === 'correction' && each.number === number,
  );
  if (line?.kind !== 'correction') return null;
  const { amount, costNanoUsd } = line;
  const isNothing = costNanoUsd === 0 && parseDecimal(amount) === 0n;
  return isNothing ? null : { amount, currency: terms.currency, costNanoUsd };
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new TollgateError({
      code: 'STATEMENT_UNREADABLE',
      message: `${file} cannot be read: ${(cause as Error).message}`,
      hint: 'give the path of the file that was sent',
      cause,
    });
  }
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
