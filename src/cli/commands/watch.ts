// `tollgate watch`: every running session on this machine, live. Rule: it reads as the hooks do, holds the ledger no
// longer than they do, and without a terminal it prints once and ends.
import type { ReadStream, WriteStream } from 'node:tty';
import type { Command } from 'commander';
import { stateHome } from '../../config/paths.ts';
import type { BudgetProjection } from '../../gate/project-budget.ts';
import type { SessionStatus } from '../../gate/session-status.ts';
import { openLedger } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { hasLedger } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { openScreen, type Screen } from '../live/screen.ts';
import { actionsOn } from '../live/watch-actions.ts';
import { startWatch, type WatchActions } from '../live/watch-loop.ts';
import { planBudgetLines, watchJson, watchLines } from '../live/watch-view.ts';
import { printJson } from '../print-json.ts';
import { TEAM_OPTION } from '../team/reading.ts';
import { watchTeam } from '../team/watch.ts';
import { readerColumns } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .option(...TEAM_OPTION)
    .option('--once', 'print the table once, and end')
    .option('--json', 'print JSON once (schema tollgate/watch@1), and end')
    .addHelpText(
      'after',
      `
Keys: up and down select a session, h halts it, r lifts that halt, g grants it more, q ends the view.
With --team it looks and changes nothing: what the team's sessions have spent, every five seconds.

Examples:
  tollgate watch
  tollgate watch --once
  tollgate watch --team
  tollgate watch --json | jq '.sessions[] | select(.state == "working")'`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const { stdout } = process;
  const isLive = !options.once && !options.json && Boolean(context.stdin.isTTY && stdout.isTTY);
  if (options.team) return watchTeam(options, isLive, context);
  if (!isLive && !hasLedger(context)) return printOnce([], [], options, context);
  const store = openLedger(stateHome(context.env), context.env);
  try {
    const actions = actionsOn(store, context);
    if (!isLive) {
      const sessionStatuses = actions.read(context.now);
      const planBudgets = actions.readPlanBudgets(sessionStatuses, context.now);
      return printOnce(sessionStatuses, planBudgets, options, context);
    }
    await watchLive(actions, context.stdin, stdout, context.isFancy);
    return FINE;
  } finally {
    store.close();
  }
}

function printOnce(
  sessionStatuses: readonly SessionStatus[],
  planBudgets: readonly BudgetProjection[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): number {
  const { now, isFancy } = context;
  if (options.json) {
    printJson(watchJson(sessionStatuses, planBudgets, now), context);
  } else {
    // A pipe has no width, unless somebody says one: nothing is cut for it.
    const width = Math.min(readerColumns(context), Math.max(context.columns, 130));
    const style = { columns: width, hasColour: isFancy, selected: null, now };
    const lines = [...watchLines(sessionStatuses, style), ...planBudgetLines(planBudgets, now)];
    context.print(`${lines.join('\n')}\n`);
  }
  return FINE;
}

async function watchLive(
  actions: WatchActions,
  input: ReadStream,
  output: WriteStream,
  hasColour: boolean,
): Promise<void> {
  let screen: Screen | null = null;
  const opened = (): Screen => {
    screen ??= openScreen(input, output, {
      onKey: (key) => loop.onKey(key),
      onResize: () => loop.redraw(),
      onEnd: () => loop.end(),
    });
    return screen;
  };
  const loop = startWatch(actions, opened, hasColour);
  opened();
  try {
    await loop.ended;
  } finally {
    opened().close();
  }
}
