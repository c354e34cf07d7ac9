// What breakers know of a call: hashes of what it asked for and of what came back. Rule: inputs and results end here.
import { textHash } from '../domain/text-hash.ts';
import type { CallFact, CallKind } from './breaker.ts';

/** A call as the agent tells it. */
export interface RawCall {
  readonly tool: string;
  readonly input: unknown;
  /** The result as the model gets it. */
  readonly result: string;
  readonly kind: CallKind;
  /** The file it reads or writes; `null`: none. */
  readonly path: string | null;
  readonly hasFailed: boolean;
}

/** Of a long result the two ends are compared. */
const END_CHARS = 3_000;
/** A shorter result says too little to take calls with different numbers in them for the same. */
const TELLING_CHARS = 24;

/** The facts of a call. */
export function callFact({ tool, input, result, kind, path, hasFailed }: RawCall): CallFact {
  const asked = JSON.stringify(input) ?? '';
  const got = withoutTimes(ends(hasFailed ? withoutPlaces(result) : result));
  const isTelling = got.length >= TELLING_CHARS;
  const hashed = (...parts: readonly string[]) => hashOf([tool, ...parts]);
  return {
    asked: hashed(asked),
    same: hashed(isTelling ? asked.replace(/\d+/g, '#') : asked, got),
    outcome: isTelling ? hashed(got) : hashed(asked, got),
    file: kind === 'read' && path !== null ? hashOf([path]) : null,
    subject: path === null ? tool : `${tool} ${shortPath(path)}`,
    kind,
    hasFailed,
  };
}

const ends = (text: string): string =>
  text.length <= 2 * END_CHARS ? text : text.slice(0, END_CHARS) + text.slice(-END_CHARS);

/** Where in a file something failed says less than what. */
const withoutPlaces = (text: string): string =>
  text.replace(/(?<=[:(])\d+[:,]\s?\d+\b|\bline \d+\b/gi, '#');

/** Times, durations, addresses and long random names differ from one run to the next, and say nothing. */
function withoutTimes(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{7,64}\b/gi, '#')
    .replace(/\d{4}-\d\d-\d\d(?:[T ][\d:.,]+Z?)?|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b/g, '#')
    .replace(/\b\d+(?:[.,]\d+)?\s?(?:ns|us|µs|ms|s|sec|secs|seconds?|m|min|minutes?|h)\b/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The last two names of a path. */
const shortPath = (path: string): string => path.split(/[\\/]/).filter(Boolean).slice(-2).join('/');

const hashOf = (parts: readonly string[]): string =>
  textHash(parts.join('\0'))
    .map((half) => half.toString(36))
    .join('');
