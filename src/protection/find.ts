// What a `find` finds, by its operands. Rule: a test that needs a look at a file's contents or times counts as passed.
import { ANY_DEPTH } from './shells/shell.ts';

/** Files that a `find` hands to its action, as a pattern seen from where it runs. */
export interface Found {
  readonly path: string;
  /** Patterns of paths that it leaves out, as they are written. */
  readonly without: readonly string[];
}

/** Tests that no file of ours passes: an empty one, a link, a device. */
const NEVER_OURS = /^(-empty|-size 0c?|-type [lbcps])$/;

export function foundBy(operands: readonly string[]): readonly Found[] {
  const firstTest = operands.findIndex(
    (each) => /^([-(!]|\\\()/.test(each) && !/^-[HLP]$/.test(each),
  );
  const given = operands.slice(0, firstTest === -1 ? operands.length : firstTest);
  const starts = given.filter((each) => !/^-[HLP]$/.test(each));
  const tests = firstTest === -1 ? [] : operands.slice(firstTest);
  const names: string[] = [];
  const without: string[] = [];
  for (const [index, test] of tests.entries()) {
    const value = tests[index + 1] ?? '';
    if (NEVER_OURS.test(test) || NEVER_OURS.test(`${test} ${value}`)) return [];
    if (!/^-i?(name|path|wholename)$/.test(test)) continue;
    const isWhole = !test.endsWith('name') || test.endsWith('wholename');
    const isLeftOut =
      /^(!|-not)$/.test(tests[index - 1] ?? '') ||
      (tests[index + 2] === '-prune' && /^-or?$/.test(tests[index + 3] ?? ''));
    if (isLeftOut)
      without.push(isWhole ? value : `*/${value}/*`, isWhole ? `${value}/*` : `*/${value}`);
    else names.push(isWhole ? value : `${ANY_DEPTH}/${value}`);
  }
  const isShallow = tests[tests.indexOf('-maxdepth') + 1] === '1' && tests.includes('-maxdepth');
  return (starts.length > 0 ? starts : ['.']).flatMap((start) =>
    (names.length > 0 ? names : [`${ANY_DEPTH}/*`]).map((name) => ({
      path: pathOf(start, isShallow ? name.replace(`${ANY_DEPTH}/`, '') : name),
      without,
    })),
  );
}

/** `-name` looks below a start, and `-path` is a pattern of the whole path, whose stars cross folders. */
function pathOf(start: string, name: string): string {
  if (name.startsWith(ANY_DEPTH) || !name.includes('/')) return `${start}/${name}`;
  return name.replaceAll('*', `${ANY_DEPTH}/*`).replaceAll(`/${ANY_DEPTH}/*/`, `/${ANY_DEPTH}/`);
}
