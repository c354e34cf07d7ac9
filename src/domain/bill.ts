// The provider's bill against the ledger, by day and by model. PURE. Rule: a difference is named by its likely
// cause as a code; both sides are whole nano-dollars, and days are UTC days, because the provider books by them.
import type { NanoUsd } from './money.ts';
import { DAY_MS, type EpochMs, HOUR_MS } from './time.ts';

/** One line of the provider's bill. */
export interface BillLine {
  /** Start of the UTC day it is booked on. */
  readonly dayAt: EpochMs;
  /** As the provider spells it; `null` for what no model is named for (searches, code execution). */
  readonly model: string | null;
  /** `tokens`, `web_search`, … as the provider says; `null` when the bill is not broken down. */
  readonly costType: string | null;
  /** `standard`, `batch`, …; `null` when the bill does not say. */
  readonly serviceTier: string | null;
  readonly costNanoUsd: NanoUsd;
  /** At list price, where the bill says it beside. */
  readonly listNanoUsd?: NanoUsd;
  /** Whose it is, where the bill says it: a name of an API key, or somebody's address. */
  readonly payer?: string;
}

/** What the ledger has spent on a day with a model. */
export interface SpentLine {
  readonly dayAt: EpochMs;
  /** `null`: money no transcript line tells the model of (compaction, side requests). */
  readonly model: string | null;
  readonly costNanoUsd: NanoUsd;
  readonly requestCount: number;
  /** Requests that were counted at a stand-in's price. */
  readonly unknownCount: number;
  readonly webSearchCount: number;
}

/** Why the two sides differ, as far as figures can tell. */
export type Cause =
  | 'EQUAL'
  | 'ROUNDING'
  /** The day is not over, or was over only just now: the provider books some minutes late. */
  | 'PROVIDER_LATE'
  /** The provider has more: other people, machines or programs of the same organisation. */
  | 'NOT_IN_LEDGER'
  /** The ledger has more: another organisation, a cloud, a subscription or the priority tier paid. */
  | 'NOT_ON_THIS_BILL'
  /** Requests to a model without a price, counted at the dearest row. */
  | 'UNPRICED_MODEL'
  /** About the same money is missing on a neighbouring day: requests around midnight UTC. */
  | 'DAY_BOUNDARY'
  /** Both sides move together by one factor: a discount, a surcharge or batch prices. */
  | 'PRICE_DIFFERS'
  /** The ledger knows the money, but not its model: compaction, searches, prompt hooks. */
  | 'HIDDEN_REQUESTS';

/** One comparison. */
export interface BillDifference {
  readonly dayAt: EpochMs;
  /** The model; `(searches)`, `(no model)` for what has none; `null` for the day as a whole. */
  readonly model: string | null;
  readonly ledgerNanoUsd: NanoUsd;
  readonly providerNanoUsd: NanoUsd;
  /** Ledger − provider. */
  readonly differenceNanoUsd: NanoUsd;
  readonly cause: Cause;
  /** Provider ÷ ledger, where `PRICE_DIFFERS`; otherwise `null`. */
  readonly ratio: number | null;
}

export interface BillComparison {
  /** One for each day on either side, oldest first. */
  readonly days: readonly BillDifference[];
  /** One for each day and model, oldest first, then by name. */
  readonly models: readonly BillDifference[];
}

export interface BillSides {
  readonly ledger: readonly SpentLine[];
  readonly bill: readonly BillLine[];
  readonly now: EpochMs;
  /** The one name of all spellings of a model. */
  readonly nameOf: (spelling: string) => string;
}

/** What a search costs; the provider bills it apart, the ledger with the request that made it. */
const SEARCH_NANO_USD = 10_000_000;
const SEARCHES = '(searches)';
const NO_MODEL = '(no model)';
const EXACT_NANO_USD = 1_000;
/** Half a cent, and at most a hundredth: what a bill in cents may round away. */
const ROUNDING_NANO_USD = 5_000_000;
const ROUNDING_RATIO = 0.01;
/** The provider says: usually five minutes, sometimes longer. Read 2026-11-21. */
const LATE_MS = HOUR_MS;
const SAME_FACTOR = 0.005;

