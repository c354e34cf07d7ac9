// Whether a value is among those a report was asked for. Rule: the same answers as the conditions in SQL, for values
// that are at hand already.
import type { SumCondition } from '../domain/aggregates.ts';
import { matchesRepository } from '../domain/repository.ts';

/** Tells of one value whether all conditions on it hold; `null` and '' are what nobody knows. */
export type Fits = (value: string | null) => boolean;

export function fitsAll(conditions: readonly SumCondition[]): Fits {
  const tests = conditions.map(({ key, patterns }) => {
    const label = key.startsWith('label:') ? key.slice('label:'.length) : null;
    const each = patterns.map((pattern) =>
      label === null ? fitsValue(key, pattern) : fitsPair(label, pattern),
    );
    return (value: string | null) => each.some((fits) => fits(value));
  });
  return (value) => tests.every((fits) => fits(value));
}

function fitsValue(key: SumCondition['key'], pattern: string | null): Fits {
  if (pattern === null) return (value) => value === null || value === '';
  if (key === 'repository') {
    return (value) => value !== null && matchesRepository(pattern, value);
  }
  const letters = new RegExp(`^${sourceOf(pattern)}$`, 'su');
  return (value) => value !== null && letters.test(value);
}

/** One of the pairs in `a=b,c=d`. */
function fitsPair(label: string, pattern: string | null): Fits {
  const name = label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pair = new RegExp(`,${name}=${pattern === null ? '' : `${sourceOf(pattern)},`}`, 'su');
  return (value) => pair.test(`,${value ?? ''},`) === (pattern !== null);
}

/** `*` stands for anything and `?` for one letter, as in SQLite's `GLOB`. */
const sourceOf = (pattern: string): string =>
  pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
