// What a person types, as a zod schema: the shape of a configuration file and the canonical values it stands for.
// Rule: zod is used here, and in the schemas beside this file; a mistake is a finding with path, message and hint, never a throw.
import * as z from 'zod';
import { DAY_MS, SECOND_MS } from '../domain/time.ts';
import { AlertsInput, alertsOf } from './alert-schema.ts';
import { StatementsInput, statementsOf } from './billing-schema.ts';
import { BreakersInput, breakersOf } from './breaker-schema.ts';
import { BudgetInput, layerBudget, survivingBudgets } from './budget-schema.ts';
import type { Finding, LayerBudget, LayerSettings, Segments } from './layer.ts';
import { amount, parsed } from './notation.ts';
import { OtlpInput, otlpOf } from './otlp-schema.ts';
import { ProjectsInput, projectBudgets, projectsOf } from './project-schema.ts';
import { RoutingRuleInput, routingRule } from './routing-schema.ts';
import { findingsOf, type Issue } from './schema-findings.ts';
import {
  parsePattern,
  parsePrice,
  parseRatioMillionths,
  parseTimeZone,
} from './setting-parsers.ts';
import { parseRepository, parseSpanWithin } from './value-parsers.ts';

const pricePerMillion = (description: string) =>
  parsed(parsePrice, {
    description: `${description}, in dollars per million tokens.`,
    type: 'string',
    pattern: '^\\s*\\$?\\d+(\\.\\d{1,6})?\\s*$',
    examples: ['3.75'],
  });

const PriceInput = z.strictObject({
  input: pricePerMillion('Fresh input').optional(),
  output: pricePerMillion('Output').optional(),
  cacheRead: pricePerMillion('Input read from the cache').optional(),
  cacheWrite5m: pricePerMillion('Input written to the five-minute cache').optional(),
  cacheWrite1h: pricePerMillion('Input written to the one-hour cache').optional(),
});

const ClientRuleInput = z
  .strictObject({
    repository: z.string().min(1).describe('Repository, * and ? match: "github.com/Acme/*".'),
    client: z.string().min(1).optional().describe('Who the work is for.'),
    costCentre: z.string().min(1).optional().describe('Where the cost is booked.'),
  })
  .superRefine((rule, context) => {
    if (rule.client !== undefined || rule.costCentre !== undefined) return;
    context.addIssue({
      code: 'custom',
      message: 'The rule names neither a client nor a cost centre.',
      params: { hint: 'Add "client" or "costCentre".' },
    });
  });

/** A whole file. */
export const ConfigInput = z
  .strictObject({
    $schema: z.string().optional().describe('Address of this schema, for editors.'),
    budgets: z.array(BudgetInput).optional().describe('Scope × period × limits × mode.'),
    safety: z
      .enum(['expected', 'cautious', 'strict', 'none'])
      .optional()
      .describe('How sure the gate wants to be that the next request fits. Default "cautious".'),
    timeZone: parsed(parseTimeZone, {
      description: 'IANA zone of days, weeks and months. Default: the zone of this machine.',
      type: 'string',
      examples: ['Europe/Berlin'],
    }).optional(),
    onFailure: z
      .enum(['halt', 'warn'])
      .optional()
      .describe(
        'What a hook answers when it cannot use its ledger and the ceiling is near. Default "halt".',
      ),
    onGuardLost: z
      .enum(['halt', 'warn'])
      .optional()
      .describe(
        'What becomes of Claude Code when the hooks of a session with a ceiling no longer run: it is interrupted, or a person is told. Default "halt".',
      ),
    grants: z
      .enum(['terminal', 'prompt'])
      .optional()
      .describe(
        'Where a person may raise ceilings, resume and accept: in a terminal or in a prompt, or only by what is typed into Claude Code. Default "terminal".',
      ),
    handOffs: z
      .enum(['off', 'keep'])
      .optional()
      .describe(
        'Whether a halted session leaves a note with the agent\'s open tasks and last words in the state folder. Default "off".',
      ),
    foreignHosts: z
      .enum(['allow', 'refuse'])
      .optional()
      .describe('Other programs that run these hooks (Cursor, VS Code, Copilot). Default "allow".'),
    billing: z
      .enum(['plan', 'api'])
      .optional()
      .describe(
        'How Claude Code is paid: by a plan (Pro, Max, Team), where dollars are list prices that nobody bills, or each request. Default: what Claude Code tells of a plan.',
      ),
    waitMs: z
      .int()
      .min(0)
      .max(5 * SECOND_MS)
      .optional()
      .describe('How long to wait for the cost of the running response near the ceiling.'),
    reservationMs: z
      .int()
      .min(SECOND_MS)
      .max(DAY_MS)
      .optional()
      .describe('How long a reservation holds when nobody settles it.'),
    reservation: parsed((value) => parseSpanWithin(value, SECOND_MS, DAY_MS), {
      description: 'The same, with a unit. Default "10m".',
      type: 'string',
      examples: ['10m'],
    }).optional(),
    unknownModel: z
      .string()
      .regex(/^[\w.:@/[\]-]+$/)
      .optional()
      .describe(
        'A model without a price: "dearest" (default), "halt", or the model it costs like.',
      ),
    fanOut: amount('Most that the subagents of one spawn may cost together.').optional(),
    pricing: z
      .strictObject({
        multiplier: parsed(parseRatioMillionths, {
          description: 'Factor on list prices, as negotiated.',
          anyOf: [{ type: 'string', pattern: '^\\d+(\\.\\d{1,6})?$' }, { type: 'number' }],
          examples: ['0.85'],
        }).optional(),
        models: z.record(z.string().min(1), PriceInput).optional().describe('Prices per model.'),
      })
      .optional()
      .describe('What a person pays, where that is not the list price.'),
    clients: z.array(ClientRuleInput).optional().describe('Which repositories work for whom.'),
    ticketPattern: parsed(parsePattern, {
      description: 'Regular expression; its first group in a branch name is the ticket.',
      type: 'string',
      examples: ['([A-Z]+-[0-9]+)'],
    }).optional(),
    labels: z
      .record(z.string().regex(/^[\w.-]+$/), z.string().regex(/^[^,=\r\n]+$/))
      .optional()
      .describe('Free labels put on every entry. Values hold no comma, no equals sign.'),
    alerts: AlertsInput.optional().describe(
      "What is told in time, and where. Only in your own file or the administrator's.",
    ),
    breakers: BreakersInput.optional().describe(
      'Circuit breakers: what is done about a session that goes in circles.',
    ),
    routing: z
      .array(RoutingRuleInput)
      .optional()
      .describe('What is done with subagents before they start; the first rule that holds counts.'),
    statements: StatementsInput.optional(),
    projects: ProjectsInput.optional(),
    otlp: OtlpInput.optional(),
  })
  .superRefine((file, context) => {
    if (file.reservation === undefined || file.reservationMs === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['reservation'],
      message: 'Both "reservation" and "reservationMs" are written.',
      params: { hint: 'Keep one of them.' },
    });
  })
  .meta({ title: 'Tollgate configuration' });

