// Which model a spelling means: dated, Bedrock, Vertex and gateway forms, `[1m]`, CLI aliases.
// Rule: family and version must match exactly; `claude-opus-4-9` is unknown, never "an Opus 4".
// Measured on 63 spellings with client 2.1.330, 2026-11-21.
import type { ModelName } from '../rate-card.ts';
import { rows } from './rows.ts';

/** First party with an API key; other providers' aliases differ (Vertex: sonnet is Sonnet 4.5). */
const ALIASES: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  best: 'claude-opus-5-5',
  default: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  // Outside plan mode, where it spends most; in plan mode it is Opus.
  opusplan: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-2',
};

const FAMILY = '(opus|sonnet|haiku|fable|mythos)';
// A run of eight digits is a date, not a version; up to seven is a version, listed or not.
const NAME =
  `claude-(?:${FAMILY}-(\\d{1,7})(?:[.-](\\d{1,7})(?!\\d))?` +
  `|(\\d{1,7})(?:[.-](\\d{1,7}))?-${FAMILY})`;
const NAME_ANYWHERE = new RegExp(NAME);
const OFFICIAL = new RegExp(
  `^(?:(?:(?:us|eu|apac|jp|au|us-gov|global)\\.)?anthropic\\.)?${NAME}` +
    '(?:-latest)?(?:(?:-v\\d+@|-|@)\\d{8})?(?:-v\\d+(?::\\d+)?)?$',
);
const FAMILY_ANYWHERE = new RegExp(`(?<![a-z])${FAMILY}(?![a-z])`);

let families: ReadonlyMap<string, string> | null = null;

/**
 * Reads a spelling; not cached here. Letter case, `[1m]`, and all up to the last `/` do not matter.
 * Most lines carry the plain id, and in a new process compiling one expression costs more than all
 * else that pricing does; so expressions come last.
 */
export function identify(spelling: string): ModelName {
  const plain = listed().get(spelling);
  if (plain !== undefined) return { model: spelling, family: plain };
  const lower = plainLetters(spelling);
  // Only the bare word: `gateway/default` is whatever that gateway likes.
  const alias = Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined;
  const model = alias ?? listedVersion(lastPart(lower));
  if (model !== null) return { model, family: listed().get(model) ?? null };
  // The whole text, because a gateway may name the family before the last slash.
  return { model: null, family: FAMILY_ANYWHERE.exec(lower)?.[1] ?? null };
}

/** Whether a spelling is the provider's own: plain, dated, Bedrock, Vertex, or an alias of the CLI. */
export function isOfficial(spelling: string): boolean {
  const lower = plainLetters(spelling);
  return Object.hasOwn(ALIASES, lower) || OFFICIAL.test(lastPart(lower));
}

function plainLetters(spelling: string): string {
  return spelling.toLowerCase().replaceAll('[1m]', '').replaceAll('[2m]', '');
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The listed id of the version that a name contains, where a missing minor is 0 (`claude-opus-4` is Opus 4.0). */
function listedVersion(name: string): string | null {
  const match = NAME_ANYWHERE.exec(name);
  if (!match) return null;
  const family = match[1] ?? match[6] ?? '';
  const major = Number(match[2] ?? match[4]);
  const minor = Number(match[3] ?? match[5] ?? 0);
  // The order of the two changed with version 4, and a minor of 0 has been written and left out.
  const candidates = [`claude-${family}-${major}-${minor}`, `claude-${major}-${minor}-${family}`];
  if (minor === 0) candidates.push(`claude-${family}-${major}`, `claude-${major}-${family}`);
  return candidates.find((candidate) => listed().has(candidate)) ?? null;
}

/** Every listed id with its family; built on first use, since a hook that prices nothing needs none. */
function listed(): ReadonlyMap<string, string> {
  families ??= new Map(rows.map(({ model, family }) => [model, family]));
  return families;
}
