// What bash makes of a variable's value, held against the real bash: whatever it comes to is among what the guard looks at.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { claudeCodeTools } from '../../../../src/agents/claude-code/tools/tools.ts';
import { protectedPath } from '../../../../src/protection/protected-paths.ts';
import { replaced } from '../../../../src/protection/shells/bash-text.ts';
import { UNKNOWN } from '../../../../src/protection/shells/shell.ts';

/** Expansions of `x`, and of `y`, which names it. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: bash reads them
const EXPANSIONS = [
  ...['${x:2}', '${x: -3}', '${x:1:3}', '${x:0:-2}', '${x:1+1}', '${x:0:5 - 1}', '${x:9}'],
  ...['${x#a}', '${x#?}', '${x##*b}', '${x#*b}', '${x%b}', '${x%b*}', '${x%%b*}', '${x%?}'],
  ...['${x#[ac]}', '${x%[!a]}', '${x#[^b]}'],
  ...['${x/b/Z}', '${x//b/Z}', '${x/#a/Z}', '${x/%b/Z}', '${x/ab}', '${x/?b/Z}', '${x/?/}'],
  ...['${x/[ab]/Z}', '${x//[!b]/}', '${x/%[b]/Z}', '${x/*b/Z}', '${x//a*/Z}', '${x/%b*/Z}'],
  ...['${x/#*b/Z}', '${x//?/}', '${x/b/&}', '${x/a/<&&>}', '${x/a/}', '${x/aa/Z}', '${x//aa/Z}'],
  ...[
    '${x^}',
    '${x^^}',
    '${x,}',
    '${x,,}',
    '${x^^a}',
    '${x^b}',
    '${x,,[A]}',
    '${x^^[a-c]}',
    '${x//[[:alpha:]]/}',
    '${x#*[b]}',
  ],
  ...['${x@U}', '${x@u}', '${x@L}', '${!y}', '${x:-none}', '${none:-$x}', '${none:=$x}'],
] as const;
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: bash reads them
const VALUES = ['ab', 'abcab', 'aaab', 'bab', 'AbBa', 'caab', 'a', 'b', 'abb.aab', 'xyz'];

const BASH = ['/usr/bin/bash', '/bin/bash'].find(existsSync);

/** The file that the real bash would take away; `null`: an empty word, or an older bash that cannot read it. */
function realWords(cases: readonly (readonly [string, string])[]): readonly (string | null)[] {
  const script = cases
    .map(([value, text]) => `(x=${value}; y=x; printf '%s' "${text}") 2>/dev/null; printf '\\0'`)
    .join('\n');
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  const printed = execFileSync(BASH ?? '', ['--norc', '-c', script], {
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return printed
    .split('\0')
    .slice(0, -1)
    .map((word) => (/^\.?$/.test(word) ? null : word));
}

test.skipIf(BASH === undefined)('each expansion that comes to a protected file is refused', () => {
  const cases = VALUES.flatMap((value) => EXPANSIONS.map((text) => [value, text] as const));
  const words = realWords(cases);
  const missed = cases.flatMap(([value, text], index) => {
    const word = words[index] ?? null;
    if (word === null) return [];
    const file = `/p/${word}`;
    const input = { command: `x=${value}; y=x; rm "/p/${text}"` };
    const found = protectedPath(
      { name: 'Bash', input },
      { cwd: '/work', variables: {}, tools: claudeCodeTools, files: () => [file] },
    );
    return found === null ? [`x=${value}; ${text} is ${word}`] : [];
  });
  expect(missed).toEqual([]);
  expect(words.filter((word) => word !== null).length).toBeGreaterThan(cases.length / 2);
});

test('what other expansions come to is let go', () => {
  const ask = (command: string) =>
    protectedPath(
      { name: 'Bash', input: { command } },
      {
        cwd: '/p',
        variables: {},
        tools: claudeCodeTools,
        files: () => ['/p/.claude/settings.json'],
      },
    );
  for (const command of [
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: bash reads them
    'x=src/a.txt; rm ${x%.txt}.md',
    'x=src/a.txt; mv $x ${x/[a]/b}',
    'for f in src/*.txt; do mv $f ${f^^}; done',
    'x=.claude/settings.json; cp $x ${x/claude/other}',
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: bash reads them
  ]) {
    expect([command, ask(command)]).toEqual([command, null]);
  }
});

test('a pattern with stars is matched in short values only', () => {
  const no = () => '';
  expect(replaced('a'.repeat(300), '/', '*b', no)).toBe(UNKNOWN);
  expect(replaced('ab'.repeat(100), '//', 'a*?', no)).toBe('');
  expect(replaced('ab'.repeat(100), '//', '*?', (match) => match.slice(0, 4))).toBe('abab');
});

test('a command whose patterns would take long is refused before they do', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash reads it
  const expansion = '${x//$p/}';
  const [x, p] = ['a'.repeat(20_000), `${'a'.repeat(10_000)}b`];
  const command = `x=${x}; p=${p}; echo ${Array(1_000).fill(expansion).join(' ')}`;
  const found = protectedPath(
    { name: 'Bash', input: { command } },
    { cwd: '/p', variables: {}, tools: claudeCodeTools, files: () => ['/p/a'] },
  );
  expect(found).toMatchObject({ path: 'a command too large to be checked' });
});
