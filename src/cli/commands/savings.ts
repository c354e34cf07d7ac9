// `tollgate savings`: what giving subagents smaller models has saved, and whether it held. Rule: figures are those that the ledger noted when
// each subagent was over.
import type { Command } from 'commander';
import { formatUsd, type NanoUsd, toUsdNumber } from '../../domain/money.ts';
import { plural } from '../../reports/formats/figures.ts';
import { printable } from '../../reports/formats/width.ts';
import { findSavings, type SavingsRow } from '../../reports/savings.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, readQuickConfig, tellBilling, withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { readSubagentCalls } from '../session-causes.ts';
import { parseSince } from '../since.ts';
import { fitLines } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .option('--since <time>', 'since when: 7d, 2026-11-01, last-month', '30d')
    .option('--json', 'print JSON (schema tollgate/savings@1)')
    .addHelpText(
      'after',
      `
Reroutings are made by the rules under "routing" in the configuration. Whether they held: how many came to an end, what
one of them cost against those of its kind that kept their model, whether the session started another one afterwards that
kept its model, and how many of their tool calls failed.

Examples:
  tollgate savings
  tollgate savings --since last-month --json`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const since = textOf(options.since) ?? '30d';
  const sinceAt = parseSince(since, context.now);
  const config = await readQuickConfig(context);
  const { rows, ...billed } = hasLedger(context)
    ? await withStore(context, (store) => {
        const found = readSavings(store, sinceAt);
        return {
          rows: found,
          ...(found.length > 0 && tellBilling(options, config, store, context)),
        };
      })
    : { rows: [] };
  if (options.json) {
    const total = toUsdNumber(totalOf(rows));
    printJson(
      {
        ...{ schema: 'tollgate/savings@1', ...billed, sinceAt },
        ...{ savedNanoUsd: totalOf(rows), savedUsd: total, rows },
      },
      context,
    );
    return FINE;
  }
  const title = `Saved since ${since}: ${formatUsd(totalOf(rows))}`;
  const lines =
    rows.length === 0
      ? [
          `No subagent was given another model since ${since}. Rules for that: "routing" in the configuration.`,
        ]
      : [title, ...rows.flatMap(rowLines)];
  context.print(fitLines(lines, context));
  return FINE;
}

function readSavings(store: Store, sinceAt: number): SavingsRow[] {
  const reroutings = store.readReroutings({ sinceAt });
  if (reroutings.length === 0) return [];
  const window = { startAt: sinceAt, endAt: Number.POSITIVE_INFINITY };
  return findSavings({
    reroutings,
    lines: store.readLines({ window, where: [] }),
    readCalls: ({ sessionId, outcome }) => {
      const session = outcome === null ? null : store.readSession(sessionId);
      return session === null || outcome === null
        ? null
        : readSubagentCalls(session, outcome.agentId);
    },
  });
}

const totalOf = (rows: readonly SavingsRow[]): NanoUsd =>
  rows.reduce((sum, { savedNanoUsd }) => sum + savedNanoUsd, 0);

function rowLines(row: SavingsRow): string[] {
  const { others, perFinishedNanoUsd: own } = row;
  const models = `${printable(row.givenModel)} instead of ${printable(row.askedModel)}`;
  const paid = `${formatUsd(row.spentNanoUsd)} for ${plural(row.requestCount, 'request')}`;
  const against =
    own === null || others.averageNanoUsd === null
      ? ''
      : `, against ${formatUsd(others.averageNanoUsd)} of ${plural(others.count, 'one')} that kept the model`;
  const failed =
    row.toolCallCount === 0
      ? ''
      : `, ${row.failedToolCallCount} of ${plural(row.toolCallCount, 'tool call')} failed`;
  return [
    `  ${formatUsd(row.savedNanoUsd)}  ${printable(row.agentType)}, ${plural(row.count, 'time')}: ${models}, ${paid}`,
    `    ${row.finishedCount} of ${row.count} came to an end${own === null ? '' : `, ${formatUsd(own)} each`}${against}`,
    `    ${row.triedAgainCount} tried again on the model that was asked for${failed}`,
  ];
}
