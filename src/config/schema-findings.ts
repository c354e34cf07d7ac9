// From what zod objects to, to what a person can act on: one finding per mistake, with path, message and hint.
// Rule: every finding has a hint; a mistyped word gets the nearest known one.
import { BREAKER_NAMES } from '../domain/breaker-trip.ts';
import { nearestWord } from '../domain/did-you-mean.ts';
import { dottedPath, type Finding, type Segments } from './layer.ts';
import { ROOT_KEYS } from './root-keys.ts';

/** What is used of a zod issue; typed here so that zod stays in its own two files. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly [detail: string]: unknown;
}

/** Keys known at a path of the file: the pattern is its dotted path without indexes. */
const KNOWN_KEYS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^$/, ROOT_KEYS],
  [/^budgets\[\d+\]$/, ['id', 'scope', 'period', 'plan', 'soft', 'hard', 'wrapUp', 'mode']],
  [/^pricing$/, ['multiplier', 'models']],
  [/^pricing\.models/, ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h']],
  [/^clients\[\d+\]$/, ['repository', 'client', 'costCentre']],
  [/^breakers$/, BREAKER_NAMES],
  [/^breakers\./, ['mode', 'times', 'cost', 'over', 'perMinute', 'tokens']],
  [/^routing\[\d+\]$/, ['id', 'when', 'action']],
  [
    /^routing\[\d+\]\.when$/,
    ['agentType', 'work', 'model', 'background', 'batch', 'spent', 'expected'],
  ],
  [/^alerts$/, ['thresholds', 'runOut', 'burnRate', 'pace', 'spike', 'quietHours', 'channels']],
  [
    /^projects\.[^.]+$/,
    [
      ...['title', 'client', 'repositories', 'from', 'until', 'price', 'currency', 'plannedCost'],
      ...['pullRequests', 'kinds', 'soft', 'hard', 'mode'],
    ],
  ],
  [/^statements$/, ['sender', 'number', 'rates', 'clients']],
  [
    /^statements\.clients\.[^.]+$/,
    [
      ...[
        'title',
        'address',
        'reference',
        'language',
        'timeZone',
        'currency',
        'markUp',
        'developers',
      ],
      ...['flatFee', 'perDeveloper', 'discounts', 'taxes', 'rounding', 'lines'],
    ],
  ],
];

/** Words people use for something that is called otherwise here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  limit: 'hard',
  max: 'hard',
  ceiling: 'hard',
  warn: 'soft',
  warning: 'soft',
  name: 'id',
  window: 'period',
  budget: 'budgets',
  timezone: 'timeZone',
  costCenter: 'costCentre',
};

/** The findings of one file's issues, in the order of the issues. */
export function findingsOf(issues: readonly Issue[], value: unknown, file: string): Finding[] {
  return issues.flatMap((issue) => {
    const segments = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code === 'unrecognized_keys') {
      const keys = issue.keys as readonly string[];
      return keys.map((key) => unknownKey(file, segments, key));
    }
    const branches = (issue.errors ?? []) as readonly (readonly Issue[])[];
    if (issue.code === 'invalid_union' && branches.length > 0) {
      // A word or an object: what is wrong with the one that was written.
      const isObject = typeof valueAt(value, segments) === 'object';
      const inner = (isObject ? branches.at(-1) : branches[0]) ?? [];
      const whole = inner.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
      return findingsOf(whole, value, file);
    }
    const { message, hint } = wording(issue, segments, valueAt(value, segments));
    return [{ file, segments, kind: 'mistake' as const, message, hint }];
  });
}

function unknownKey(file: string, parent: Segments, key: string): Finding {
  const path = dottedPath(parent);
  const known = KNOWN_KEYS.find(([pattern]) => pattern.test(path))?.[1] ?? [];
  const other = Object.hasOwn(OTHER_NAMES, key) ? (OTHER_NAMES[key] ?? null) : null;
  const meant = other !== null && known.includes(other) ? other : nearestWord(key, known);
  const all = known.length === 0 ? schemaHint(parent) : `Known here: ${known.join(', ')}.`;
  const hint = meant === null ? all : `Did you mean "${meant}"?`;
  const message = `"${key}" is not a setting${path === '' ? '' : ` of ${path}`}.`;
  return { file, segments: [...parent, key], kind: 'mistake', message, hint };
}

