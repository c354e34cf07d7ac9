// A view of history as words: those of the address bar, and those that `report` takes.

export const UNITS = ['hour', 'day', 'week', 'month'] as const;
export type Unit = (typeof UNITS)[number];

/** What bars are divided by, beside time; as `--by` takes it. */
export const GROUPS: readonly (readonly [string, string])[] = [
  ['', 'Nothing'],
  ['model', 'Model'],
  ['repository', 'Repository'],
  ['branch', 'Branch'],
  ['client', 'Client'],
  ['developer', 'Developer'],
  ['ticket', 'Ticket'],
  ['pr', 'Pull request'],
  ['agent', 'Agent'],
  ['tool', 'Tool'],
  ['skill', 'Skill'],
  ['mcp', 'MCP server'],
  ['plugin', 'Plugin'],
  ['costCentre', 'Cost centre'],
  ['subPath', 'Folder'],
  ['worktree', 'Worktree'],
  ['provenance', 'Provenance'],
];

/** Spans to choose from; `--since` takes the first word, `--until` the second. */
export const SPANS: readonly (readonly [string, string, string])[] = [
  ['today', '', 'Today'],
  ['7d', '', '7 days'],
  ['30d', '', '30 days'],
  ['90d', '', '90 days'],
  ['this-month', '', 'This month'],
  ['last-month', 'last-month', 'Last month'],
  ['this-year', '', 'This year'],
  ['', '', 'All'],
];

export interface Span {
  /** Empty: from the beginning. */
  readonly since: string;
  /** Empty: until now. */
  readonly until: string;
}

/** A page's time; absent: thirty days. */
export function spanOf(query: URLSearchParams): Span {
  const since = query.get('since') ?? '30d';
  return { since: since === 'all' ? '' : since, until: query.get('until') ?? '' };
}

/** For the address bar. */
export const spanWords = ({ since, until }: Span) => ({
  since: since === '' ? 'all' : since,
  until,
});

export interface View extends Span {
  readonly unit: Unit;
  /** Empty: none. */
  readonly group: string;
  /** `key=value`, as `--where` takes them. */
  readonly where: readonly string[];
  /** The window whose running total is shown; empty: the first that has one. */
  readonly budget: string;
}

export function viewOf(query: URLSearchParams): View {
  const unit = UNITS.find((each) => each === query.get('unit')) ?? 'day';
  const group = query.get('group') ?? 'model';
  return {
    ...spanOf(query),
    unit,
    group: group === 'none' ? '' : group,
    where: query.getAll('where'),
    budget: query.get('budget') ?? '',
  };
}

/** For the address bar. An empty word is a choice, too. */
export const viewWords = ({ unit, group, since, until, where, budget }: View) => ({
  ...{ unit, where, budget },
  group: group === '' ? 'none' : group,
  ...spanWords({ since, until }),
});

/** For `report`. */
export const reportWords = ({ unit, group, since, until, where }: View) => ({
  by: group === '' ? unit : `${unit},${group}`,
  ...{ since, until, where },
});

/** A bar from near: its own time, in the next smaller unit. */
export function insideOf(view: View, bucket: string): View {
  if (view.unit === 'hour') return view;
  const [since, until] = view.unit === 'week' ? [bucket, sixDaysLater(bucket)] : [bucket, bucket];
  return { ...view, since, until, unit: view.unit === 'day' ? 'hour' : 'day' };
}

function sixDaysLater(date: string): string {
  const day = new Date(`${date}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 6);
  return day.toISOString().slice(0, 10);
}
