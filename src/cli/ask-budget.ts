// The first budgets that `init` writes: from its options, else asked for at a terminal, else small ones: of dollars for a session, or with a
// plan of its windows. Rule: a budget that is there already is left alone unless somebody names another.
import { readBilling } from '../agents/claude-code/install/account.ts';
import { stateHome } from '../config/paths.ts';
import { exactUsd, type NanoUsd, parseUsd } from '../domain/money.ts';
import { PLAN_UNITS, parseUnits } from '../domain/plan-window.ts';
import { TollgateError } from '../errors.ts';
import { isOnPlan } from '../gate/billing.ts';
import { openLedger } from '../wire.ts';
import type { CliContext } from './command.ts';
import { hasLedger } from './context.ts';
import type { FirstBudget, FirstSettings, MoneyBudget, PlanBudget } from './first-budget.ts';
import { readConfig } from './read-config.ts';

export const DEFAULT_SOFT = '4.00';
export const DEFAULT_HARD = '5.00';
/** Of a plan's windows; a week that is used up is worse than five hours that are. */
export const PLAN_DEFAULTS = {
  'five-hour': { soft: '70%', hard: '90%' },
  'seven-day': { soft: '80%', hard: '95%' },
} as const;
type PlanName = keyof typeof PLAN_DEFAULTS;
const PLAN_NAMES = Object.keys(PLAN_DEFAULTS) as PlanName[];

interface Limits {
  readonly soft: string | null;
  readonly hard: string | null;
}

type Billing = FirstSettings['billing'];
type Options = Readonly<Record<string, unknown>>;

/** What to write; no budgets when there is one already and nobody asked for another. */
export async function askBudgets(options: Options, context: CliContext): Promise<FirstSettings> {
  const limits = {
    session: { soft: textOf(options.sessionSoft), hard: textOf(options.sessionHard) },
    day: { soft: textOf(options.daySoft), hard: textOf(options.dayHard) },
    'five-hour': { soft: textOf(options.fiveHourSoft), hard: textOf(options.fiveHourHard) },
    'seven-day': { soft: textOf(options.sevenDaySoft), hard: textOf(options.sevenDayHard) },
  };
  const { config } = readConfig(context);
  const said = (options.billing ?? null) as Billing;
  const hasBudgets = config.budgets.length > 0;
  const isGiven = Object.values(limits).some(isNamed);
  if (!isGiven && hasBudgets) return { budgets: [], billing: said };
  const known = said ?? config.billing ?? seenBilling(context);
  if (!isGiven && context.isInteractive && !options.yes && !options.dryRun) {
    const billing = known ?? (await askBilling());
    const budgets = billing === 'plan' ? await askShares() : await askDollars();
    return { budgets, billing: toWrite(said, billing, config.billing, options) };
  }
  const shares = PLAN_NAMES.filter(
    (name) => isNamed(limits[name]) || (!isGiven && known === 'plan'),
  );
  // Somebody who names a day's ceiling only wants that one beside what is there.
  const wantsSession =
    isNamed(limits.session) || (!hasBudgets && shares.length === 0 && known !== 'plan');
  const budgets: readonly FirstBudget[] = [
    ...(wantsSession ? [budgetOf('session', limits.session)] : []),
    ...(isNamed(limits.day) ? [budgetOf('day', limits.day)] : []),
    ...shares.map((name) => sharesOf(name, limits[name])),
  ];
  return { budgets, billing: toWrite(said, known, config.billing, options) };
}

/** By what Claude Code has told of a plan, or says of its account; `null`: that cannot be told. */
function seenBilling(context: CliContext): Billing {
  const account = readBilling(context.env);
  if (account !== null || !hasLedger(context)) return account;
  const store = openLedger(stateHome(context.env), context.env);
  try {
    return isOnPlan({ billing: null }, store, context.now) ? 'plan' : null;
  } finally {
    store.close();
  }
}

/** A repository's file is for everybody, and each pays in a way of their own: it says only what somebody asked for. */
function toWrite(said: Billing, known: Billing, configured: Billing, { scope }: Options): Billing {
  if (said !== null || scope === 'project') return said;
  return known === 'plan' && configured === null ? known : null;
}

async function askBilling(): Promise<'plan' | 'api'> {
  const { select, isCancel } = await import('@clack/prompts');
  const answer = await select({
    message: 'How is Claude Code paid here?',
    options: [
      { value: 'api', label: 'each request, by an API key or a cloud: limits are in dollars' },
      { value: 'plan', label: 'a plan (Pro, Max, Team): limits are shares of its windows' },
    ],
  });
  if (isCancel(answer)) throw cancelled();
  return answer as 'plan' | 'api';
}

