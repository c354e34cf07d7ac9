// The provider's Claude Code Analytics report as it is exported or answered: what each person or API key has cost by day and model, estimated by the
// provider. Source: platform.claude.com/docs/en/api/admin/usage_report, read 2026-11-28.
import { z } from 'zod';
import type { BillLine } from '../domain/bill.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { type CostApi, getJson } from './cost-api.ts';
import { type CostReportPage, centsToNano } from './cost-report.ts';

const recordShape = z.looseObject({
  date: z.string(),
  actor: z.looseObject({
    email_address: z.string().nullish(),
    api_key_name: z.string().nullish(),
  }),
  model_breakdown: z.array(
    z.looseObject({
      model: z.string(),
      estimated_cost: z.looseObject({
        amount: z.union([z.string(), z.number()]),
        currency: z.string().default('USD'),
      }),
    }),
  ),
});
const pageShape = z.looseObject({
  data: z.array(recordShape),
  has_more: z.boolean().default(false),
  next_page: z.string().nullish(),
});

/** Whether a value looks like such a report, and not like that of the Cost API. */
export const isAnalytics = (value: unknown): boolean => {
  const first = Array.isArray(value) ? value[0] : value;
  const data = (first as { data?: unknown } | null)?.data;
  return Array.isArray(data) && data.length > 0 && 'model_breakdown' in Object(data[0]);
};

/** Reads one page. Throws `TollgateError` `BAD_COST_REPORT`. */
export function parseAnalyticsPage(value: unknown, from: string): CostReportPage {
  const parsed = pageShape.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw unreadable(from, `${issue?.path.map(String).join('.') || 'it'}: ${issue?.message}`);
  }
  const { data, has_more, next_page } = parsed.data;
  const lines = data.flatMap(({ date, actor, model_breakdown }) => {
    const at = Date.parse(date);
    if (Number.isNaN(at)) throw unreadable(from, `${JSON.stringify(date)} is no date`);
    const payer = actor.email_address ?? actor.api_key_name ?? '(unknown)';
    return model_breakdown.map(({ model, estimated_cost: { amount, currency } }): BillLine => {
      if (currency !== 'USD') throw unreadable(from, `an amount is in ${currency}`);
      return {
        ...{ dayAt: Math.floor(at / DAY_MS) * DAY_MS, model, payer },
        ...{ costType: 'tokens', serviceTier: null },
        costNanoUsd: centsToNano(String(amount), from),
      };
    });
  });
  const dayAts = [...new Set(lines.map(({ dayAt }) => dayAt))];
  return { lines, dayAts, nextPage: has_more ? (next_page ?? null) : null };
}

/** Asks for each UTC day in `[startAt, endAt)`: the API tells one at a time. Throws `TollgateError`. */
export async function readAnalytics(
  api: CostApi,
  { startAt, endAt }: { readonly startAt: EpochMs; readonly endAt: EpochMs },
): Promise<readonly CostReportPage[]> {
  const pages: CostReportPage[] = [];
  for (let dayAt = startAt; dayAt < endAt; dayAt += DAY_MS) {
    for (let page: string | null = ''; page !== null; ) {
      const url = new URL('/v1/organizations/usage_report/claude_code', api.apiUrl);
      url.searchParams.set('starting_at', new Date(dayAt).toISOString().slice(0, 10));
      url.searchParams.set('limit', '1000');
      if (page !== '') url.searchParams.set('page', page);
      const read: CostReportPage = parseAnalyticsPage(await getJson(url, api), url.origin);
      pages.push({ ...read, dayAts: [dayAt] });
      page = read.nextPage;
    }
  }
  return pages;
}

const unreadable = (from: string, why: string): TollgateError =>
  new TollgateError({
    code: 'BAD_COST_REPORT',
    message: `no analytics report can be read from ${from}: ${why}`,
    hint: 'give the JSON of GET /v1/organizations/usage_report/claude_code, one page or a list of them',
  });
