// What a `find` finds, by its operands. Rule: a test that needs a look at a file's contents or times counts as passed, and so does one that
// cannot be told from its text.
import { matchesPattern } from '../domain/pattern.ts';
import { ANY_DEPTH } from './shells/shell.ts';

/** Whether a path, absolute, is one of those meant. */
export type PathTest = (path: string) => boolean;

/** Files that a `find` hands to its action, as a pattern seen from where it runs. */
export interface Found {
  readonly path: string;
  /** Patterns of paths that it leaves out, as they are written. */
  readonly without: readonly string[];
  /** What a path has to pass besides. */
  readonly only: readonly PathTest[];
}

/** Tests that no file of ours passes: an empty one, a link, a device. */
const NEVER_OURS = /^(-empty|-size 0c?|-type [lbcps])$/;
const NAMED = /^-i?(name|path|wholename|regex)$/;
/** An expression that says only how a path ends: nothing in it repeats. */
const ENDING = /^\.\*((?:\\.|[\w./|()-])+)$/;

/** A path whose stars stand for whole names. */
const WHOLE_NAMES = /^(?:[^*?[\]/]*\/|\*\/)*(?:[^*?[\]/]+|\*)$/;

/** The tests between two `-o`, all of which a file passes. */
interface Group {
  readonly names: string[];
  readonly paths: string[];
  readonly only: PathTest[];
}

export function foundBy(operands: readonly string[]): readonly Found[] {
  const firstTest = operands.findIndex(
    (each) => /^([-(!]|\\\()/.test(each) && !/^-[HLP]$/.test(each),
  );
  const given = operands.slice(0, firstTest === -1 ? operands.length : firstTest);
  const starts = given.filter((each) => !/^-[HLP]$/.test(each));
  const tests = firstTest === -1 ? [] : operands.slice(firstTest);
  const read = readTests(tests);
  if (read === null) return [];
  const isShallow = tests[tests.indexOf('-maxdepth') + 1] === '1' && tests.includes('-maxdepth');
  return (starts.length > 0 ? starts : ['.']).flatMap((start) =>
    read.groups.map(({ names, paths, only }) => {
      const [whole] = paths;
      const isWhole = whole !== undefined && !isShallow && WHOLE_NAMES.test(whole);
      const [first = '*', ...others] = isWhole ? ['', ...names] : names;
      return {
        path: isWhole
          ? pathOf(start, whole)
          : `${start}/${isShallow ? '' : `${ANY_DEPTH}/`}${first}`,
        without: read.without,
        only: [...only, ...others.map(isNamed), ...paths.map((path) => isAt(path, start))],
      };
    }),
  );
}

/** `null`: no file of ours passes. */
function readTests(tests: readonly string[]): { groups: Group[]; without: string[] } | null {
  const newGroup = (): Group => ({ names: [], paths: [], only: [] });
  const groups = [newGroup()];
  const without: string[] = [];
  const isExtended = /extended|egrep|awk/.test(tests[tests.indexOf('-regextype') + 1] ?? '');
  for (let at = 0; at < tests.length; at += 1) {
    const test = tests[at] ?? '';
    const value = tests[at + 1] ?? '';
    if (NEVER_OURS.test(test) || NEVER_OURS.test(`${test} ${value}`)) return null;
    const isNot = /^(!|-not)$/.test(tests[at - 1] ?? '');
    if (isNot && /^\\?\($/.test(test)) {
      const end = tests.findIndex((each, index) => index > at && /^\\?\)$/.test(each));
      without.push(...alternativesIn(tests.slice(at + 1, end === -1 ? tests.length : end)));
      if (end === -1) break;
      at = end;
    } else if (/^-or?$/.test(test)) groups.push(newGroup());
    else if (NAMED.test(test)) {
      const isPruned = tests[at + 2] === '-prune' && /^-or?$/.test(tests[at + 3] ?? '');
      if (isNot || isPruned) without.push(...leftOut(test, value));
      else addTest(groups.at(-1) as Group, test, value, isExtended);
    }
  }
  // What only leaves out (`-name x -prune -o`) finds nothing.
  const named = groups.filter(({ names, paths, only }) =>
    [names, paths, only].some((one) => one.length > 0),
  );
  return { groups: named.length > 0 ? named : [newGroup()], without };
}

function addTest(
  { names, paths, only }: Group,
  test: string,
  value: string,
  isExtended: boolean,
): void {
  if (test.endsWith('regex')) {
    const ending = isExtended
      ? value
      : value.replace(/\\?[()|]/g, (sign) => (sign.length > 1 ? sign.slice(1) : `\\${sign}`));
    const found = ENDING.exec(ending)?.[1];
    const isEnd = found === undefined ? null : expression(`(?:${found})$`, test === '-iregex');
    if (isEnd !== null) only.push((path) => isEnd.test(path));
  } else if (test.endsWith('path') || test.endsWith('wholename')) paths.push(value);
  else names.push(value);
}

function expression(text: string, ignoresCase: boolean): RegExp | null {
  try {
    return new RegExp(text, ignoresCase ? 'i' : '');
  } catch {
    return null;
  }
}

const isNamed =
  (pattern: string): PathTest =>
  (path) =>
    matchesPattern(
      pattern.replace(/\[[^\]]*\]/g, '?').toLowerCase(),
      path.slice(path.lastIndexOf('/') + 1).toLowerCase(),
    );

function leftOut(test: string, value: string): string[] {
  if (test.endsWith('regex')) return [];
  const isWhole = !test.endsWith('name') || test.endsWith('wholename');
  return isWhole ? [value, `${value}/*`] : [`*/${value}/*`, `*/${value}`];
}

/** What is left out by any of the names in parentheses; nothing where they are to hold together, or are told in another way. */
function alternativesIn(tests: readonly string[]): string[] {
  const words = tests.join(' ').split(/ -or? /);
  const pairs = words.map((each) => each.split(' '));
  if (pairs.some(({ length }, at) => length !== 2 || !NAMED.test(pairs[at]?.[0] ?? ''))) return [];
  return pairs.flatMap(([test = '', value = '']) => leftOut(test, value));
}

/** `-path` is a pattern of the whole path as `find` writes it; where its start lies is not known, so that any end of ours may be what follows. */
const isAt =
  (pattern: string, start: string): PathTest =>
  (path) =>
    [...path.matchAll(/\//g)].some(({ index }) =>
      matchesPattern(
        pattern.replace(/\[[^\]]*\]/g, '?'),
        `${start.replace(/\/+$/, '')}${path.slice(index)}`,
      ),
    ) || matchesPattern(pattern, path);

/** As a pattern of ours: the stars of a `-path` cross folders. */
function pathOf(start: string, name: string): string {
  if (!name.includes('/')) return `${start}/${name}`;
  return name.replaceAll('*', `${ANY_DEPTH}/*`).replaceAll(`/${ANY_DEPTH}/*/`, `/${ANY_DEPTH}/`);
}
