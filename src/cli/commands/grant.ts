// `tollgate grant`: a person raises the ceiling of a session for its window, once, and says why.
// Rule: a grant is a line of its own that is never changed; only people give it.
import { type Command, InvalidArgumentError } from 'commander';
import { wakeSender } from '../../alerts/wake-sender.ts';
import { uncountedText } from '../../domain/explain.ts';
import { raiseAmount } from '../../domain/explain-ahead.ts';
import {
  amountText,
  PLAN_UNITS,
  parseRaise,
  type WrittenAmount,
  writtenText,
} from '../../domain/plan-window.ts';
import {
  type BudgetStatus,
  ceilingOf,
  fromRecorded,
  planFigures,
  windowName,
} from '../../domain/spend.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import {
  type GrantOutcome,
  type GrantRequest,
  grantableBudget,
  raise,
  revoke,
  unitOf,
} from '../../gate/grant.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { findBuiltFile } from '../../runtime/built-file.ts';
import type { SessionRecord } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { findSession, withLedger } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { authorOf, requireGrantsHere, requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { depsFor, requireConfig, standingHaltOf } from '../read-config.ts';
import { sessionName } from '../session-name.ts';

type Granted = Extract<GrantOutcome, { readonly kind: 'granted' }>;

export function describe(command: Command): void {
  command
    .argument('[amount]', "how much more: dollars (2, 0.50), or percent of a plan's window (5%)")
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
    .option('--revoke', 'take back what was granted before, instead of granting')
    .option('--yes', 'do not ask')
    .option('--json', 'print the grant as JSON (schema tollgate/grant@1)')
    .addHelpText(
      'after',
      '\nExamples:\n  tollgate grant 2\n  tollgate grant 5% --budget window\n  tollgate grant 5 --session 9f2c --reason "release day" --yes\n  tollgate grant --revoke --session 9f2c',
    );
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const isRevocation = options.revoke === true;
  if (isRevocation === args.length > 0) {
    throw new TollgateError({
      code: 'AMOUNT_UNCLEAR',
      message: isRevocation ? '--revoke takes no amount' : 'how much is to be granted?',
      hint: 'write tollgate grant 2, or tollgate grant --revoke',
    });
  }
  const amount = amountOf(isRevocation ? '1' : (args[0] ?? ''));
  const config = requireConfig(context);
  return withLedger(context, config, async (store, deps) => {
    requirePerson('grant', context, store.readSessions({}));
    const isHalted = (each: SessionRecord) => standingHaltOf(each, deps, context) !== null;
    const session = findSession(store, options.session, context, isHalted);
    const here = depsFor(session, deps, context);
    if (isRevocation) return revokeGrants(session, here, options, context);
    requireGrantsHere(
      here.config,
      'grant',
      `/budget raise ${writtenText(amount).replace('$', '')}`,
    );
    const wanted: GrantRequest = {
      raise: amount,
      budget: typeof options.budget === 'string' ? options.budget : null,
      reason: typeof options.reason === 'string' ? options.reason : null,
      author: authorOf(),
      expiresAt: typeof options.expires === 'number' ? context.now + options.expires : null,
    };
    const { budgetStatus, known } = store.immediately(() =>
      grantableBudget(session, wanted.budget, here, context.now, amount.unit),
    );
    if (budgetStatus === null) throw noCeiling(wanted.budget, known, session);
    if (unitOf(budgetStatus) !== amount.unit) throw wrongUnit(budgetStatus);
    const ceiling = ceilingOf(budgetStatus) ?? 0;
    const show = (nano: number) => amountText(nano, planFigures(budgetStatus));
    const raisedTo = ceiling + fromRecorded(amount.amount, budgetStatus);
    const question = `Raise the ceiling of budget ${windowName(budgetStatus)} for session ${sessionName(session)} from ${show(ceiling)} to ${show(raisedTo)}?`;
    if (!(await confirmed(question, options, context))) {
      context.emit('tollgate: nothing was granted');
      return FAILED;
    }
    const raised = store.immediately(() => raise(session, wanted, here, context.now));
    if (raised.kind === 'no-ceiling') throw noCeiling(wanted.budget, raised.known, session);
    if (raised.kind === 'wrong-unit') throw wrongUnit(raised.budgetStatus);
    tellNow(here, context);
    printGranted(raised, session, amount, options, context);
    return FINE;
  });
}

function printGranted(
  { grant, budgetStatus, ceilingNanoUsd, uncountedLineCount }: Granted,
  session: SessionRecord,
  amount: WrittenAmount,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): void {
  const { sessionId } = session;
  if (options.json) {
    const fields = { schema: 'tollgate/grant@1', sessionId, ...grant, ceilingNanoUsd };
    printJson(
      { ...fields, ...grantPlanJson(budgetStatus, amount.amount, ceilingNanoUsd) },
      context,
    );
    return;
  }
  const ceiling = amountText(ceilingNanoUsd, planFigures(budgetStatus));
  context.print(
    `Granted ${writtenText(amount)} to session ${sessionName(session)}: its ceiling is now ${ceiling} (budget ${windowName(budgetStatus)}).${uncountedText(uncountedLineCount)}\nGo on with: claude --resume ${sessionId}\n`,
  );
}

async function revokeGrants(
  session: SessionRecord,
  deps: EventDeps,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const question = `Take back what was granted to session ${sessionName(session)}?`;
  if (!(await confirmed(question, options, context))) {
    context.emit('tollgate: nothing was taken back');
    return FAILED;
  }
  const budget = typeof options.budget === 'string' ? options.budget : null;
  const done = deps.store.immediately(() =>
    revoke(session, { budget, author: authorOf() }, deps, context.now),
  );
  if (done === null) throw noCeiling(budget, [], session);
  tellNow(deps, context);
  const { revoked, ceilingNanoUsd, budgetStatus } = done;
  if (options.json) {
    const { sessionId } = session;
    const grantIds = revoked.map(({ grantId }) => grantId);
    const budgetId = budgetStatus.budget.id;
    printJson(
      { schema: 'tollgate/grant@1', sessionId, budgetId, revoked: grantIds, ceilingNanoUsd },
      context,
    );
  } else if (revoked.length === 0) {
    context.print(`Nothing is granted to session ${sessionName(session)} now.\n`);
  } else {
    const total = revoked.reduce((sum, { amountNanoUsd }) => sum + amountNanoUsd, 0);
    context.print(
      `Took back ${writtenText({ unit: unitOf(budgetStatus), amount: total })} from session ${sessionName(session)}: its ceiling is now ${amountText(ceilingNanoUsd, planFigures(budgetStatus))} (budget ${windowName(budgetStatus)}).\n`,
    );
  }
  return FINE;
}

/** Has the alert about it sent. */
function tellNow({ config }: EventDeps, { env, cwd }: CliContext): void {
  const program = findBuiltFile('cli/main.js');
  if (config.alerts.channels.length > 0 && program !== null) wakeSender(program, env, cwd);
}

function noCeiling(
  wanted: string | null,
  known: readonly string[],
  session: SessionRecord,
): TollgateError {
  return new TollgateError({
    code: 'BUDGET_UNKNOWN',
    message: `${wanted === null ? 'no budget' : `budget ${wanted}`} has ${wanted === null ? 'a' : 'no'} ceiling for session ${sessionName(session)}`,
    hint:
      known.length > 0
        ? `budgets with one: ${known.join(', ')}`
        : 'set one first: tollgate init --session-hard 5',
  });
}

function wrongUnit(budgetStatus: BudgetStatus): TollgateError {
  const isShare = unitOf(budgetStatus) === 'share';
  return new TollgateError({
    code: 'AMOUNT_UNREADABLE',
    message: `budget ${windowName(budgetStatus)} is raised in ${isShare ? "percent of the plan's window" : 'dollars'}`,
    hint: `write tollgate grant ${raiseAmount(planFigures(budgetStatus))}`,
  });
}

/** A share has no amount in dollars of its own: what fills the window is learned anew. */
const grantPlanJson = (status: BudgetStatus, units: number, ceilingNanoUsd: number) =>
  status.plan === undefined
    ? {}
    : {
        amountNanoUsd: null,
        plan: {
          window: status.plan.window,
          amountRatio: units / PLAN_UNITS,
          ceilingRatio: ceilingNanoUsd / status.plan.fullNanoUsd,
        },
      };

function amountOf(text: string): WrittenAmount {
  const amount = parseRaise(text);
  if (amount !== null && amount.amount > 0) return amount;
  throw new TollgateError({
    code: 'AMOUNT_UNREADABLE',
    message: `${text} is not an amount of dollars above zero`,
    hint: 'write it like 2 or 0.50, with at most nine decimals',
  });
}

function spanOf(text: string): number {
  const match = /^(\d{1,5})(m|h|d)$/.exec(text);
  const unit = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }[match?.[2] ?? ''];
  if (!match || !unit) throw new InvalidArgumentError('Give a span like 30m, 2h or 1d.');
  return Number(match[1]) * unit;
}
