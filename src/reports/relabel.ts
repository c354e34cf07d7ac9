// Re-attribution after the fact: which entries move under which labels. Rule: pure; whose money it was can be
// said anew, what was used (model, tool, agent) cannot; asked twice it plans nothing the second time.

import type { LedgerLine } from '../domain/aggregates.ts';
import { ATTRIBUTION_KEYS, type Attribution } from '../domain/attribution.ts';
import { TollgateError } from '../errors.ts';
import { parseLabels } from './free-label.ts';

/** What people may say anew; every other key is a free label. */
const OWNER_KEYS = [
  'repository',
  'subPath',
  'branch',
  'developer',
  'client',
  'costCentre',
  'ticket',
  'pullRequest',
] as const;
type OwnerKey = (typeof OWNER_KEYS)[number];

const ALIASES: Readonly<Record<string, OwnerKey>> = {
  pr: 'pullRequest',
  'cost-centre': 'costCentre',
};
/** Facts of a request. */
const FACTS = [
  'model',
  'agent',
  'agenttype',
  'tool',
  'skill',
  'plugin',
  'mcp',
  'mcpserver',
  'worktree',
  'session',
  'turn',
  'provenance',
  'labels',
];

/** New values by key; `null` takes a label away. */
export interface LabelChanges {
  readonly owner: Readonly<Partial<Record<OwnerKey, string | null>>>;
  readonly free: ReadonlyMap<string, string | null>;
}

/** An entry and the labels it shall count under. */
export interface Move {
  readonly line: LedgerLine;
  readonly to: Attribution;
}

/** Parses `client=acme team=core ticket=`. Throws `TollgateError` for what cannot be set. */
export function parseChanges(words: readonly string[]): LabelChanges {
  const owner: Partial<Record<OwnerKey, string | null>> = {};
  const free = new Map<string, string | null>();
  for (const word of words) {
    const cut = word.indexOf('=');
    const key = word.slice(0, Math.max(0, cut)).trim();
    const value = word.slice(cut + 1).trim() || null;
    if (!/^[\w.-]+$/.test(key)) throw unreadable(word, 'write key=value, like client=acme');
    if (FACTS.includes(key.toLowerCase())) {
      throw unreadable(
        word,
        `${key} is a fact of the request; whose it was can be said anew: ${OWNER_KEYS.join(', ')}, or a label of your own`,
      );
    }
    const named =
      ALIASES[key] ?? OWNER_KEYS.find((each) => each.toLowerCase() === key.toLowerCase());
    if (named) owner[named] = value;
    else if (value?.includes(',')) throw unreadable(word, 'the value of a label holds no comma');
    else free.set(key, value);
  }
  return { owner, free };
}

/** Labels after the changes. */
function relabelled(from: Attribution, { owner, free }: LabelChanges): Attribution {
  const labels = new Map(parseLabels(from.labels));
  for (const [key, value] of free) {
    if (value === null) labels.delete(key);
    else labels.set(key, value);
  }
  const pairs = [...labels].map(([key, value]) => `${key}=${value}`).sort();
  return { ...from, ...owner, labels: pairs.length > 0 ? pairs.join(',') : null };
}

/** The entries that the changes move. */
export function planRelabel(lines: readonly LedgerLine[], changes: LabelChanges): readonly Move[] {
  return movesOf(lines, (line) => relabelled(line.attribution, changes));
}

/** The entries that go back under the labels they were recorded with. */
export function planUndo(lines: readonly LedgerLine[]): readonly Move[] {
  return movesOf(lines, (line) => line.recordedAttribution);
}

/**
 * The entries that count otherwise when the rules are applied as they are now. `labelsNow` gives an entry's labels by those rules.
 * A label that a person has set stays where no rule gives another.
 */
export function planReplay(
  lines: readonly LedgerLine[],
  labelsNow: (line: LedgerLine) => Partial<Attribution>,
): readonly Move[] {
  return movesOf(lines, (line) => {
    const { attribution, recordedAttribution: recorded } = line;
    const now = labelsNow(line);
    const replayed = (key: 'client' | 'costCentre' | 'ticket'): string | null =>
      now[key] ?? (attribution[key] === recorded[key] ? null : attribution[key]);
    const owner = {
      client: replayed('client'),
      costCentre: replayed('costCentre'),
      ticket: replayed('ticket'),
    };
    return relabelled(attribution, { owner, free: parseLabels(now.labels ?? null) });
  });
}

function movesOf(
  lines: readonly LedgerLine[],
  target: (line: LedgerLine) => Attribution,
): readonly Move[] {
  return lines
    .map((line) => ({ line, to: target(line) }))
    .filter(({ line, to }) => ATTRIBUTION_KEYS.some((key) => line.attribution[key] !== to[key]));
}

function unreadable(word: string, hint: string): TollgateError {
  return new TollgateError({ code: 'LABEL_UNREADABLE', message: `${word} cannot be set`, hint });
}
