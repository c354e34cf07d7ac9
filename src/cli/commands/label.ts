// `tollgate label`: reassigns recorded cost. Rule: every entry is moved by a pair of corrections, so that
// the trail stays, no total changes, and `--undo` leads back; only people do it, for budgets count by labels.
import type { Command } from 'commander';
import type { Place } from '../../attribution/source.ts';
import type { LedgerLine, SumCondition } from '../../domain/aggregates.ts';
import { formatUsd } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import { labelsOf } from '../../ingest/attribution-labels.ts';
import { parseWhere } from '../../reports/filter.ts';
import { plural } from '../../reports/formats/figures.ts';
import {
  type Move,
  parseChanges,
  planRelabel,
  planReplay,
  planUndo,
} from '../../reports/relabel.ts';
import { parseSpan } from '../../reports/time-range.ts';
import type { Store } from '../../stores/store.ts';
import { placeReader } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { findSession, withLedger } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { gather, textOf, textsOf } from '../options.ts';
import { requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';

export function describe(command: Command): void {
  command
    .argument(
      '[key=value...]',
      'client=acme, costCentre=4711, ticket=ABC-7, pr=42, team=core; an empty value takes it away',
    )
    .option('--session <id>', 'of this session; default without any choice: the newest one here')
    .option('--branch <name>', 'of this branch of this repository; * stands for anything')
    .option('--since <time>', 'from: 2026-11-01, 7d, today, …')
    .option('--until <time>', 'up to and including: the same words')
    .option(
      '--where <key=value>',
      'only what matches, as in tollgate report; may be repeated',
      gather,
    )
    .option('--undo', 'back to the labels the entries were recorded with')
    .option(
      '--replay',
      'as the rules of the configuration (clients, ticketPattern, labels) say now',
    )
    .option('--yes', 'do not ask')
    .option('--json', 'print what was moved as JSON (schema tollgate/label@1)')
    .addHelpText(
      'after',
      `
Examples:
  tollgate label --session 9f2c client=acme
  tollgate label --branch 'feat/ABC-*' --since this-month ticket=ABC-7 team=core
  tollgate label --where client='(unattributed)' --where repository='*/shop' client=acme
  tollgate label --since this-month --replay
  tollgate label --session 9f2c --undo`,
    );
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const isUndo = Boolean(options.undo);
  const isReplay = Boolean(options.replay);
  requireOneWay(isUndo, isReplay, args);
  const changes = parseChanges(args);
  const config = requireConfig(context);
  return withLedger(context, config, async (store) => {
    requirePerson('label', context, store.readSessions({}));
    const where = conditionsOf(options, store, context);
    const window = parseSpan(
      textOf(options.since),
      textOf(options.until),
      context.now,
      config.timeZone,
    );
    const plan = () => {
      const lines = store.readLines({ window, where });
      if (isReplay) return planReplay(lines, (line) => labelsOf(placeOf(line), config));
      return isUndo ? planUndo(lines) : planRelabel(lines, changes);
    };
    const moves = plan();
    if (moves.length > 0) {
      const what = isUndo
        ? 'back under their own labels'
        : `under ${isReplay ? 'what the rules say now' : args.join(' ')}`;
      const question = `Move ${summaryOf(moves)} ${what}?`;
      if (!(await confirmed(question, options, context))) {
        context.emit('tollgate: nothing was moved');
        return FAILED;
      }
    }
    // Planned again under the lock: somebody may have moved the same entries while we asked.
    const moved = store.immediately(() => {
      const now = moves.length > 0 ? plan() : [];
      for (const { line, to } of now) store.reattribute(line, to, context.now);
      return now;
    });
    if (options.json) printJson(toJson(moved), context);
    else context.print(toText(moved, isUndo));
    return FINE;
  });
}

/** Throws `TollgateError` unless exactly one thing is to be done. */
function requireOneWay(isUndo: boolean, isReplay: boolean, args: readonly string[]): void {
  const ways = [isUndo, isReplay, args.length > 0].filter(Boolean).length;
  if (ways === 1) return;
  const name = isReplay ? '--replay' : '--undo';
  throw new TollgateError({
    code: 'LABEL_UNREADABLE',
    message: ways === 0 ? 'nothing was said about whose it is' : `${name} takes no labels`,
    hint: 'write tollgate label --session 9f2c client=acme, or --undo or --replay without labels',
  });
}

/** Where an entry's work was done, as far as its labels tell. */
const placeOf = ({ attribution }: LedgerLine): Place => {
  const { repository, subPath, worktree, branch, developer } = attribution;
  return { repository, subPath, worktree, branch, developer };
};

/** Which entries are meant; a branch is one of the repository at hand unless another one is named. */
function conditionsOf(
  options: Readonly<Record<string, unknown>>,
  store: Store,
  context: CliContext,
): readonly SumCondition[] {
  const given = parseWhere(textsOf(options.where));
  const found: SumCondition[] = [...given];
  if (typeof options.branch === 'string') {
    found.push({ key: 'branch', patterns: [options.branch] });
    const { repository } = placeReader(context.env)(context.cwd);
    if (repository !== null && !given.some(({ key }) => key === 'repository')) {
      found.push({ key: 'repository', patterns: [repository] });
    }
  }
  const hasChoice = found.length > 0 || options.since !== undefined || options.until !== undefined;
  if (options.session !== undefined || !hasChoice) {
    const { sessionId } = findSession(store, options.session, context);
    found.push({ key: 'session', patterns: [sessionId] });
  }
  return found;
}

function summaryOf(moves: readonly Move[]): string {
  const sessions = new Set(moves.map(({ line }) => line.sessionId));
  return `${plural(moves.length, 'line')} (${formatUsd(costOf(moves))}) of ${plural(sessions.size, 'session')}`;
}

const costOf = (moves: readonly Move[]): number =>
  moves.reduce((sum, { line }) => sum + line.costNanoUsd, 0);

function toText(moves: readonly Move[], isUndo: boolean): string {
  if (moves.length === 0) return 'Nothing to move: all of it counts that way already.\n';
  const hint = isUndo ? '' : ' --undo with the same choice takes it back.';
  return `Moved ${summaryOf(moves)}; no total has changed.${hint}\n`;
}

function toJson(moves: readonly Move[]) {
  return {
    schema: 'tollgate/label@1',
    movedCount: moves.length,
    costNanoUsd: costOf(moves),
    sessionIds: [...new Set(moves.map(({ line }) => line.sessionId))],
  };
}
