// What a person types about routing, as a zod schema: rules that give a subagent a smaller model, ask first, or refuse it.
import * as z from 'zod';
import type { RoutingRule } from '../routing/rule.ts';
import { amount, parsed } from './notation.ts';
import { parseShare } from './value-parsers.ts';

const FAMILIES = ['haiku', 'sonnet', 'opus', 'fable'] as const;

const Conditions = z.strictObject({
  agentType: z.string().min(1).optional().describe('Kind of the subagent; * and ? match.'),
  work: z
    .string()
    .min(1)
    .optional()
    .describe('What it is to do, as the agent describes it; * and ? match: "*search*".'),
  model: z.enum(FAMILIES).optional().describe('The model it would have.'),
  background: z.boolean().optional().describe('Whether it runs in the background.'),
  batch: z
    .boolean()
    .optional()
    .describe('Whether nobody sits at the session: print mode, or driven by a program.'),
  spent: parsed(parseShare, {
    description: 'Share of a ceiling that is spent, at least.',
    anyOf: [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, { type: 'string' }],
    examples: ['80%'],
  }).optional(),
  expected: amount('What it is expected to cost, at least. Dollars as text.').optional(),
});

export const RoutingRuleInput = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .max(64)
    .describe('Its name: letters, digits, point, hyphen, underscore.'),
  when: Conditions.optional().describe('All of it must hold. Absent: always.'),
  action: z
    .enum([...FAMILIES, 'ask', 'refuse'])
    .describe(
      'The model it gets where that is a smaller one; or ask the person, or refuse it, with its price.',
    ),
});

/** The canonical shape of a rule. */
export function routingRule({
  id,
  when = {},
  action,
}: z.output<typeof RoutingRuleInput>): RoutingRule {
  return {
    id,
    when: {
      ...{ agentType: when.agentType ?? null, work: when.work ?? null, model: when.model ?? null },
      ...{ background: when.background ?? null, batch: when.batch ?? null },
      ...{ spentRatio: when.spent ?? null, expectedNanoUsd: when.expected ?? null },
    },
    action:
      action === 'ask' || action === 'refuse' ? { kind: action } : { kind: 'model', model: action },
  };
}
