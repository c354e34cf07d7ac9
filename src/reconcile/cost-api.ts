// Asks the provider's Cost API, page by page. Rule: the key is sent and nothing else is done with it: it is in
// no message, no log and no error; what the provider refuses is told with what to do about it.
import type { EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { type CostReportPage, parseCostReportPage } from './cost-report.ts';

export const DEFAULT_API_URL = 'https://api.anthropic.com';

export interface CostApi {
  /** Without path: `https://api.anthropic.com`. */
  readonly apiUrl: string;
  /** An Admin API key (`sk-ant-admin…`). */
  readonly adminKey: string;
  /** Name of the variable it came from, for messages. */
  readonly keyName: string;
}

const API_VERSION = '2023-06-01';
/** Days in a page; 31 is the most the provider gives. */
const PAGE_DAYS = 31;
const PAGE_TIMEOUT_MS = 30_000;
/** Twenty years of pages: a server that never ends must not keep us for ever. */
const MAX_PAGES = 240;
const MAX_TRIES = 3;
const PAUSE_MS = 500;

/** Reads the report of the UTC days in `[startAt, endAt)`. Throws `TollgateError`. */
export async function readCostReport(
  api: CostApi,
  { startAt, endAt }: { readonly startAt: EpochMs; readonly endAt: EpochMs },
): Promise<readonly CostReportPage[]> {
  const pages: CostReportPage[] = [];
  for (let page: string | null = null; ; ) {
    const url = new URL('/v1/organizations/cost_report', api.apiUrl);
    url.searchParams.set('starting_at', instantText(startAt));
    url.searchParams.set('ending_at', instantText(endAt));
    url.searchParams.set('bucket_width', '1d');
    url.searchParams.append('group_by[]', 'description');
    url.searchParams.set('limit', String(PAGE_DAYS));
    if (page !== null) url.searchParams.set('page', page);
    const read: CostReportPage = parseCostReportPage(await getJson(url, api), url.origin);
    pages.push(read);
    page = read.nextPage;
    if (page === null) return pages;
    if (pages.length >= MAX_PAGES) {
      throw refused(api, 'it never came to a last page', 'ask for fewer days with --since');
    }
  }
}

const instantText = (at: EpochMs): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** The body of an answer; what passes is tried again. Throws `TollgateError`. */
export async function getJson(url: URL, api: CostApi): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(url, api);
    if (response.ok) return bodyOf(response, api);
    const isPassing = response.status === 429 || response.status >= 500;
    if (!isPassing || attempt >= MAX_TRIES) throw await refusal(response, api);
    const pause = Number(response.headers.get('retry-after')) * 1_000 || PAUSE_MS * attempt;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, PAGE_TIMEOUT_MS)));
  }
}

async function send(url: URL, api: CostApi): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { 'x-api-key': api.adminKey, 'anthropic-version': API_VERSION },
      // Another host must not be handed the key.
      redirect: 'error',
      signal: AbortSignal.timeout(PAGE_TIMEOUT_MS),
    });
  } catch (cause) {
    const { name, cause: deeper } = cause as Error & { cause?: { code?: string } };
    const why =
      name === 'TimeoutError'
        ? `it did not answer within ${PAGE_TIMEOUT_MS / 1_000} s`
        : `it cannot be reached (${deeper?.code ?? name})`;
    throw refused(api, why, 'check the network, or give an export with --from cost-report.json');
  }
}

async function bodyOf(response: Response, api: CostApi): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw refused(api, 'its answer is not JSON', 'check --api-url: something else answers there');
  }
}

async function refusal(response: Response, api: CostApi): Promise<TollgateError> {
  const { status } = response;
  const said = await messageOf(response, api.adminKey);
  const why = `it answered ${status}${said ? `: ${said}` : ''}`;
  switch (status) {
    case 401:
    case 403:
      return refused(
        api,
        why,
        `${api.keyName} must hold an Admin API key (sk-ant-admin…) of the organisation; ordinary keys may not read costs`,
      );
    case 404:
      return refused(api, why, 'check --api-url: it must be the API itself, without a path');
    case 429:
      return refused(api, why, 'wait a minute; the provider wants one call a minute');
    default:
      return refused(api, why, 'try again later, or give an export with --from cost-report.json');
  }
}

/** The provider's own words, cut short, and never with the key in them. */
async function messageOf(response: Response, key: string): Promise<string> {
  try {
    const body = (await response.json()) as { error?: { message?: unknown } } | null;
    const message = body?.error?.message;
    return typeof message === 'string' ? message.replaceAll(key, '[key]').slice(0, 200) : '';
  } catch {
    return '';
  }
}

function refused({ apiUrl }: CostApi, why: string, hint: string): TollgateError {
  return new TollgateError({
    code: 'COST_API_REFUSED',
    message: `the Cost API at ${apiUrl} gave no report: ${why}`,
    hint,
  });
}
