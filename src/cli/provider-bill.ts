// The provider's bill for `tollgate reconcile`: from a file, or asked for. Rule: the key is read where the person says it is, sent, and nothing else.

import { readFileSync } from 'node:fs';
import { readSecret } from '../alerts/secrets.ts';
import type { SecretPlace } from '../config/config.ts';
import { UTC } from '../domain/aggregates.ts';
import { billFacts, compareBill } from '../domain/bill.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { RATE_CARDS } from '../pricing/rate-cards.ts';
import { resolveModel } from '../pricing/resolve.ts';
import { isAnalytics, parseAnalyticsPage, readAnalytics } from '../reconcile/analytics-report.ts';
import { parseConsoleCsv } from '../reconcile/console-csv.ts';
import { DEFAULT_API_URL, readCostReport } from '../reconcile/cost-api.ts';
import { type CostReportPage, parseCostReportText } from '../reconcile/cost-report.ts';
import { rowsReader } from '../statements/read-rows.ts';
import { spreadOver } from '../statements/spread.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { textOf, textsOf } from './options.ts';
import type { Bill } from './reconciled-text.ts';

export const DEFAULT_KEY_NAME = 'ANTHROPIC_ADMIN_KEY';
/** Default number of the provider's days: as many as one page holds. */
const DEFAULT_DAYS = 31;

interface Report {
  readonly source: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly pages: readonly CostReportPage[];
}

/** What is asked for; `endAt` `null`: until now. */
type Span = { readonly startAt: EpochMs; readonly endAt: EpochMs | null } | null;

/** `null`: nobody asked for a bill. Throws `TollgateError`. */
export async function readBill(
  options: Readonly<Record<string, unknown>>,
  span: Span,
  context: CliContext,
): Promise<Report | null> {
  const today = dayOf(context.now);
  const tomorrow = today + DAY_MS;
  const startAt = span === null ? today - (DEFAULT_DAYS - 1) * DAY_MS : dayOf(span.startAt);
  const range = { startAt, endAt: Math.min(span?.endAt ?? tomorrow, tomorrow) };
  if (typeof options.from === 'string') return fromFile(options.from, span && range, today);
  const places = keyPlaces(options);
  const isAsked =
    ['bill', 'analytics'].some((name) => options[name] === true) ||
    options.apiUrl !== undefined ||
    places.length > 0;
  if (!isAsked) return null;
  const place = places[0] ?? { env: DEFAULT_KEY_NAME };
  const apiUrl = textOf(options.apiUrl) ?? DEFAULT_API_URL;
  const keyName = 'env' in place ? place.env : 'file' in place ? place.file : 'the command';
  const api = { apiUrl: checkedUrl(apiUrl), adminKey: await keyAt(place, context), keyName };
  const read = options.analytics === true ? readAnalytics : readCostReport;
  return { source: apiUrl, ...range, pages: await read(api, range) };
}

/** A file says which days it covers, unless a month or a time is asked for. */
function fromFile(
  file: string,
  range: { readonly startAt: EpochMs; readonly endAt: EpochMs } | null,
  today: EpochMs,
): Report {
  const pages = parseFile(readText(file), file);
  const days = pages
    .flatMap(({ dayAts }) => dayAts)
    .filter((at) => range === null || (at >= range.startAt && at < range.endAt));
  const first = Math.min(...days, today);
  const last = days.length === 0 ? first : Math.max(...days) + DAY_MS;
  const isWholeMonth = range !== null && range.endAt <= today;
  return isWholeMonth
    ? { source: file, ...range, pages }
    : { source: file, startAt: first, endAt: last, pages };
}

function parseFile(text: string, file: string): readonly CostReportPage[] {
  if (!/^\s*[[{]/.test(text)) return [parseConsoleCsv(text, file)];
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // told by the parser of the Cost API
  }
  if (!isAnalytics(value)) return parseCostReportText(text, file);
  return (Array.isArray(value) ? value : [value]).map((page) => parseAnalyticsPage(page, file));
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** Holds it against the ledger; `store` `null`: there is none. */
export async function billOf(
  { source, startAt, endAt, pages }: Report,
  options: Readonly<Record<string, unknown>>,
  store: Store | null,
  { now }: CliContext,
): Promise<Bill> {
  const window = { startAt, endAt };
  const sums = store?.readSums({ by: ['day', 'model'], zone: UTC, window, where: [] }) ?? [];
  const ledger = sums.map(
    ({ key: [day, model], costNanoUsd, requestCount, unknownCount, usage }) => ({
      dayAt: Number(day) * DAY_MS,
      model: typeof model === 'string' ? model : null,
      costNanoUsd,
      requestCount,
      unknownCount,
      webSearchCount: usage.webSearchCount,
    }),
  );
  const all = pages
    .flatMap(({ lines }) => lines)
    .filter(({ dayAt }) => dayAt >= startAt && dayAt < endAt);
  const { bill, facts } = billFacts(all, textsOf(options.payer));
  const nameOf = (given: string) => resolveModel(given, RATE_CARDS).model ?? given;
  const comparison = compareBill({ ledger, bill, now, nameOf });
  const difference = comparison.days.reduce((sum, day) => sum - day.differenceNanoUsd, 0);
  const people = store?.readSums({ by: ['developer'], zone: UTC, window, where: [] }) ?? [];
  return {
    ...{ source, startAt, endAt, comparison, facts },
    developers: new Map(
      people.map(({ key, costNanoUsd }) => [String(key[0] ?? '').toLowerCase(), costNanoUsd]),
    ),
    spread:
      options.spread === true && store !== null
        ? spreadOver(difference, await rowsReader(store)(window))
        : null,
  };
}

/** Where the options say that the key is. */
function keyPlaces(options: Readonly<Record<string, unknown>>): readonly SecretPlace[] {
  const [env, file, command] = [
    textOf(options.adminKeyEnv),
    textOf(options.adminKeyFile),
    textOf(options.adminKeyCommand),
  ];
  return [
    ...(env === undefined ? [] : [{ env }]),
    ...(file === undefined ? [] : [{ file }]),
    ...(command === undefined ? [] : [{ command: command.trim().split(/\s+/) }]),
  ];
}

async function keyAt(place: SecretPlace, { env }: CliContext): Promise<string> {
  const isNamed = 'env' in place;
  const key = isNamed ? env[place.env]?.trim() : (await readSecret(place, env)).trim();
  if (key && /^[\x21-\x7e]+$/.test(key)) return key;
  const what = isNamed ? `the environment variable ${place.env}` : 'what was named';
  throw new TollgateError({
    code: 'NO_ADMIN_KEY',
    message: `${what} ${key || !isNamed ? 'holds no key' : 'is not set'}`,
    hint: 'put an Admin API key into it (Console → Settings → Admin keys), or give an export with --from',
  });
}

function checkedUrl(text: string): string {
  let url: URL | null = null;
  try {
    url = new URL(text);
  } catch {
    // refused below
  }
  const isLocal = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return text;
  throw new TollgateError({
    code: 'BAD_API_URL',
    message: `--api-url ${text} is not an https address`,
    hint: 'a key must not travel in the clear; http is for this machine only',
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new TollgateError({
      code: 'BAD_COST_REPORT',
      message: `no cost report can be read from ${file}: ${(cause as Error).message}`,
      hint: 'give the path of the exported file',
      cause,
    });
  }
}
