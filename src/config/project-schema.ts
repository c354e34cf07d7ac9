// What a person types about projects, as a zod schema. Rule: the limits of a project are a budget like any other, with the project's
// repositories as its scope and its days as its period.
import * as z from 'zod';
import { budgetId } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import { parseCurrency, parseMoney } from './billing-parsers.ts';
import type { LayerBudget } from './layer.ts';
import { amount, parsed } from './notation.ts';
import { parseDates, parseIsoDate, parseRepository } from './value-parsers.ts';

const date = (description: string) =>
  parsed(parseIsoDate, { description, type: 'string', examples: ['2026-09-01'] });

const ProjectInput = z
  .strictObject({
    title: z.string().min(1).optional(),
    client: z.string().min(1).optional().describe('Who pays for it.'),
    repositories: z
      .array(
        z
          .string()
          .min(1)
          .regex(/^[^|]+$/),
      )
      .min(1)
      .optional()
      .describe('Its repositories, * and ? match. Absent: everything that belongs to the client.'),
    from: date('Its first day.'),
    until: date('Its last day.'),
    price: parsed(parseMoney, {
      description: 'What the client pays for all of it.',
      type: 'string',
      examples: ['40000.00'],
    }).optional(),
    currency: parsed(parseCurrency, {
      description: 'Of the price. Default "USD"; any other takes a rate under "statements".',
      type: 'string',
      examples: ['EUR'],
    }).optional(),
    plannedCost: amount('What the agents are planned to cost. Dollars as text.').optional(),
    pullRequests: z
      .int()
      .min(1)
      .optional()
      .describe('How many merged pull requests the work is planned to be.'),
    kinds: z
      .record(z.string().min(1), z.string().min(1))
      .optional()
      .describe('Kinds of features, by name, with the pattern of their branches: "feat/*".'),
    soft: amount('Crossing it warns. Default: the planned cost.').optional(),
    hard: amount('Crossing it halts the agent.').optional(),
    mode: z.enum(['observe', 'warn', 'enforce']).optional().describe('As of a budget.'),
  })
  .superRefine((project, context) => {
    const mistake = (path: string, message: string, hint: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { hint } });
    const { from, until, soft, hard } = project;
    if (project.client === undefined && project.repositories === undefined) {
      mistake(
        'repositories',
        'Nothing says what belongs to it.',
        'Add "repositories" or "client".',
      );
    }
    // A date that is none has its own finding.
    if (typeof from === 'string' && typeof until === 'string') {
      const dates = parseDates({ from, until });
      if (!dates.ok) mistake('until', dates.message, 'Make "until" the last day.');
    }
    if (soft !== undefined && hard !== undefined && soft > hard) {
      mistake('soft', 'The soft limit is above the hard limit.', 'Make "soft" at most "hard".');
    }
  });

/** The setting `projects` of a file. */
export const ProjectsInput = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
      .max(50),
    ProjectInput,
  )
  .describe("Projects, by id. Only in your own file or the administrator's.");

type ProjectsFile = z.output<typeof ProjectsInput>;

/** The canonical shape of the setting. */
export const projectsOf = (input: ProjectsFile): readonly Project[] =>
  Object.entries(input).map(([id, each]) => ({
    id,
    title: each.title ?? null,
    client: each.client ?? null,
    repositories: (each.repositories ?? []).map(parseRepository),
    from: each.from,
    until: each.until,
    price:
      each.price === undefined
        ? null
        : { amountNano: each.price, currency: each.currency ?? 'USD' },
    plannedNanoUsd: each.plannedCost ?? null,
    pullRequestCount: each.pullRequests ?? null,
    kinds: each.kinds ?? {},
    budgetId: softOf(each) === undefined && each.hard === undefined ? null : budgetOf(id),
  }));

/** The budgets that guard them. */
export const projectBudgets = (input: ProjectsFile): readonly LayerBudget[] =>
  Object.entries(input).flatMap(([id, each]) => {
    const soft = softOf(each);
    if (soft === undefined && each.hard === undefined) return [];
    const repository = each.repositories?.map(parseRepository).join('|');
    const where = repository === undefined ? { client: each.client ?? '' } : { repository };
    return {
      segments: ['projects', id],
      id: budgetOf(id),
      scope: { where, per: [] },
      period: { kind: 'dates' as const, from: each.from, until: each.until },
      softNanoUsd: soft,
      hardNanoUsd: each.hard,
      wrapUpRatio: undefined,
      mode: each.mode,
    };
  });

const budgetOf = (id: string) => budgetId(`project-${id}`);

const softOf = ({ soft, plannedCost }: ProjectsFile[string]) => soft ?? plannedCost;
