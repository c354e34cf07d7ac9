// A loopback server that answers like the provider's Cost API: pages of days, a key that must be right, and errors
// on demand. It keeps what it was asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One line of a day, as the provider writes it: cents as text. */
export interface StubCost {
  readonly amount: string;
  readonly model?: string | null;
  readonly cost_type?: string | null;
}

export interface CostApiStubOptions {
  readonly key: string;
  /** By UTC day, `2026-11-20`. */
  readonly days: Readonly<Record<string, readonly StubCost[]>>;
  /** Pages of the Claude Code Analytics report, by UTC day. */
  readonly analytics?: Readonly<Record<string, unknown>>;
  /** Days in a page. Absent: all. */
  readonly pageDays?: number;
  /** Statuses to answer first, one for each request. */
  readonly failFirst?: readonly number[];
}

export interface CostApiStub {
  readonly url: string;
  /** Query strings, decoded, in order. */
  readonly queries: readonly URLSearchParams[];
  close(): Promise<void>;
}

const NO_RECORDS = { data: [], has_more: false, next_page: null };

/** One page of the report, as the provider answers it. */
export function costReportPage(days: CostApiStubOptions['days'], nextPage: string | null = null) {
  return {
    data: Object.entries(days).map(([day, costs]) => ({
      starting_at: `${day}T00:00:00Z`,
      ending_at: new Date(Date.parse(day) + 86_400_000).toISOString(),
      results: costs.map(({ amount, model = null, cost_type = 'tokens' }) => ({
        ...{ currency: 'USD', amount, model, cost_type, workspace_id: null },
        ...{ description: model, service_tier: 'standard', token_type: null, context_window: null },
      })),
    })),
    has_more: nextPage !== null,
    next_page: nextPage,
  };
}

/** Starts it on a free loopback port. */
export async function startCostApiStub(options: CostApiStubOptions): Promise<CostApiStub> {
  const queries: URLSearchParams[] = [];
  const failures = [...(options.failFirst ?? [])];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stub');
    queries.push(url.searchParams);
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const refuse = (status: number, message: string) =>
      send(status, { type: 'error', error: { type: 'error', message } });
    const status = failures.shift();
    if (status !== undefined) return refuse(status, 'not now');
    const key = request.headers['x-api-key'];
    if (key !== options.key) return refuse(401, `invalid x-api-key ${key}`);
    if (request.headers['anthropic-version'] !== '2023-06-01') return refuse(400, 'version');
    if (url.pathname === '/v1/organizations/usage_report/claude_code') {
      return send(
        200,
        options.analytics?.[url.searchParams.get('starting_at') ?? ''] ?? NO_RECORDS,
      );
    }
    if (url.pathname !== '/v1/organizations/cost_report') return refuse(404, 'Not found');
    const from = Date.parse(url.searchParams.get('starting_at') ?? '');
    const to = Date.parse(url.searchParams.get('ending_at') ?? '');
    const days = Object.entries(options.days).filter(
      ([day]) => Date.parse(day) >= from && Date.parse(day) < to,
    );
    const size = options.pageDays ?? Math.max(1, days.length);
    const at = Number(url.searchParams.get('page')?.replace('page_', '') ?? 0);
    const next = at + size < days.length ? `page_${at + size}` : null;
    return send(200, costReportPage(Object.fromEntries(days.slice(at, at + size)), next));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    queries,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
