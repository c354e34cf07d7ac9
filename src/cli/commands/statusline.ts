// `tollgate statusline`: prints one line for Claude Code's status bar and records Claude Code's own total.
// Rule: fast, and never loud: what goes wrong is a short line of its own, and the exit code is 0.

import type { Command } from 'commander';
import { projectFolderOf } from '../../agents/claude-code/environment.ts';
import {
  parseStatusInput,
  type StatusInput,
} from '../../agents/claude-code/events/status-input.ts';
import { findProjectRoot, stateHome } from '../../config/paths.ts';
import { TollgateError } from '../../errors.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { recordPlanReport } from '../../gate/record-plan-reading.ts';
import {
  otherThreadCount,
  readSessionStatus,
  type SessionStatus,
} from '../../gate/session-status.ts';
import { ingestNewLines } from '../../ingest/ingest-new-lines.ts';
import { newSession } from '../../ingest/record-fact.ts';
import { settleLiveTotal } from '../../ingest/settle-live-total.ts';
import type { SessionRecord } from '../../stores/store.ts';
import { openLedger, parseRateLimits, wireEvents } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { readHookConfig } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { runBeside } from '../live/beside.ts';
import { fitted, widthOf } from '../live/figures-text.ts';
import { statusText } from '../live/status-text.ts';
import { readStdinOnce } from '../live/stdin-once.ts';
import { sessionJson } from '../live/watch-view.ts';
import { printJson } from '../print-json.ts';

const IDLE_MS = 100;

