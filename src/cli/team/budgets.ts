// `tollgate team budget`: the ceilings of a team.
import { parseAmount, parseScope } from '../../config/value-parsers.ts';
import { exactUsd, type NanoUsd } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import type { TeamBudget, TeamPeriod } from '../../stores/team-store.ts';
import { FINE } from '../exit-code.ts';
import { textsOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { withTeam } from './connection.ts';
import type { TeamRequest } from './request.ts';

export const TEAM_PERIODS: readonly TeamPeriod[] = ['day', 'week', 'month', 'session', 'forever'];

const ACTIONS: Readonly<Record<string, (request: TeamRequest) => Promise<number>>> = {
  list,
  set,
  remove,
};

export function budget({
  words: [action = 'list', ...words],
  ...rest
}: TeamRequest): Promise<number> {
  const run = ACTIONS[action];
  if (run === undefined) {
    throw wrong(
      `"${action}" is nothing to do with a budget`,
      'say tollgate team budget list, set or remove',
    );
  }
  return run({ words, ...rest });
}

async function list({ options, context }: TeamRequest): Promise<number> {
  const { budgets } = await withTeam(context, (team) => team.pullState());
  if (options.json) printJson({ schema: 'tollgate/team-budgets@1', budgets }, context);
  else if (budgets.length === 0)
    context.print('The team has no budget: tollgate team budget set day --hard 40\n');
  else for (const each of budgets) context.print(`${budgetText(each)}\n`);
  return FINE;
}

/** `day: $40.00 a day for each developer (enforce)`. */
export function budgetText({
  id,
  where,
  per,
  period,
  softNanoUsd,
  hardNanoUsd,
  mode,
}: TeamBudget): string {
  const limits = [
    ...(hardNanoUsd === null ? [] : [`hard $${exactUsd(hardNanoUsd)}`]),
    ...(softNanoUsd === null ? [] : [`soft $${exactUsd(softNanoUsd)}`]),
  ].join(', ');
  const time = period === 'forever' ? 'for all time' : `per ${period}`;
  const split = per.length === 0 ? '' : `, for each ${per.join(' and ')}`;
  const kept = Object.entries(where).map(([label, pattern]) => `, ${label} ${pattern}`);
  return `${id}: ${limits} ${time}${split}${kept.join('')} (${mode})`;
}

async function set({ words: [id], options, context }: TeamRequest): Promise<number> {
  if (id === undefined) throw wrong('which budget?', 'tollgate team budget set day --hard 40');
  const budgetToSet = parsedBudget(id, options);
  await withTeam(context, (team) => team.setBudget(budgetToSet));
  if (options.json) printJson({ schema: 'tollgate/team-budget@1', budget: budgetToSet }, context);
  else context.print(`${budgetText(budgetToSet)}\n`);
  return FINE;
}

function parsedBudget(id: string, options: TeamRequest['options']): TeamBudget {
  const isPeriod = (word: unknown): word is TeamPeriod =>
    TEAM_PERIODS.some((each) => each === word);
  const period = options.period ?? (isPeriod(id) ? id : 'day');
  if (!isPeriod(period))
    throw wrong(`"${period}" is no period of a team`, `say one of ${TEAM_PERIODS.join(', ')}`);
  const hardNanoUsd = amountOf(options.hard, '--hard');
  const softNanoUsd = amountOf(options.soft, '--soft');
  if (hardNanoUsd === null && softNanoUsd === null) {
    throw wrong('a budget needs a limit', 'give --hard 40, --soft 30, or both');
  }
  if (hardNanoUsd !== null && softNanoUsd !== null && softNanoUsd > hardNanoUsd) {
    throw wrong('the soft limit is above the hard one', 'make --soft the lower of the two');
  }
  const where: Record<string, string> = {};
  for (const text of textsOf(options.where)) Object.assign(where, scopeOf(text).where);
  const per = textsOf(options.per).flatMap((text) =>
    text.split(',').flatMap((word) => scopeOf(word).per),
  );
  const mode = options.mode ?? 'enforce';
  return {
    id,
    where,
    per: [...new Set(per)],
    period,
    softNanoUsd,
    hardNanoUsd,
    mode: mode as TeamBudget['mode'],
  };
}

/** `repository:github.com/acme/*` or `developer`. */
function scopeOf(text: string) {
  const scope = parseScope(text.replace('=', ':'));
  if (scope.ok) return scope.value as { where: Record<string, string>; per: readonly string[] };
  throw wrong(scope.message, scope.hint);
}

function amountOf(option: unknown, name: string): NanoUsd | null {
  if (option === undefined) return null;
  const amount = parseAmount(option);
  if (amount.ok) return amount.value;
  throw wrong(`${name}: ${amount.message}`, amount.hint);
}

async function remove({ words: [id], options, context }: TeamRequest): Promise<number> {
  if (id === undefined) throw wrong('which budget?', 'tollgate team budget remove day');
  const isRemoved = await withTeam(context, (team) => team.removeBudget(id));
  if (!isRemoved)
    throw wrong(`the team has no budget "${id}"`, 'tollgate team budget list shows them');
  if (options.json) printJson({ schema: 'tollgate/team-budget-remove@1', id }, context);
  else context.print(`The team's budget ${id} is gone\n`);
  return FINE;
}

const wrong = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'TEAM_WORDS', message, hint });
