// `tollgate watch`: every running session on this machine, live. Rule: it reads as the hooks do, holds the ledger no
// longer than they do, and without a terminal it prints once and ends.
import type { ReadStream, WriteStream } from 'node:tty';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { stateHome } from '../../config/paths.ts';
import { raiseAmount } from '../../domain/explain-ahead.ts';
import { type SessionId, shortId } from '../../domain/ids.ts';
import { amountText, type WrittenAmount, writtenText } from '../../domain/plan-window.ts';
import { planFigures } from '../../domain/spend.ts';
import { TollgateError } from '../../errors.ts';
import { type GrantOutcome, raise } from '../../gate/grant.ts';
import { haltManually, resumeManually } from '../../gate/manual-halt.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { readSessionStatus, type SessionStatus } from '../../gate/session-status.ts';
import { ingestNewLines } from '../../ingest/ingest-new-lines.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import { openLedger, wireEvents } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { hasLedger } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { openScreen, type Screen } from '../live/screen.ts';
import { startWatch, type WatchActions } from '../live/watch-loop.ts';
import { watchJson, watchLines } from '../live/watch-view.ts';
import { authorOf, requireGrantsHere, requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { depsFor, readConfig } from '../read-config.ts';
import { runningSessions } from '../running.ts';
import { readerColumns } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .option('--once', 'print the table once, and end')
    .option('--json', 'print JSON once (schema tollgate/watch@1), and end')
    .addHelpText(
      'after',
      `
Keys: up and down select a session, h halts it, r lifts that halt, g grants it more, q ends the view.

Examples:
  tollgate watch
  tollgate watch --once
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
  if (!isLive && !hasLedger(context)) return printOnce([], options, context);
  const store = openLedger(stateHome(context.env), context.env);
  try {
    const actions = actionsOn(store, context);
    if (!isLive) return printOnce(actions.read(context.now), options, context);
    await watchLive(actions, context.stdin, stdout, context.isFancy);
    return FINE;
  } finally {
    store.close();
  }
}

function printOnce(
  sessionStatuses: readonly SessionStatus[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): number {
  const { now, isFancy } = context;
  if (options.json) {
    printJson(watchJson(sessionStatuses, now), context);
  } else {
    // A pipe has no width, unless somebody says one: nothing is cut for it.
    const width = Math.min(readerColumns(context), Math.max(context.columns, 130));
    const style = { columns: width, hasColour: isFancy, selected: null, now };
    context.print(`${watchLines(sessionStatuses, style).join('\n')}\n`);
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

/** Configurations are read again this often, so that a view that stays open sees a change. */
const CONFIG_MS = 5_000;

function actionsOn(store: Store, context: CliContext): WatchActions {
  const configs = new Map<string, { readonly config: Config; readonly at: number }>();
  const depsOf = (session: SessionRecord, now: number): EventDeps => {
    const folder = session.cwd ?? context.cwd;
    let known = configs.get(folder);
    if (known === undefined || now - known.at >= CONFIG_MS) {
      known = { config: readConfig(context, folder).config, at: now };
      configs.set(folder, known);
    }
    // This process is not Claude Code.
    return { ...wireEvents(store, known.config, context.env, folder), hostPid: null };
  };
  const sessionOf = (id: SessionId): SessionRecord => {
    const session = store.readSession(id);
    if (session) return session;
    throw new TollgateError({
      code: 'SESSION_UNKNOWN',
      message: `session ${id} is gone`,
      hint: 'select another',
    });
  };
  const name = (id: SessionId) => shortId(id);
  return {
    read: (now) => readRunning(store, depsOf, now),
    halt: (id) => {
      const session = sessionOf(id);
      haltManually(session, null, depsOf(session, Date.now()), Date.now());
      return `${name(id)} halted: it makes no further request`;
    },
    resume: (id) => {
      requirePerson('watch: resume', context, store.readSessions({}));
      const session = sessionOf(id);
      const now = Date.now();
      const deps = depsFor(session, depsOf(session, now), { ...context, now });
      requireGrantsHere(deps.config, 'watch: resume', '/budget resume');
      const { kind, haltRecord } = resumeManually(session, deps, now);
      if (kind === 'resumed') return `${name(id)} may go on`;
      if (kind === 'not-halted') return `${name(id)} is not halted`;
      return `${name(id)} is halted by budget ${haltRecord?.budgetId}: press g to grant it more`;
    },
    grant: (id, amount) => {
      requirePerson('watch: grant', context, store.readSessions({}));
      const session = sessionOf(id);
      const now = Date.now();
      const deps = depsFor(session, depsOf(session, now), { ...context, now });
      requireGrantsHere(
        deps.config,
        'watch: grant',
        `/budget raise ${writtenText(amount).replace('$', '')}`,
      );
      const wanted = { raise: amount, budget: null, reason: null, expiresAt: null };
      const given = store.immediately(() =>
        raise(session, { ...wanted, author: authorOf() }, deps, now),
      );
      return grantedText(given, amount, name(id));
    },
  };
}

function grantedText(given: GrantOutcome, amount: WrittenAmount, session: string): string {
  if (given.kind === 'no-ceiling') return `no budget has a ceiling for ${session}`;
  const figures = planFigures(given.budgetStatus);
  if (given.kind === 'wrong-unit') {
    return `budget ${given.budgetStatus.budget.id} is raised by an amount like ${raiseAmount(figures)}`;
  }
  return `${session}: ${writtenText(amount)} granted, ceiling ${amountText(given.ceilingNanoUsd, figures)}`;
}

/** Sessions that run and have spent something, or are halted: one that was only opened is not shown. */
function readRunning(
  store: Store,
  depsOf: (session: SessionRecord, now: number) => EventDeps,
  now: number,
): SessionStatus[] {
  return runningSessions(store, now)
    .map((known) => {
      const deps = depsOf(known, now);
      return store.immediately(() => {
        ingestNewLines(known, deps, now);
        return readSessionStatus(store.readSession(known.sessionId) ?? known, deps, now);
      });
    })
    .filter(({ totals, haltRecord }) => totals.requestCount > 0 || haltRecord !== null);
}