async function askText(message: string, initialValue: string): Promise<string> {
  const { text, isCancel } = await import('@clack/prompts');
  const answer = await text({ message, initialValue });
  if (isCancel(answer)) throw cancelled();
  return answer ?? '';
}

const cancelled = (): TollgateError =>
  new TollgateError({
    code: 'CANCELLED',
    message: 'nothing was changed',
    hint: 'run tollgate init again when you are ready',
  });

async function askDollars(): Promise<readonly MoneyBudget[]> {
  const hard = await askText(
    'How many dollars may one session spend at most? (/clear begins a new one)',
    DEFAULT_HARD,
  );
  const soft = await askText(
    'From how many dollars on is it warned?',
    exactUsd(Math.floor((amountOf(hard, '--session-hard') * 4) / 5)),
  );
  const day = await askText(
    'How many dollars may all sessions of a day spend together, /clear or not? (empty: no limit)',
    '',
  );
  return [
    budgetOf('session', { soft, hard }),
    ...(day.trim() ? [budgetOf('day', { soft: null, hard: day })] : []),
  ];
}

async function askShares(): Promise<readonly PlanBudget[]> {
  const found: PlanBudget[] = [];
  for (const name of PLAN_NAMES) {
    const hard = await askText(
      `How much of the plan's ${name} window may be used at most? (empty: no limit)`,
      PLAN_DEFAULTS[name].hard,
    );
    if (hard.trim()) found.push(sharesOf(name, { soft: null, hard }));
  }
  return found;
}

/** A budget from one limit or both: a soft limit is four fifths of the hard one when nobody says otherwise. */
function budgetOf(period: MoneyBudget['period'], { soft, hard }: Limits): MoneyBudget {
  const [softOption, hardOption] = [`--${period}-soft`, `--${period}-hard`];
  const fromSoft = (text: string) => exactUsd(Math.ceil((amountOf(text, softOption) * 5) / 4));
  const hardNanoUsd = amountOf(hard ?? (soft === null ? DEFAULT_HARD : fromSoft(soft)), hardOption);
  const softNanoUsd = amountOf(soft ?? exactUsd(Math.floor((hardNanoUsd * 4) / 5)), softOption);
  if (softNanoUsd > hardNanoUsd) {
    throw aboveHard(softOption, exactUsd(softNanoUsd), hardOption, exactUsd(hardNanoUsd));
  }
  return { period, softNanoUsd, hardNanoUsd };
}

/** The same of a plan's window; with the usual hard limit the soft one is the usual one, too. */
function sharesOf(plan: PlanName, { soft, hard }: Limits): PlanBudget {
  const [softOption, hardOption] = [`--${plan}-soft`, `--${plan}-hard`];
  const usual = PLAN_DEFAULTS[plan];
  const hardRatio = shareOf(hard ?? usual.hard, hardOption);
  const isUsual = hardRatio === shareOf(usual.hard, hardOption);
  const usualSoft = isUsual ? shareOf(usual.soft, softOption) : (hardRatio * 4) / 5;
  const softRatio = soft === null ? usualSoft : shareOf(soft, softOption);
  if (softRatio > hardRatio)
    throw aboveHard(softOption, soft ?? '', hardOption, hard ?? usual.hard);
  return { plan, softRatio, hardRatio };
}

const aboveHard = (softOption: string, soft: string, hardOption: string, hard: string) =>
  new TollgateError({
    code: 'BAD_AMOUNT',
    message: `${softOption} ${soft} is above ${hardOption} ${hard}`,
    hint: 'the soft limit warns before the hard one halts, so it must be the lower',
  });

export function amountOf(text: string, option: string): NanoUsd {
  const amount = parseUsd(text);
  if (amount !== null && amount > 0) return amount;
  throw new TollgateError({
    code: 'BAD_AMOUNT',
    message: `${option} ${text} is not an amount`,
    hint: 'give dollars above zero with at most nine decimals, like 5 or 0.50',
  });
}

function shareOf(text: string, option: string): number {
  const units = parseUnits(text);
  if (units !== null && units > 0) return units / PLAN_UNITS;
  throw new TollgateError({
    code: 'BAD_AMOUNT',
    message: `${option} ${text} is not a share`,
    hint: 'give percent of the window above zero, like 90%',
  });
}

const isNamed = ({ soft, hard }: Limits): boolean => soft !== null || hard !== null;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