/** Compares. */
export function compareBill({ ledger, bill, now, nameOf }: BillSides): BillComparison {
  const cells = new Map<string, Cell>();
  const cellOf = (dayAt: EpochMs, model: string): Cell => {
    const key = `${dayAt} ${model}`;
    const known = cells.get(key);
    if (known) return known;
    const made: Cell = { dayAt, model, ledger: 0, provider: 0, list: 0, unknownCount: 0 };
    cells.set(key, made);
    return made;
  };
  for (const line of ledger) {
    const searches = line.webSearchCount * SEARCH_NANO_USD;
    const cell = cellOf(line.dayAt, line.model === null ? NO_MODEL : nameOf(line.model));
    cell.ledger += line.costNanoUsd - searches;
    cell.unknownCount += line.unknownCount;
    if (searches !== 0) cellOf(line.dayAt, SEARCHES).ledger += searches;
  }
  for (const line of bill) {
    const cell = cellOf(line.dayAt, rowOf(line, nameOf));
    cell.provider += line.costNanoUsd;
    cell.list += line.listNanoUsd ?? line.costNanoUsd;
  }
  const models = [...cells.values()]
    .filter(({ ledger: ours, provider }) => ours !== 0 || provider !== 0)
    .sort((a, b) => a.dayAt - b.dayAt || a.model.localeCompare(b.model));
  const days = [...new Set(models.map(({ dayAt }) => dayAt))].map((dayAt) =>
    sumOf(
      dayAt,
      models.filter((cell) => cell.dayAt === dayAt),
    ),
  );
  return {
    days: days.map((day) => differenceOf(day, null, days, 0, now)),
    models: models.map((cell) => {
      const same = models.filter(({ model }) => model === cell.model);
      const hidden = models.find((each) => each.dayAt === cell.dayAt && each.model === NO_MODEL);
      return differenceOf(cell, cell.model, same, hidden?.ledger ?? 0, now);
    }),
  };
}

interface Cell {
  readonly dayAt: EpochMs;
  readonly model: string;
  ledger: NanoUsd;
  provider: NanoUsd;
  /** What the provider would have taken without discounts; its cost where it says nothing else. */
  list: NanoUsd;
  unknownCount: number;
}

function rowOf({ model, costType }: BillLine, nameOf: (spelling: string) => string): string {
  if (model !== null) return nameOf(model);
  if (costType === 'web_search') return SEARCHES;
  return costType === null || costType === 'tokens' ? NO_MODEL : `(${costType})`;
}

function sumOf(dayAt: EpochMs, cells: readonly Cell[]): Cell {
  const sum = (pick: (cell: Cell) => number) =>
    cells.reduce((total, cell) => total + pick(cell), 0);
  return {
    dayAt,
    model: '',
    ledger: sum((cell) => cell.ledger),
    provider: sum((cell) => cell.provider),
    list: sum((cell) => cell.list),
    unknownCount: sum((cell) => cell.unknownCount),
  };
}

function differenceOf(
  cell: Cell,
  model: string | null,
  same: readonly Cell[],
  hidden: NanoUsd,
  now: EpochMs,
): BillDifference {
  const cause = causeOf(cell, same, hidden, now);
  return {
    dayAt: cell.dayAt,
    model,
    ledgerNanoUsd: cell.ledger,
    providerNanoUsd: cell.provider,
    differenceNanoUsd: cell.ledger - cell.provider,
    cause,
    ratio: cause === 'PRICE_DIFFERS' ? Number((cell.provider / cell.ledger).toFixed(4)) : null,
  };
}

