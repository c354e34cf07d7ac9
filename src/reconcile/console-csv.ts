// The cost export of the provider's Console, a CSV file: parsed, and nothing else. Columns are found by their names: usage_date_utc, model, api_key,
// cost_type, cost_usd and list_price_usd, as public importers of it describe them (read 2026-11-28; no file of an account was at hand).
import type { BillLine } from '../domain/bill.ts';
import { parseUsd } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import type { CostReportPage } from './cost-report.ts';
import { csvRows } from './csv-rows.ts';

const NEEDED = ['usage_date_utc', 'cost_usd'] as const;

/** Reads a file. Throws `TollgateError` `BAD_COST_REPORT` that names the first thing that is wrong. */
export function parseConsoleCsv(text: string, from: string): CostReportPage {
  const [heading = [], ...rows] = csvRows(text);
  const names = heading.map((name) => name.trim().toLowerCase());
  const missing = NEEDED.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw unreadable(from, `line 1: there is no column ${missing} among ${names.join(', ')}`);
  }
  const lines = rows.map((row, index): BillLine => {
    const cell = (name: string) => row[names.indexOf(name)]?.trim() || null;
    const day = cell('usage_date_utc') ?? '';
    const dayAt = /^\d{4}-\d{2}-\d{2}/.test(day) ? Date.parse(day.slice(0, 10)) : Number.NaN;
    if (Number.isNaN(dayAt)) throw unreadable(from, `line ${index + 2}: ${day} is no date`);
    const money = (name: string) => {
      const read = nanoOf(cell(name));
      if (read === null) throw unreadable(from, `line ${index + 2}: ${name} is no amount`);
      return read;
    };
    const list = cell('list_price_usd');
    const payer = cell('api_key');
    return {
      dayAt: Math.floor(dayAt / DAY_MS) * DAY_MS,
      model: modelOf(cell('model')),
      costType: cell('cost_type') === 'token' ? 'tokens' : cell('cost_type'),
      serviceTier: cell('usage_type'),
      costNanoUsd: money('cost_usd'),
      ...(list === null ? {} : { listNanoUsd: money('list_price_usd') }),
      ...(payer === null ? {} : { payer }),
    };
  });
  return { lines, dayAts: [...new Set(lines.map(({ dayAt }) => dayAt))], nextPage: null };
}

/** `Claude Haiku 4.5` → `claude-haiku-4-5`, which prices are found by. */
const modelOf = (name: string | null): string | null =>
  name === null ? null : name.toLowerCase().replace(/[\s.]+/g, '-');

/** Digits beyond the nano-dollar are rounded. */
function nanoOf(text: string | null): number | null {
  const match = /^\$?(-?\d+)(?:\.(\d+))?$/.exec(text ?? '');
  if (!match) return null;
  const fraction = match[2] ?? '';
  const nano = parseUsd(`${match[1]}.${`${fraction}0`.slice(0, 9)}`);
  if (nano === null) return null;
  const isUp = Number(fraction[9] ?? 0) >= 5;
  return isUp ? nano + ((match[1] ?? '').startsWith('-') ? -1 : 1) : nano;
}

const unreadable = (from: string, why: string): TollgateError =>
  new TollgateError({
    code: 'BAD_COST_REPORT',
    message: `no cost export can be read from ${from}: ${why}`,
    hint: 'give the CSV of the Console’s cost page (not of its usage page, which has no amounts), as it was downloaded',
  });
