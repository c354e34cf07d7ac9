// The first budget that `init` writes: from its options, else asked for at a terminal, else a small one.
// Rule: a budget that is there already is left alone unless somebody names another.
import { exactUsd, parseUsd } from '../domain/money.ts';
import { TollgateError } from '../errors.ts';
import type { CliContext } from './command.ts';
import type { FirstBudget } from './first-budget.ts';
import { readConfig } from './read-config.ts';

export const DEFAULT_SOFT = '4.00';
export const DEFAULT_HARD = '5.00';

/** The budget to write; `null` when there is one already and nobody asked for another. */
export async function askBudget(
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<FirstBudget | null> {
  const given = options.sessionSoft !== undefined || options.sessionHard !== undefined;
  const { config } = readConfig(context);
  if (!given && config.budgets.length > 0) return null;
  let soft = textOf(options.sessionSoft);
  let hard = textOf(options.sessionHard);
  if (!given && context.isInteractive && !options.yes && !options.dryRun) {
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
    hard = await ask('How many dollars may one session spend at most?', DEFAULT_HARD);
    soft = await ask(
      'From how many dollars on is it warned?',
      exactUsd(Math.floor((amountOf(hard, '--session-hard') * 4) / 5)),
    );
  }
  const hardNanoUsd = amountOf(
    hard ??
      (soft === null
        ? DEFAULT_HARD
        : exactUsd(Math.ceil((amountOf(soft, '--session-soft') * 5) / 4))),
    '--session-hard',
  );
  const softNanoUsd = amountOf(
    soft ?? exactUsd(Math.floor((hardNanoUsd * 4) / 5)),
    '--session-soft',
  );
  if (softNanoUsd > hardNanoUsd) {
    throw new TollgateError({
      code: 'BAD_AMOUNT',
      message: `--session-soft ${exactUsd(softNanoUsd)} is above --session-hard ${exactUsd(hardNanoUsd)}`,
      hint: 'the soft limit warns before the hard one halts, so it must be the lower',
    });
  }
  return { softNanoUsd, hardNanoUsd };
}

function amountOf(text: string, option: string): number {
  const amount = parseUsd(text);
  if (amount !== null && amount > 0) return amount;
  throw new TollgateError({
    code: 'BAD_AMOUNT',
    message: `${option} ${text} is not an amount`,
    hint: 'give dollars above zero with at most nine decimals, like 5 or 0.50',
  });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