function causeOf(cell: Cell, same: readonly Cell[], hidden: NanoUsd, now: EpochMs): Cause {
  const { ledger, provider } = cell;
  const difference = ledger - provider;
  const size = Math.abs(difference);
  if (size <= EXACT_NANO_USD) return 'EQUAL';
  const larger = Math.max(Math.abs(ledger), Math.abs(provider));
  if (isRounding(size, larger)) return 'ROUNDING';
  if (cell.list !== provider && isRounding(Math.abs(ledger - cell.list), larger)) {
    return 'PRICE_DIFFERS';
  }
  const isOpen = now < cell.dayAt + DAY_MS + LATE_MS;
  if (isOpen && difference > 0) return 'PROVIDER_LATE';
  if (cell.unknownCount > 0) return 'UNPRICED_MODEL';
  if (same.some((other) => isNeighbour(cell, other))) return 'DAY_BOUNDARY';
  if (ledger === 0) return isExplainedBy(hidden, size) ? 'HIDDEN_REQUESTS' : 'NOT_IN_LEDGER';
  if (provider === 0) return cell.model === NO_MODEL ? 'HIDDEN_REQUESTS' : 'NOT_ON_THIS_BILL';
  if (isScaled(cell, same)) return 'PRICE_DIFFERS';
  if (difference > 0) return 'NOT_ON_THIS_BILL';
  return isExplainedBy(hidden, size) ? 'HIDDEN_REQUESTS' : 'NOT_IN_LEDGER';
}

const isRounding = (size: NanoUsd, larger: NanoUsd): boolean =>
  size <= ROUNDING_NANO_USD && size <= larger * ROUNDING_RATIO;

const isExplainedBy = (hidden: NanoUsd, size: NanoUsd): boolean => hidden + EXACT_NANO_USD >= size;

/** The day before or after lacks what this one has too much, within a twentieth. */
function isNeighbour(cell: Cell, other: Cell): boolean {
  if (Math.abs(other.dayAt - cell.dayAt) !== DAY_MS) return false;
  const here = cell.ledger - cell.provider;
  const there = other.ledger - other.provider;
  return here * there < 0 && Math.abs(here + there) <= Math.abs(here) / 20;
}

/** The same factor on at least two days is a price; on one day it may be anything. */
function isScaled(cell: Cell, same: readonly Cell[]): boolean {
  const both = same.filter(({ ledger, provider }) => ledger > 0 && provider > 0);
  const factor = cell.provider / cell.ledger;
  return (
    both.length > 1 &&
    both.every(
      ({ ledger, provider }) => Math.abs(provider / ledger - factor) <= factor * SAME_FACTOR,
    )
  );
}

/** What a bill says beside days and models. */
export interface BillFacts {
  /** By API key or person, the largest first; empty where the bill does not say. */
  readonly payers: readonly { readonly payer: string; readonly costNanoUsd: NanoUsd }[];
  /** List price − cost; 0 where the bill does not say. */
  readonly discountNanoUsd: NanoUsd;
  /** Of payers that were not asked for. */
  readonly otherNanoUsd: NanoUsd;
}

/** Splits a bill: what is compared, and what is known of it. `payers`: those that this ledger is of; empty: all. */
export function billFacts(
  bill: readonly BillLine[],
  payers: readonly string[],
): { readonly bill: readonly BillLine[]; readonly facts: BillFacts } {
  const isOurs = ({ payer }: BillLine) =>
    payers.length === 0 || (payer !== undefined && payers.includes(payer));
  const byPayer = new Map<string, NanoUsd>();
  for (const { payer, costNanoUsd } of bill) {
    if (payer !== undefined) byPayer.set(payer, (byPayer.get(payer) ?? 0) + costNanoUsd);
  }
  const sum = (lines: readonly BillLine[], of: (line: BillLine) => NanoUsd) =>
    lines.reduce((all, line) => all + of(line), 0);
  const ours = bill.filter(isOurs);
  return {
    bill: ours,
    facts: {
      payers: [...byPayer]
        .map(([payer, costNanoUsd]) => ({ payer, costNanoUsd }))
        .sort((a, b) => b.costNanoUsd - a.costNanoUsd || (a.payer < b.payer ? -1 : 1)),
      discountNanoUsd: sum(
        ours,
        (line) => (line.listNanoUsd ?? line.costNanoUsd) - line.costNanoUsd,
      ),
      otherNanoUsd: sum(bill, (line) => (isOurs(line) ? 0 : line.costNanoUsd)),
    },
  };
}
