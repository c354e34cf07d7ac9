// The first budgets that `init` writes: from its options, else asked for at a terminal, else a small one for a session.
// Rule: a budget that is there already is left alone unless somebody names another.
import { exactUsd, type NanoUsd, parseUsd } from '../domain/money.ts';
import { TollgateError } from '../errors.ts';
import type { CliContext } from './command.ts';
import type { FirstBudget } from './first-budget.ts';
import { readConfig } from './read-config.ts';

export const DEFAULT_SOFT = '4.00';
export const DEFAULT_HARD = '5.00';

interface Limits {
  readonly soft: string | null;
  readonly hard: string | null;
}

/** The budgets to write; empty when there is one already and nobody asked for another. */
export async function askBudgets(
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<readonly FirstBudget[]> {
  const session = { soft: textOf(options.sessionSoft), hard: textOf(options.sessionHard) };
  const day = { soft: textOf(options.daySoft), hard: textOf(options.dayHard) };
  const hasBudgets = readConfig(context).config.budgets.length > 0;
  const isGiven = isNamed(session) || isNamed(day);
  if (!isGiven && hasBudgets) return [];
  if (!isGiven && context.isInteractive && !options.yes && !options.dryRun) return askPerson();
  // Somebody who names a day's ceiling only wants that one beside what is there.
  const wantsSession = isNamed(session) || !hasBudgets;
  return [
    ...(wantsSession ? [budgetOf('session', session)] : []),
    ...(isNamed(day) ? [budgetOf('day', day)] : []),
  ];
}

async function askPerson(): Promise<readonly FirstBudget[]> {
  const { text, isCancel } = await import('@clack/prompts');
  const ask = async (message: string, initialValue: string) => {
    const answer = await text({ message, initialValue });
    if (isCancel(answer))
      throw new TollgateError({
        code: 'CANCELLED',
        message: 'nothing was changed',
        hint: 'run tollgate init again when you are ready',
      });
    return answer;
  };
  const hard = await ask(
    'How many dollars may one session spend at most? (/clear begins a new one)',
    DEFAULT_HARD,
  );
  const soft = await ask(
    'From how many dollars on is it warned?',
    exactUsd(Math.floor((amountOf(hard, '--session-hard') * 4) / 5)),
  );
  const day = await ask(
    'How many dollars may all sessions of a day spend together, /clear or not? (empty: no limit)',
    '',
  );
  return [
    budgetOf('session', { soft, hard }),
    ...(day?.trim() ? [budgetOf('day', { soft: null, hard: day })] : []),
  ];
}

/** A budget from one limit or both: a soft limit is four fifths of the hard one when nobody says otherwise. */
function budgetOf<P extends string>(
  period: P,
  { soft, hard }: Limits,
): { readonly period: P; readonly softNanoUsd: NanoUsd; readonly hardNanoUsd: NanoUsd } {
  const [softOption, hardOption] = [`--${period}-soft`, `--${period}-hard`];
  const fromSoft = (text: string) => exactUsd(Math.ceil((amountOf(text, softOption) * 5) / 4));
  const hardNanoUsd = amountOf(hard ?? (soft === null ? DEFAULT_HARD : fromSoft(soft)), hardOption);
  const softNanoUsd = amountOf(soft ?? exactUsd(Math.floor((hardNanoUsd * 4) / 5)), softOption);
  if (softNanoUsd > hardNanoUsd) {
    throw new TollgateError({
      code: 'BAD_AMOUNT',
      message: `${softOption} ${exactUsd(softNanoUsd)} is above ${hardOption} ${exactUsd(hardNanoUsd)}`,
      hint: 'the soft limit warns before the hard one halts, so it must be the lower',
    });
  }
  return { period, softNanoUsd, hardNanoUsd };
}

export function amountOf(text: string, option: string): number {
  const amount = parseUsd(text);
  if (amount !== null && amount > 0) return amount;
  throw new TollgateError({
    code: 'BAD_AMOUNT',
    message: `${option} ${text} is not an amount`,
    hint: 'give dollars above zero with at most nine decimals, like 5 or 0.50',
  });
}

const isNamed = ({ soft, hard }: Limits): boolean => soft !== null || hard !== null;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
