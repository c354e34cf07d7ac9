// `tollgate replay`: what other budgets and circuit breakers would have stopped, when, and what that would have saved or broken.
// Rule: it reads the ledger and changes nothing in it.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import type { ZoneDays } from '../../domain/aggregates.ts';
import { type SessionId, shortId } from '../../domain/ids.ts';
import { formatUsd, toUsdNumber } from '../../domain/money.ts';
import { DAY_MS } from '../../domain/time.ts';
import type { Breach } from '../../domain/verdict.ts';
import { TollgateError } from '../../errors.ts';
import { type Replayed, type ReplayedStop, replay } from '../../gate/replay.ts';
import { plural } from '../../reports/formats/figures.ts';
import { localText, zoneDays } from '../../reports/local-time.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, tellBilling, withLedger } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { problemText, requireConfig } from '../read-config.ts';
import { loopLines, replayLoops } from '../replay-loops.ts';
import { parseSince } from '../since.ts';
import { fitLines } from '../wrap-text.ts';

const DEFAULT_SINCE = '30d';
/** What was spent before counts into windows that were open: a month is the longest. */
const BEFORE_MS = 32 * DAY_MS;
const SHOWN_COUNT = 20;

export function describe(command: Command): void {
  command
    .option('--config <file>', 'the budgets to try; default: those in force here')
    .option('--since <when>', 'from when on: 12h, 30d or a date', DEFAULT_SINCE)
    .option('--session <id>', 'only this session (the beginning of its id is enough)')
    .option('--json', 'print JSON (schema tollgate/replay@1)')
    .addHelpText(
      'after',
      `
Asks the gate again before every request in the ledger, with the forecast it would have had. A request after a
halt counts as saved; a turn with such a request counts as broken. Grants are left out, and so are
budgets in windows of a plan. Circuit breakers are asked
about every session whose transcript is still there, also those that are off.

Examples:
  tollgate replay --config new.json
  tollgate replay --config new.json --since 2026-11-01 --json`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const config = typeof options.config === 'string' ? tried(options.config, context) : null;
  const inForce = config ?? requireConfig(context);
  const sinceAt = parseSince(String(options.since ?? DEFAULT_SINCE), context.now);
  if (!hasLedger(context)) {
    throw new TollgateError({
      code: 'NO_LEDGER',
      message: 'there is no ledger yet, so nothing can be replayed',
      hint: 'tollgate sync reads the transcripts of sessions that nobody watched',
    });
  }
  const session = typeof options.session === 'string' ? options.session : '';
  const { replayed, loops, ...billed } = await withLedger(context, inForce, (store, { pricer }) => {
    const window = { startAt: sinceAt - BEFORE_MS, endAt: Number.POSITIVE_INFINITY };
    const lines = store.readLines({ window, where: [] });
    const inOrder = [...lines].sort((a, b) => a.occurredAt - b.occurredAt);
    const chainOf = (id: SessionId) => chain(id, store);
    return {
      replayed: replay(inOrder, sinceAt, { config: inForce, pricer, chainOf }),
      loops: replayLoops(lines, sinceAt, session, store, inForce),
      ...tellBilling(options, inForce, store, context),
    };
  });
  const leftOut = plansOf(inForce);
  if (leftOut.length > 0 && !options.json) {
    context.emit(
      `tollgate: ${plural(leftOut.length, 'budget')} in windows of a plan ${leftOut.length === 1 ? 'is' : 'are'} left out (${leftOut.join(', ')}): what of the plan was used elsewhere at the time is not in the ledger`,
    );
  }
  const shown = session === '' ? replayed : only(session, replayed);
  if (options.json) printJson({ ...toJson(shown, sinceAt), ...billed, leftOut, loops }, context);
  else context.print(fitLines([...textOf(shown, inForce.timeZone), ...loopLines(loops)], context));
  return FINE;
}

/** The budgets of one file, as if it were the only one. */
function tried(file: string, context: CliContext): Config {
  const path = resolve(context.cwd, file);
  if (!existsSync(path)) {
    throw new TollgateError({
      code: 'CONFIG_MISTAKES',
      message: `${path} is not there`,
      hint: 'name a configuration file, as tollgate config shows them',
    });
  }
  const { config, problems } = loadConfig([{ kind: 'user', file: path }], { at: context.now });
  for (const problem of problems) context.emit(`tollgate: ${problemText(problem)}`);
  if (problems.length > 0) {
    throw new TollgateError({
      code: 'CONFIG_MISTAKES',
      message: `${path} has mistakes`,
      hint: 'correct what is named above',
    });
  }
  return config;
}

/** Budgets that cannot be replayed. */
const plansOf = ({ budgets }: Config): readonly string[] =>
  budgets.filter(({ period }) => period.kind === 'plan').map(({ id }) => id);

/** What concerns one session; the others were replayed with it, since they draw on the same budgets. */
function only(session: string, replayed: Replayed): Replayed {
  const stops = replayed.stops.filter(({ sessionId }) => sessionId.startsWith(session));
  const notices = replayed.notices.filter(({ sessionId }) => sessionId.startsWith(session));
  const savedNanoUsd = stops.reduce((sum, stop) => sum + stop.savedNanoUsd, 0);
  return { ...replayed, stops, notices, savedNanoUsd };
}

function chain(id: SessionId, store: Store): readonly SessionId[] {
  const found = [id];
  for (let link = store.readLink(id); link !== null; link = store.readLink(link.previousId)) {
    if (found.includes(link.previousId)) break;
    found.push(link.previousId);
  }
  return found;
}

function toJson(replayed: Replayed, sinceAt: number) {
  return {
    schema: 'tollgate/replay@1',
    sinceAt,
    ...replayed,
    spentUsd: toUsdNumber(replayed.spentNanoUsd),
    savedUsd: toUsdNumber(replayed.savedNanoUsd),
  };
}

function textOf(replayed: Replayed, timeZone: string): string[] {
  const { stops, notices, requestCount, sessionCount, spentNanoUsd, savedNanoUsd } = replayed;
  const broken = stops.reduce((sum, { brokenTurnCount }) => sum + brokenTurnCount, 0);
  const halted = new Set(stops.map(({ sessionId }) => sessionId)).size;
  const spent = `${plural(requestCount, 'request')} in ${plural(sessionCount, 'session')}, ${formatUsd(spentNanoUsd)}.`;
  const instants = stops.map(({ at }) => at).sort((a, b) => a - b);
  const zone = zoneDays(timeZone, { startAt: instants[0] ?? 0, endAt: instants.at(-1) ?? 0 });
  return [
    spent,
    stops.length === 0
      ? 'Nothing would have been halted.'
      : `${plural(stops.length, 'halt')} in ${plural(halted, 'session')} would have saved ${formatUsd(savedNanoUsd)} and broken off ${plural(broken, 'turn')}:`,
    ...stops.slice(0, SHOWN_COUNT).flatMap((stop) => stopLines(stop, zone)),
    ...(stops.length > SHOWN_COUNT ? [`  … and ${stops.length - SHOWN_COUNT} more (--json)`] : []),
    ...(notices.length > 0 ? [`${plural(notices.length, 'warning')} would have been given.`] : []),
  ];
}

function stopLines(
  { at, sessionId, breach, savedNanoUsd, laterRequestCount }: ReplayedStop,
  zone: ZoneDays,
): string[] {
  const when = localText(zone, at).slice(0, 16).replace('T', ' ');
  return [
    `  ${when}  session ${shortId(sessionId)}  ${whyText(breach)}`,
    `    ${plural(laterRequestCount, 'later request')} would not have been made: ${formatUsd(savedNanoUsd)}`,
  ];
}

function whyText(breach: Breach): string {
  if (!('windowLabel' in breach)) return breach.code.toLowerCase().replaceAll('_', ' ');
  const { code, budgetId, windowLabel, spendNanoUsd, limitNanoUsd, forecastNanoUsd } = breach;
  const next =
    code === 'FORECAST_OVER_CEILING'
      ? `, and the next request might have cost ${formatUsd(forecastNanoUsd)}`
      : '';
  const name = windowLabel.startsWith(budgetId) ? windowLabel : `${budgetId} (${windowLabel})`;
  return `budget ${name}: ${formatUsd(spendNanoUsd)} of ${formatUsd(limitNanoUsd)} spent${next}`;
}
