// What a person types as budgets, as a zod schema. Rule: each budget is read by itself, so that a mistake in one leaves the others.
import * as z from 'zod';
import { budgetId } from '../domain/ids.ts';
import type { WrittenAmount } from '../domain/plan-window.ts';
import type { LayerBudget } from './layer.ts';
import { limit, parsed } from './notation.ts';
import { parsePlan } from './plan-parsers.ts';
import { parsePeriod, parseScope, parseShare, SCOPE_KEYS } from './value-parsers.ts';

const labelProperties = Object.fromEntries(SCOPE_KEYS.map((key) => [key, { type: 'string' }]));

/** One budget of a file. */
export const BudgetInput = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
      .max(64)
      .describe('Its name: letters, digits, point, hyphen, underscore.'),
    scope: parsed(parseScope, {
      description:
        'Which entries count. "all" (default); a label, for one pool per value; "label:pattern" or an object of patterns, for a filter; {"per":[…]} to split.',
      anyOf: [
        { type: 'string' },
        { type: 'array', items: { type: 'string' } },
        {
          type: 'object',
          properties: {
            ...labelProperties,
            per: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
          },
        },
      ],
      examples: ['all', 'repository', 'repository:github.com/Acme/*', { branch: 'feat/*' }],
    }).optional(),
    period: parsed(parsePeriod, {
      description: 'The recipe for windows: "session" (default) … "month", or a rolling span.',
      anyOf: [
        { type: 'string' },
        { type: 'object', properties: { rolling: { type: 'string' } }, required: ['rolling'] },
        {
          type: 'object',
          properties: {
            session: { type: 'object', properties: { followChain: { type: 'boolean' } } },
          },
          required: ['session'],
        },
        {
          type: 'object',
          properties: { from: { type: 'string' }, until: { type: 'string' } },
          required: ['from', 'until'],
        },
      ],
      examples: ['session', 'day', 'month', '5h', { session: { followChain: true } }],
    }).optional(),
    plan: parsed(parsePlan, {
      description:
        'A window of a plan instead of a scope and a period: "five-hour", "seven-day", or of one family of models "seven-day:opus". Its limits are percentages of it.',
      type: 'string',
      examples: ['five-hour', 'seven-day', 'seven-day:opus'],
    }).optional(),
    soft: limit('Crossing it warns. Dollars as text; with "plan" a percentage.').optional(),
    hard: limit(
      'Crossing it halts the agent. Dollars as text; with "plan" a percentage.',
    ).optional(),
    wrapUp: parsed(parseShare, {
      description: 'Share of the ceiling at which the model is asked to finish. Default 0.9.',
      anyOf: [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, { type: 'string' }],
      examples: ['90%', 0.9, 'never'],
    }).optional(),
    mode: z
      .enum(['observe', 'warn', 'enforce'])
      .optional()
      .describe('What a breach leads to: a record, a word, or a halt. Default "enforce".'),
  })
  .superRefine((budget, context) => {
    for (const issue of unitIssues(budget)) context.addIssue({ code: 'custom', ...issue });
    const { soft, hard } = budget;
    if (soft === undefined || hard === undefined || soft.unit !== hard.unit) return;
    if (soft.amount <= hard.amount) return;
    context.addIssue({
      code: 'custom',
      path: ['soft'],
      message: 'The soft limit is above the hard limit.',
      params: { hint: 'Make "soft" at most "hard": it is the earlier word of warning.' },
    });
  });

/** What a plan's window and money may not have of each other. */
function unitIssues(
  budget: {
    readonly [field in 'plan' | 'scope' | 'period']?: unknown;
  } & { readonly [field in 'soft' | 'hard']?: WrittenAmount | undefined },
) {
  const isPlan = budget.plan !== undefined;
  const limits = (['soft', 'hard'] as const).flatMap((field) => {
    const unit = budget[field]?.unit;
    if (unit === undefined || (unit === 'share') === isPlan) return [];
    const message = isPlan
      ? `"${field}" of a plan's window is dollars.`
      : `"${field}" is a percentage, and the budget is not of a plan's window.`;
    const hint = isPlan
      ? 'Write a percentage of the window, like "90%".'
      : 'Write dollars, like "5.00", or add "plan": "five-hour".';
    return [{ path: [field], message, params: { hint } }];
  });
  const parts = (['scope', 'period'] as const).flatMap((field) => {
    if (!isPlan || budget[field] === undefined) return [];
    const message = `A budget of a plan's window has no "${field}".`;
    const hint =
      'Leave it out: the window is that of the whole account, and resets when Claude Code says.';
    return [{ path: [field], message, params: { hint } }];
  });
  return [...limits, ...parts];
}

/** Those that are right by themselves. */
export function survivingBudgets(budgets: unknown): LayerBudget[] {
  return (Array.isArray(budgets) ? budgets : []).flatMap((budget, index) => {
    const read = BudgetInput.safeParse(budget);
    return read.success ? [layerBudget(read.data, index)] : [];
  });
}

/** The canonical shape of one. */
export function layerBudget(budget: z.output<typeof BudgetInput>, index: number): LayerBudget {
  const { scope, plan, soft, hard, wrapUp, mode } = budget;
  const period = plan === undefined ? budget.period : { kind: 'plan' as const, window: plan };
  const limits = { softNanoUsd: soft?.amount, hardNanoUsd: hard?.amount, wrapUpRatio: wrapUp };
  const segments = ['budgets', index];
  return { segments, id: budgetId(budget.id), scope, period, ...limits, mode };
}