function wording(issue: Issue, segments: Segments, value: unknown) {
  const name = segments.at(-1) === undefined ? 'The file' : `"${String(segments.at(-1))}"`;
  if (issue.code === 'custom') {
    const hint = (issue.params as { hint?: unknown } | undefined)?.hint;
    return { message: issue.message, hint: typeof hint === 'string' ? hint : schemaHint(segments) };
  }
  if (issue.code === 'invalid_value') {
    const values = (issue.values as readonly unknown[]).map(String);
    const meant = typeof value === 'string' ? nearestWord(value, values) : null;
    const hint = meant === null ? `Write ${values.map((v) => `"${v}"`).join(', ')}.` : null;
    const message = `${JSON.stringify(value)} is not a value of ${name}.`;
    return { message, hint: hint ?? `Did you mean "${meant}"? Known: ${values.join(', ')}.` };
  }
  if (issue.code === 'invalid_type' && value === undefined) {
    return { message: `${name} is missing.`, hint: schemaHint(segments) };
  }
  if (issue.code === 'invalid_type') {
    const expected = issue.expected === 'record' ? 'object' : String(issue.expected);
    return { message: `${name} is not of type ${expected}.`, hint: schemaHint(segments) };
  }
  if (issue.code === 'too_big' || issue.code === 'too_small') {
    const bound = issue.maximum ?? issue.minimum;
    const side = issue.code === 'too_big' ? 'most' : 'least';
    const hint = `At ${side} ${String(bound)}.`;
    return { message: `${JSON.stringify(value)} is out of bounds for ${name}.`, hint };
  }
  return {
    message: `${JSON.stringify(value) ?? name} is not valid here.`,
    hint: schemaHint(segments),
  };
}

function schemaHint(segments: Segments): string {
  const path = dottedPath(segments);
  if (/\.id$/.test(path)) {
    return 'Write an id like "session" or "team-day": letters, digits, point, hyphen, underscore.';
  }
  if (/^budgets/.test(path)) {
    return 'A budget looks like {"id":"session","soft":"4.00","hard":"5.00"}.';
  }
  if (/^labels/.test(path)) return 'Labels look like {"team":"web"}; no comma, no equals sign.';
  if (/^clients/.test(path))
    return 'A rule looks like {"repository":"github.com/Acme/*","client":"Acme"}.';
  if (/^pricing/.test(path))
    return 'Prices look like {"models":{"claude-x":{"input":"3","output":"15"}}}.';
  if (/^alerts\.channels/.test(path)) {
    return 'A channel looks like {"type":"slack","url":{"env":"SLACK_WEBHOOK_URL"}}; see docs/alerts.md.';
  }
  if (/^statements/.test(path)) return 'See docs/statements.md.';
  if (/^alerts/.test(path)) return 'Alerts look like {"thresholds":["80%"],"channels":{…}}.';
  if (/^breakers/.test(path)) {
    return 'A breaker looks like "enforce" or {"mode":"warn","times":8}; see docs/breakers.md.';
  }
  if (/^routing/.test(path)) {
    return 'A rule looks like {"id":"late","when":{"spent":"80%"},"action":"haiku"}; see docs/routing.md.';
  }
  if (path === 'unknownModel') return 'Write "dearest", "halt" or the name of a model.';
  if (path === '') return 'A configuration is a JSON object: { "budgets": [ … ] }.';
  return 'See schema/tollgate.schema.json for what goes here.';
}

function valueAt(value: unknown, segments: Segments): unknown {
  let here: unknown = value;
  for (const segment of segments) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[segment];
  }
  return here;
}