export function describe(command: Command): void {
  command
    // A settings file outlives the version that wrote it: what this one does not know must not break the bar.
    .allowUnknownOption()
    .allowExcessArguments()
    .option('--segment', 'only the money, short: for ccstatusline and other status lines')
    .option('--beside <command>', 'run this status line too, and put ours behind it')
    .option('--json', 'print the figures as JSON (schema tollgate/statusline@1)')
    .addHelpText(
      'after',
      `
Reads the JSON that Claude Code gives its status line on stdin. Claude Code's own total goes into the
ledger, so that compaction, searches and other hidden requests are settled while the session runs.

In settings.json:
  "statusLine": {
    "type": "command",
    "command": "tollgate statusline"
  }

Examples:
  tollgate statusline
  tollgate statusline --beside 'my-line.sh'
  tollgate statusline --segment                    a widget of ccstatusline

pace 1.4× means: money goes 1.4 times as fast as would just last until the end of the day, week or month. "out in" says when the ceiling is met at this rate.

It prints a warning and exits 0 when something is wrong: a status line must never be in the way.`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const isWhole = (text: string) => parseStatusInput(text) !== null;
  const text = await readStdinOnce(context.stdin, { idleMs: IDLE_MS, isWhole });
  const input = parseStatusInput(text);
  if (options.json) {
    printJson({ schema: 'tollgate/statusline@1', ...(await jsonFor(input, context)) }, context);
    return FINE;
  }
  // The other line is started first: it works while we do.
  const beside =
    typeof options.beside === 'string' ? runBeside(options.beside, text, context.env) : null;
  const isSegment = options.segment === true || beside !== null;
  const columns = columnsOf(input, context);
  const ours = await lineFor(input, isSegment, columns, context);
  const theirs = beside === null ? '' : await beside;
  context.print(theirs === '' ? `${ours}\n` : `${joined(theirs, ours, columns)}\n`);
  return FINE;
}

/** Our line, or why there is none. */
async function lineFor(
  input: StatusInput | null,
  isSegment: boolean,
  columns: number,
  context: CliContext,
): Promise<string> {
  try {
    if (input === null) return warning('no input on stdin', columns);
    const { sessionStatus, branch, hasMistake } = await read(input, context);
    const { contextRatio } = input;
    const hasColour = !context.env.NO_COLOR && context.env.TERM !== 'dumb';
    const view = { sessionStatus, branch, contextRatio, now: context.now };
    const line = statusText(view, { columns, hasColour, isSegment });
    return hasMistake ? `${line} · ⚠ tollgate config` : line;
  } catch (error) {
    const why =
      error instanceof TollgateError ? error.code.toLowerCase().replaceAll('_', ' ') : 'a bug';
    await note(error, context);
    return warning(`${why}: see tollgate status`, columns);
  }
}

/** The session's figures, or the code of what keeps them back. */
async function jsonFor(input: StatusInput | null, context: CliContext) {
  try {
    if (input === null) return { problem: 'NO_INPUT', session: null, branch: null };
    const { sessionStatus, branch, hasMistake } = await read(input, context);
    const problem = hasMistake ? 'CONFIG_MISTAKES' : null;
    return { problem, session: sessionJson(sessionStatus, context.now), branch };
  } catch (error) {
    await note(error, context);
    const problem = error instanceof TollgateError ? error.code : 'BUG';
    return { problem, session: null, branch: null };
  }
}

/** Writes the reason into the log, because the bar is too short for it. */
async function note(error: unknown, context: CliContext): Promise<void> {
  try {
    const { logFailure } = await import('../../runtime/log.ts');
    logFailure(stateHome(context.env), error, { command: 'statusline' });
  } catch {
    // The bar still says that something is wrong.
  }
}

const warning = (why: string, columns: number): string => fitted(`tollgate ⚠ ${why}`, columns);

interface Read {
  readonly sessionStatus: SessionStatus;
  readonly branch: string | null;
  readonly hasMistake: boolean;
}

async function read(input: StatusInput, context: CliContext): Promise<Read> {
  const folder = input.cwd ?? context.cwd;
  const { config, problems } = await readHookConfig(
    findProjectRoot(projectFolderOf(context.env, folder)),
    context,
  );
  const store = openLedger(stateHome(context.env), context.env, { isBrief: true });
  try {
    const deps = wireEvents(store, config, context.env, folder);
    const sessionStatus = store.immediately(() => bringUpToDate(input, deps, context.now));
    const branch = deps.readPlace(folder).branch;
    return { sessionStatus, branch, hasMistake: problems.some(({ kind }) => kind === 'mistake') };
  } finally {
    store.closeAtExit();
  }
}

/** Reads the lines first and then Claude Code's total, so that the two can be compared. */
function bringUpToDate(input: StatusInput, deps: EventDeps, now: number): SessionStatus {
  const { store } = deps;
  const known = store.readSession(input.sessionId) ?? newSession(input.sessionId, now);
  const session = {
    ...known,
    transcriptPath: known.transcriptPath ?? input.transcriptPath,
    cwd: known.cwd ?? input.cwd,
  };
  if (known.transcriptPath !== session.transcriptPath || known.cwd !== session.cwd) {
    store.writeSession(session);
  }
  ingestNewLines(session, deps, now);
  if (input.totalNanoUsd !== null) {
    const { sessionId, totalNanoUsd, lastRequest } = input;
    const countOtherThreads = (session: SessionRecord) => otherThreadCount(session, deps, now);
    settleLiveTotal({ sessionId, totalNanoUsd, lastRequest }, { ...deps, countOtherThreads }, now);
  }
  const { sessionId, totalNanoUsd, rateLimits } = input;
  if (input.contextWindowTokens !== null) {
    store.noteContextWindow(sessionId, input.contextWindowTokens);
  }
  recordPlanReport({ sessionId, totalNanoUsd, ...parseRateLimits(rateLimits, now) }, store, now);
  return readSessionStatus(store.readSession(input.sessionId) ?? session, deps, now);
}

/** Width of the bar: Claude Code sets COLUMNS, ccstatusline says it in the input; else 80. */
function columnsOf(input: StatusInput | null, context: CliContext): number {
  return input?.columns || Number(context.env.COLUMNS) || context.columns;
}

/** Theirs as it is, ours behind its last line where both fit, else on a line of its own. */
function joined(theirs: string, ours: string, columns: number): string {
  const last = theirs.slice(theirs.lastIndexOf('\n') + 1);
  const fits = widthOf(last) + 3 + widthOf(ours) <= columns;
  return `${theirs}${fits ? ' │ ' : '\n'}${ours}`;
}
