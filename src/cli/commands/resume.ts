// `tollgate resume`: lifts a halt that was given by hand or by a circuit breaker. Rule: only people resume; a halt that a budget pronounced is
// lifted by money alone, and that is said.
import type { Command } from 'commander';
import { uncountedText } from '../../domain/explain.ts';
import { shortId } from '../../domain/ids.ts';
import { formatUsd } from '../../domain/money.ts';
import type { HaltRecord } from '../../domain/verdict.ts';
import { TollgateError } from '../../errors.ts';
import { type ResumeOutcome, resumeManually } from '../../gate/manual-halt.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { chosenSessions, hasLedger, withLedger } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { requireGrantsHere, requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { depsFor, readConfig, standingHaltOf } from '../read-config.ts';
import { sessionName } from '../session-name.ts';

export function describe(command: Command): void {
  command
    .option('--session <id>', 'which session; default: the one halted last in this folder')
    .option('--all', 'every session that was halted by hand or by a circuit breaker')
    .option('--json', 'print JSON (schema tollgate/resume@1)')
    .addHelpText(
      'after',
      `
Examples:
  tollgate resume
  tollgate resume --session 9f2c
  tollgate resume --all

Exit code 1 when a budget keeps a session halted: tollgate grant 2 lifts that.`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (!hasLedger(context)) throw nothingHalted();
  const { config } = readConfig(context);
  return withLedger(context, config, (store, deps) => {
    requirePerson('resume', context, store.readSessions({}));
    const halted = haltedSessions(store, options.all === true, (session) =>
      standingHaltOf(session, deps, context),
    );
    const chosen = chosenSessions(store, options, halted, context);
    if (chosen.length === 0) throw nothingHalted();
    const own = chosen.map((session) => ({ session, deps: depsFor(session, deps, context) }));
    for (const each of own) requireGrantsHere(each.deps.config, 'resume', '/budget resume');
    const found = own.map((each) => ({
      session: each.session,
      outcome: resumeManually(each.session, each.deps, context.now),
    }));
    if (options.json) {
      const sessions = found.map(({ session: { sessionId }, outcome }) => {
        return { sessionId, outcome: outcome.kind };
      });
      printJson({ schema: 'tollgate/resume@1', sessions }, context);
    } else {
      for (const { session, outcome } of found) context.print(`${outcomeText(session, outcome)}\n`);
    }
    return found.some(({ outcome }) => outcome.kind === 'budget-remains') ? FINDINGS : FINE;
  });
}

/** The ones whose halt this command may lift; without `--all` those of budgets too, so that it can say so. */
function haltedSessions(
  store: Store,
  isByHandOnly: boolean,
  readStanding: (session: SessionRecord) => HaltRecord | null,
): SessionRecord[] {
  return store.readSessions({}).filter((session) => {
    const code = readStanding(session)?.code;
    return isByHandOnly
      ? code === 'HALTED_BY_PERSON' || code === 'BREAKER_TRIPPED'
      : code !== undefined;
  });
}

function outcomeText(
  session: SessionRecord,
  { kind, haltRecord, uncountedLineCount }: ResumeOutcome,
): string {
  const { sessionId } = session;
  const name = sessionName(session);
  switch (kind) {
    case 'resumed':
      return `Session ${name} may go on.${uncountedText(uncountedLineCount)} If it has ended: claude --resume ${sessionId}`;
    case 'not-halted':
      return `Session ${name} is not halted.`;
    case 'budget-remains': {
      const figures =
        haltRecord?.ceilingNanoUsd == null
          ? ''
          : ` (${formatUsd(haltRecord.spendNanoUsd)} of ${formatUsd(haltRecord.ceilingNanoUsd)})`;
      return `Session ${name} is halted by budget ${haltRecord?.budgetId}${figures}, which only money lifts: tollgate grant 2 --session ${shortId(sessionId)}`;
    }
  }
}

function nothingHalted(): TollgateError {
  return new TollgateError({
    code: 'NOTHING_HALTED',
    message: 'no session is halted by hand or by a circuit breaker',
    hint: 'tollgate status shows what keeps a session; a budget halt needs tollgate grant',
  });
}
