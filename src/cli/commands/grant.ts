// `tollgate grant`: a person raises the ceiling of a session for its window, once, and says why.
// Rule: a grant is a line of its own that is never changed; only people give it.
import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { budgetId } from '../../domain/ids.ts';
import { formatUsd, type NanoUsd, parseUsd } from '../../domain/money.ts';
import { ceilingOf, type Reading } from '../../domain/spend.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { ToolError } from '../../errors.ts';
import { readingsOf, standingOf } from '../../gate/gate.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { readConfig, requireConfig, withLedger } from '../ledger.ts';
import { authorOf, requirePerson } from '../person.ts';
import { findSession } from '../session.ts';

export function describe(command: Command): void {
  command
    .argument('<usd>', 'how much more, in dollars: 2 or 0.50', amountOf)
    .option(
      '--session <id>',
      'which session; default: the one halted last here, else the newest here',
    )
    .option(
      '--budget <id>',
      'which budget; default: the one that halted it, else its session budget',
    )
    .option('--reason <text>', 'why, for the record')
    .option(
      '--expires <span>',
      'how long it holds: 30m, 2h, 1d; default: until the window ends',
      spanOf,
    )
    .option('--yes', 'do not ask')
    .option('--json', 'print the grant as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tollgate grant 2\n  tollgate grant 5 --session 9f2c --reason "release day" --yes',
    );
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const amount = amountOf(args[0] ?? '');
  const config = requireConfig(context);
  return withLedger(context, config, async (store, deps) => {
    requirePerson('grant', context, store.readSessions({}));
    const session = findSession(store, options.session, context);
    const reading = readingFor(session, store, deps, options.budget, context);
    const ceiling = ceilingOf(reading) ?? 0;
    const question = `Raise the ceiling of budget ${reading.budget.id} (${reading.windowLabel}) for session ${session.sessionId} from ${formatUsd(ceiling)} to ${formatUsd(ceiling + amount)}?`;
    if (!(await confirmed(question, options, context))) {
      context.tell('tollgate: nothing was granted');
      return FAILED;
    }
    const grant = {
      grantId: randomUUID(),
      budgetId: budgetId(reading.budget.id),
      poolKey: reading.windowKey,
      amountNanoUsd: amount,
      reason: typeof options.reason === 'string' ? options.reason : null,
      author: authorOf(),
      grantedAt: context.now,
      expiresAt: typeof options.expires === 'number' ? context.now + options.expires : null,
    };
    store.immediately(() => store.addGrant(grant));
    if (options.json) {
      context.print(
        `${JSON.stringify({ schema: 'tollgate/grant@1', sessionId: session.sessionId, ...grant, ceilingNanoUsd: ceiling + amount }, null, 2)}\n`,
      );
    } else {
      context.print(
        `Granted ${formatUsd(amount)} to session ${session.sessionId}: its ceiling is now ${formatUsd(ceiling + amount)} (budget ${reading.budget.id}, ${reading.windowLabel}).\nGo on with: claude --resume ${session.sessionId}\n`,
      );
    }
    return FINE;
  });
}

/** The budget to raise, as it stands for that session. */
function readingFor(
  session: SessionRecord,
  store: Store,
  deps: EventDeps,
  wanted: unknown,
  context: CliContext,
): Reading {
  const config = readConfig(context, session.cwd ?? context.cwd).config;
  const thread = store.readThread(session.sessionId, null);
  const at = {
    sessionId: session.sessionId,
    agentId: null,
    agentType: null,
    turnId: thread?.turnId ?? null,
    cwd: session.cwd ?? context.cwd,
  };
  const here = { ...deps, config };
  const readings = store
    .immediately(() =>
      readingsOf(standingOf(at, session, thread, here, context.now), session, here),
    )
    .filter((reading) => ceilingOf(reading) !== null);
  const latch = store.readLatch(session.sessionId);
  const found =
    typeof wanted === 'string'
      ? readings.find((reading) => reading.budget.id === wanted)
      : (readings.find((reading) => reading.windowKey === latch?.windowKey) ??
        readings.find((reading) => reading.budget.period.kind === 'session') ??
        readings[0]);
  if (found) return found;
  const known = readings.map((reading) => reading.budget.id).join(', ');
  throw new ToolError({
    code: 'BUDGET_UNKNOWN',
    message:
      typeof wanted === 'string'
        ? `budget ${wanted} has no ceiling for session ${session.sessionId}`
        : `no budget has a ceiling for session ${session.sessionId}`,
    hint: known ? `budgets with one: ${known}` : 'set one first: tollgate init --session-hard 5',
  });
}

function amountOf(text: string): NanoUsd {
  const amount = typeof text === 'number' ? text : parseUsd(text);
  if (amount === null || amount <= 0) {
    throw new InvalidArgumentError(
      'Give dollars above zero with at most nine decimals, like 2 or 0.50.',
    );
  }
  return amount;
}

function spanOf(text: string): number {
  const match = /^(\d+)(m|h|d)$/.exec(text);
  const unit = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }[match?.[2] ?? ''];
  if (!match || !unit) throw new InvalidArgumentError('Give a span like 30m, 2h or 1d.');
  return Number(match[1]) * unit;
}
