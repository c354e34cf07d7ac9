// Whatever text a command is, the shell guard answers, and in time that its length bounds.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claudeCodeTools } from '../../src/agents/claude-code/tools/tools.ts';
import { protectedPath } from '../../src/protection/protected-paths.ts';
import { runs } from '../support/runs.ts';

const GUARD = {
  ...{ cwd: '/nowhere/repo', variables: { HOME: '/nowhere' }, tools: claudeCodeTools },
  files: () => ['/nowhere/repo/.claude/settings.json', '/nowhere/.claude/projects/*.jsonl'],
};
const PIECES = [
  ...[
    'rm',
    '-rf',
    '.claude',
    'git',
    'clean',
    '-fdx',
    'find',
    '.',
    '-exec',
    '{}',
    'xargs',
    'cd',
    'sh',
    '-c',
    'eval',
  ],
  ...[
    ' ',
    ';',
    '|',
    '&&',
    '&',
    '\n',
    '$(',
    ')',
    '`',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '{a,b}',
    '$x',
    '${x:-',
    '${x#',
    'x=',
  ],
  ...[
    '<<E\n',
    'E\n',
    '<<<',
    '>',
    '<(',
    '*',
    '?',
    '[',
    ']',
    '~',
    '(',
    '((',
    '))',
    '[[',
    ']]',
    'for',
    'in',
    'do',
    'done',
  ],
  ...[
    'if',
    'then',
    'fi',
    'case',
    'esac',
    'f()',
    'alias',
    'set',
    '--',
    'a=(',
    '"$@"',
    '\0',
    'é',
    '\u202e',
    '𝒳',
    'Remove-Item',
  ],
];
const shellText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

test.each(['Bash', 'PowerShell', 'mcp__shell__run'])('%s of any text is answered', (name) => {
  fc.assert(
    fc.property(fc.oneof(shellText, fc.string({ unit: 'binary', maxLength: 300 })), (command) => {
      const refusal = protectedPath({ name, input: { command } }, GUARD);
      expect(refusal === null || refusal.path.length > 0).toBe(true);
    }),
    { numRuns: runs(2_000) },
  );
});

test('a protected file is found whatever harmless commands stand around it', () => {
  const harmless = fc.constantFrom(
    'ls',
    'echo "a b"',
    'cd src; cd ..',
    'x=1',
    'for i in 1 2; do echo $i; done',
    '(cd /tmp; ls)',
  );
  fc.assert(
    fc.property(
      fc.array(harmless, { maxLength: 5 }),
      fc.array(harmless, { maxLength: 5 }),
      (before, after) => {
        const command = [...before, 'rm -r .claude', ...after].join('; ');
        expect(protectedPath({ name: 'Bash', input: { command } }, GUARD)).not.toBeNull();
      },
    ),
    { numRuns: runs(300) },
  );
});

test.each([
  ['a megabyte of one word', 'x'.repeat(1_000_000)],
  ['a megabyte of lines', 'echo a b c\n'.repeat(90_000)],
  ['quotes in quotes', `${'bash -c "'.repeat(400)}${"'".repeat(400)}`],
  ['NUL bytes', `rm ${'\0'.repeat(10_000)}`],
  ['aliases of themselves', `${"alias a='a a'; ".repeat(200)}a`],
  ['functions that call themselves', 'f() { f; f; f; }; f'],
  ['braces of sixteen pairs', `rm ${'{a,b}'.repeat(16)}`],
])('%s is answered', (_, command) => {
  for (const name of ['Bash', 'PowerShell']) protectedPath({ name, input: { command } }, GUARD);
});
