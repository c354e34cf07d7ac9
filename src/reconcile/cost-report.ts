// The provider's Cost API report as it is exported or answered: parsed, and nothing else. Amounts are cents as
// decimal text and become nano-dollars digit by digit. Source: platform.claude.com/docs/en/api/admin/cost_report,
// read 2026-11-21.
import { z } from 'zod';
import type { BillLine } from '../domain/bill.ts';
import { DAY_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';

const resultShape = z.looseObject({
  currency: z.string().default('USD'),
  amount: z.union([z.string(), z.number()]),
  model: z.string().nullish(),
  cost_type: z.string().nullish(),
  service_tier: z.string().nullish(),
});

const pageShape = z.looseObject({
  data: z.array(z.looseObject({ starting_at: z.string(), results: z.array(resultShape) })),
  has_more: z.boolean().default(false),
  next_page: z.string().nullish(),
});

/** One page of the report. */
export interface CostReportPage {
  readonly lines: readonly BillLine[];
  /** UTC days the page speaks of, those without a line too. */
  readonly dayAts: readonly number[];
  /** What to ask for next; `null` after the last page. */
  readonly nextPage: string | null;
}

/** Reads one page. Throws `TollgateError` `BAD_COST_REPORT` that names the first thing that is wrong. */
export function parseCostReportPage(value: unknown, from: string): CostReportPage {
  const parsed = pageShape.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.map(String).join('.') ?? '';
    throw unreadable(from, `${where || 'it'}: ${issue?.message ?? 'is not as expected'}`);
  }
  const { data, has_more, next_page } = parsed.data;
  const dayAts = data.map(({ starting_at }) => dayOf(starting_at, from));
  const lines = data.flatMap(({ results }, index) =>
    results.map((result): BillLine => {
      if (result.currency !== 'USD') throw unreadable(from, `an amount is in ${result.currency}`);
      return {
        dayAt: dayAts[index] ?? 0,
        model: result.model ?? null,
        costType: result.cost_type ?? null,
        serviceTier: result.service_tier ?? null,
        costNanoUsd: centsToNano(String(result.amount), from),
      };
    }),
  );
  return { lines, dayAts, nextPage: has_more ? (next_page ?? null) : null };
}

/** Reads a file: one page, or a list of pages. */
export function parseCostReportText(text: string, from: string): readonly CostReportPage[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(from, 'it is not JSON');
  }
  const pages = (Array.isArray(value) ? value : [value]).map((page: unknown) =>
    parseCostReportPage(page, from),
  );
  if (pages.at(-1)?.nextPage) {
    throw unreadable(from, 'its last page says that more pages follow');
  }
  return pages;
}

const NANO_DIGITS = 7; // a cent is ten million nano-dollars

/** `123.45` cents → 1 234 500 000 nano-dollars; half a nano-dollar rounds away from zero. */
export function centsToNano(text: string, from: string): number {
  const match = /^\s*(-?)(\d+)(?:\.(\d+))?\s*$/.exec(text);
  if (!match) throw unreadable(from, `${JSON.stringify(text)} is not an amount in cents`);
  const [, sign = '', whole = '0', fraction = ''] = match;
  const digits = `${whole}${fraction.slice(0, NANO_DIGITS).padEnd(NANO_DIGITS, '0')}`;
  const nano = Number(digits) + (Number(fraction[NANO_DIGITS] ?? 0) >= 5 ? 1 : 0);
  if (!Number.isSafeInteger(nano)) throw unreadable(from, `${text} cents are too much`);
  return sign === '-' && nano !== 0 ? -nano : nano;
}

function dayOf(text: string, from: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw unreadable(from, `starting_at ${JSON.stringify(text)} is no instant`);
  return Math.floor(at / DAY_MS) * DAY_MS;
}

function unreadable(from: string, why: string): TollgateError {
  return new TollgateError({
    code: 'BAD_COST_REPORT',
    message: `no cost report can be read from ${from}: ${why}`,
    hint: 'give the JSON of GET /v1/organizations/cost_report with group_by[]=description, whole',
  });
}
