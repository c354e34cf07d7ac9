// `tollgate halt`: stops a running session before its next request, from outside. Rule: anybody may halt, the agent
// too; only a person may resume.
import type { Command } from 'commander';
import { shortId } from '../../domain/ids.ts';
import { TollgateError } from '../../errors.ts';
import { haltManually } from '../../gate/manual-halt.ts';
import type { CliContext } from '../command.ts';
import { chosenSessions, hasLedger, withLedger } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { readConfig } from '../read-config.ts';
import { runningSessions } from '../running.ts';
import { sessionName } from '../session-name.ts';

export function describe(command: Command): void {
  command
    .option('--session <id>', 'which session; default: the one running in this folder')
    .option('--all', 'every session that runs on this machine')
    .option('--reason <text>', 'why; shown where the session stops')
    .option('--json', 'print JSON (schema tollgate/halt@1)')
    .addHelpText(
      'after',
      `
The request under way is not cut off (it is paid for already); no further one is made, in the main loop and in
its subagents. The halt stays, also over a resume of the session, until: tollgate resume

Examples:
  tollgate halt
  tollgate halt --session 9f2c --reason "wrong branch"
  tollgate halt --all`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (!hasLedger(context)) throw nothingRuns();
  // A mistake in a configuration must not keep anybody from stopping an agent.
  const { config } = readConfig(context);
  return withLedger(context, config, (store) => {
    const running = runningSessions(store, context.now);
    const chosen = chosenSessions(store, options, running, context);
    if (chosen.length === 0) throw nothingRuns();
    const reason = typeof options.reason === 'string' ? options.reason : null;
    const halted = chosen.map((session) => ({
      session,
      outcome: haltManually(session, reason, { store, config }, context.now),
    }));
    if (options.json) {
      const sessions = halted.map(({ session: { sessionId }, outcome }) => {
        const { haltedAt, reason: why } = outcome.haltRecord;
        return { sessionId, outcome: outcome.kind, haltedAt, reason: why };
      });
      printJson({ schema: 'tollgate/halt@1', sessions }, context);
      return FINE;
    }
    for (const { session, outcome } of halted) {
      const word = outcome.kind === 'halted' ? 'Halted' : 'Was halted before:';
      context.print(`${word} session ${sessionName(session)}\n`);
    }
    const [first, ...others] = chosen;
    const which = others.length > 0 ? '--all' : `--session ${shortId(first?.sessionId ?? '')}`;
    context.print(`To go on: /budget resume, or in a terminal: tollgate resume ${which}\n`);
    return FINE;
  });
}

function nothingRuns(): TollgateError {
  return new TollgateError({
    code: 'NOTHING_RUNS',
    message: 'no session is running that Tollgate knows of',
    hint: 'tollgate status --all lists every session; --session halts one before it is resumed',
  });
}
