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
const ACTS = /^-(delete|exec|execdir|ok|okdir|fprint\w*|fls)$/;
/** An expression that is quick to match: two parts of it repeat at most. */
const QUICK = /^(?:(?:\\.|[\w./|()-])*\.\*){0,2}(?:\\.|[\w./|()-])*$/;

/** A path whose stars stand for whole names. */
const WHOLE_NAMES = /^(?:[^*?[\]/]*\/|\*\/)*(?:[^*?[\]/]+|\*)$/;

/** The tests between two `-o`, all of which a file passes. */
interface Group {
  readonly names: string[];
  readonly paths: string[];
  readonly expressions: RegExp[];
  /** It only leaves out. */
  isPruned: boolean;
  /** Something is done to what passes. */
  acts: boolean;
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
    read.groups.map(({ names, paths, expressions }) => {
      const [whole] = paths;
      const isWhole = whole !== undefined && !isShallow && WHOLE_NAMES.test(whole);
      const [first = '*', ...others] = isWhole ? ['', ...names] : names;
      return {
        path: isWhole
          ? pathOf(start, whole)
          : `${start}/${isShallow ? '' : `${ANY_DEPTH}/`}${first}`,
        without: read.without,
        only: [
          ...others.map(isNamed),
          ...paths.map((path) => isAt((seen) => matchesPattern(path, seen), start)),
          ...expressions.map((each) => isAt((seen) => each.test(seen), start)),
        ],
      };
    }),
  );
}

/** `null`: no file of ours passes. */
function readTests(tests: readonly string[]): { groups: Group[]; without: string[] } | null {
  const newGroup = (): Group => ({
    ...{ names: [], paths: [], expressions: [] },
    ...{ isPruned: false, acts: false },
  });
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
      const group = groups.at(-1) as Group;
      if (isNot || isPruned) without.push(...leftOut(test, value));
      else addTest(group, test, value, isExtended);
      group.isPruned ||= isPruned;
    } else if (ACTS.test(test)) (groups.at(-1) as Group).acts = true;
  }
  return { groups: whatIsMeant(groups, tests) ?? [newGroup()], without };
}

/** The groups that something is done to; in parentheses it may be done to all. `null`: none says what. */
function whatIsMeant(groups: readonly Group[], tests: readonly string[]): Group[] | null {
  const finding = groups.filter(
    ({ names, paths, expressions, isPruned }) =>
      !isPruned || [names, paths, expressions].some((each) => each.length > 0),
  );
  const acting = finding.filter(({ acts }) => acts);
  const found = acting.length > 0 && !tests.some((each) => /^\\?\($/.test(each)) ? acting : finding;
  return found.length > 0 ? found : null;
}

function addTest(
  { names, paths, expressions }: Group,
  test: string,
  value: string,
  isExtended: boolean,
): void {
  if (test.endsWith('regex')) {
    const own = isExtended
      ? value
      : value.replace(/\\?[()|]/g, (sign) => (sign.length > 1 ? sign.slice(1) : `\\${sign}`));
    const read = QUICK.test(own) ? expression(`^(?:${own})$`, test === '-iregex') : null;
    if (read !== null) expressions.push(read);
  } else if (test.endsWith('path') || test.endsWith('wholename')) paths.push(withoutSets(value));
  else names.push(value);
}

function expression(text: string, ignoresCase: boolean): RegExp | null {
  try {
    return new RegExp(text, ignoresCase ? 'i' : '');
  } catch {
    return null;
  }
}

/** With any letter in the place of a set of letters. */
const withoutSets = (pattern: string): string => pattern.replace(/\[[^\]]*\]/g, '?');

const isNamed =
  (pattern: string): PathTest =>
  (path) =>
    matchesPattern(
      withoutSets(pattern).toLowerCase(),
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

/** A test of the whole path as `find` writes it; where its start lies is not known, so that any end of ours may be what follows. */
const isAt =
  (test: PathTest, start: string): PathTest =>
  (path) =>
    test(path) ||
    [...path.matchAll(/\//g)].some(({ index }) =>
      test(`${start.replace(/\/+$/, '')}${path.slice(index)}`),
    );

/** As a pattern of ours: the stars of a `-path` cross folders. */
function pathOf(start: string, name: string): string {
  if (!name.includes('/')) return `${start}/${name}`;
  return name.replaceAll('*', `${ANY_DEPTH}/*`).replaceAll(`/${ANY_DEPTH}/*/`, `/${ANY_DEPTH}/`);
}
