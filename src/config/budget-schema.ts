// What a person types as budgets, as a zod schema. Rule: each budget is read by itself, so that a mistake in one leaves the others.
import * as z from 'zod';
import { budgetId } from '../domain/ids.ts';
import type { LayerBudget } from './layer.ts';
import { amount, parsed } from './notation.ts';
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
    soft: amount('Crossing it warns. Dollars as text.').optional(),
    hard: amount('Crossing it halts the agent. Dollars as text.').optional(),
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
    if (budget.soft === undefined || budget.hard === undefined || budget.soft <= budget.hard)
      return;
    context.addIssue({
      code: 'custom',
      path: ['soft'],
      message: 'The soft limit is above the hard limit.',
      params: { hint: 'Make "soft" at most "hard": it is the earlier word of warning.' },
    });
  });

/** Those that are right by themselves. */
export function survivingBudgets(budgets: unknown): LayerBudget[] {
  return (Array.isArray(budgets) ? budgets : []).flatMap((budget, index) => {
    const read = BudgetInput.safeParse(budget);
    return read.success ? [layerBudget(read.data, index)] : [];
  });
}

/** The canonical shape of one. */
export function layerBudget(budget: z.output<typeof BudgetInput>, index: number): LayerBudget {
  const { scope, period, soft, hard, wrapUp, mode } = budget;
  const limits = { softNanoUsd: soft, hardNanoUsd: hard, wrapUpRatio: wrapUp };
  const segments = ['budgets', index];
  return { segments, id: budgetId(budget.id), scope, period, ...limits, mode };
}
