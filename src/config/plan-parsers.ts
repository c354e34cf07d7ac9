// How a person writes a plan's window, and a limit in it. Rule: pure; a canonical value, or what is wrong and what would be right.
import {
  PLAN_MODELS,
  type PlanWindowName,
  parsePlanWindow,
  parseUnits,
  type WrittenAmount,
} from '../domain/plan-window.ts';
import { type ParsedValue, parseAmount } from './value-parsers.ts';

const wrong = (message: string, hint: string) => ({ ok: false, message, hint }) as const;

/** `"5.00"` or `"90%"`: which of the two a budget takes, the budget says. */
export function parseLimit(value: unknown): ParsedValue<WrittenAmount> {
  const units = typeof value === 'string' ? parseUnits(value) : null;
  if (units === null) {
    const usd = parseAmount(value);
    return usd.ok ? { ok: true, value: { unit: 'usd', amount: usd.value } } : usd;
  }
  if (units > 0) return { ok: true, value: { unit: 'share', amount: units } };
  return wrong(
    `"${String(value)}" is not more than zero.`,
    'Write a share above zero, like "90%".',
  );
}

/** A plan's window by its name. */
export function parsePlan(value: unknown): ParsedValue<PlanWindowName> {
  const name = typeof value === 'string' ? parsePlanWindow(value) : null;
  if (name !== null) return { ok: true, value: name };
  return wrong(
    `${JSON.stringify(value)} is not a window of a plan.`,
    `Write "five-hour" or "seven-day"; of one family of models: "seven-day:opus" (${PLAN_MODELS.join(', ')}).`,
  );
}