type ConfigFileInput = z.output<typeof ConfigInput>;

/**
 * Reads the value of a file. With findings, `settings` holds what could be read on its own: each budget and each
 * setting that is right by itself.
 */
export function parseConfigInput(
  value: unknown,
  file: string,
): { readonly settings: LayerSettings; readonly findings: readonly Finding[] } {
  const read = ConfigInput.safeParse(value);
  const raw = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const findings: Finding[] = [...duplicatedIds(raw.budgets, file)];
  if (!read.success)
    findings.unshift(...findingsOf(read.error.issues as unknown as Issue[], value, file));
  if (read.success && findings.length === 0) return { settings: layerOf(read.data), findings };
  return { settings: layerOf(readablePart(raw), survivingBudgets(raw.budgets)), findings };
}

function duplicatedIds(budgets: unknown, file: string): Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const [index, budget] of (Array.isArray(budgets) ? budgets : []).entries()) {
    const id: unknown = (budget as { id?: unknown } | null)?.id;
    if (typeof id !== 'string') continue;
    if (seen.has(id.toLowerCase())) {
      const segments: Segments = ['budgets', index, 'id'];
      const message = `The id "${id}" is used twice.`;
      findings.push({
        file,
        segments,
        kind: 'mistake',
        message,
        hint: 'Give each budget its own id.',
      });
    }
    seen.add(id.toLowerCase());
  }
  return findings;
}

/** Every setting that is right by itself. */
function readablePart(raw: Record<string, unknown>): ConfigFileInput {
  const part: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(ConfigInput.shape)) {
    if (key === 'budgets' || !Object.hasOwn(raw, key)) continue;
    const read = schema.safeParse(raw[key]);
    if (read.success) part[key] = read.data;
  }
  return part as ConfigFileInput;
}

function layerOf(file: ConfigFileInput, budgets?: readonly LayerBudget[]): LayerSettings {
  const own = budgets ?? (file.budgets ?? []).map(layerBudget);
  return {
    budgets: [...own, ...projectBudgets(file.projects ?? {})],
    safety: file.safety,
    timeZone: file.timeZone,
    onFailure: file.onFailure,
    onGuardLost: file.onGuardLost,
    foreignHosts: file.foreignHosts,
    handOffs: file.handOffs,
    grants: file.grants,
    billing: file.billing,
    waitMs: file.waitMs,
    reservationMs: file.reservationMs ?? file.reservation,
    unknownModel: file.unknownModel,
    fanOutNanoUsd: file.fanOut,
    multiplierMillionths: file.pricing?.multiplier,
    prices: file.pricing?.models,
    clients: file.clients?.map((rule) => ({
      repository: parseRepository(rule.repository),
      client: rule.client ?? null,
      costCentre: rule.costCentre ?? null,
    })),
    ticketPattern: file.ticketPattern,
    labels: file.labels,
    alerts: file.alerts === undefined ? undefined : alertsOf(file.alerts),
    routing: file.routing?.map(routingRule),
    breakers: file.breakers === undefined ? undefined : breakersOf(file.breakers),
    statements: file.statements && statementsOf(file.statements),
    projects: file.projects && projectsOf(file.projects),
    otlp: file.otlp && otlpOf(file.otlp),
  };
}
