// What a `find`, and a listing of PowerShell, hand to what removes it: held against a project's settings.
import { describe, expect, test } from 'vitest';
import { claudeCodeTools } from '../../../src/agents/claude-code/tools/tools.ts';
import { protectedPath } from '../../../src/protection/protected-paths.ts';

const ask = (name: string, command: string) =>
  protectedPath(
    { name, input: { command } },
    {
      ...{ cwd: '/home/dana/shop', variables: { HOME: '/home/dana' }, tools: claudeCodeTools },
      files: () => [
        '/home/dana/shop/.claude/settings.json',
        '/home/dana/shop/.claude/tollgate.json',
        '/home/dana/.claude/projects/*.jsonl',
        '/home/dana/.local/state/tollgate',
      ],
    },
  );

describe('find', () => {
  test.each([
    "find . -name '*.json' -path './fixtures/*' -delete",
    "find . -path './fixtures/*' -name '*.json' -exec rm {} +",
    "find . -regex '.*\\.\\(jpg\\|png\\)' -delete",
    "find . -regextype posix-extended -iregex '.*\\.(jpg|png)' -delete",
    "find . -regex './build/.*\\.o' -delete",
    "find . -name '*.log' -delete -o -print",
    "find . -path './dist/*' -name '*.js' | xargs rm -f",
    'find . -user root -exec chown $USER {} +',
    "find . -path '*/.claude/*' -name '*.md' -delete",
    "find . ! \\( -name 'settings*' -o -name 'tollgate*' \\) -name '*.json' -delete",
  ])('%s passes', (command) => expect(ask('Bash', command)).toBeNull());

  test.each([
    "find . -name '*.json' -delete",
    "find . -path './.claude/*' -name '*.json' -delete",
    "find . -name '*.json' -name 's*' -delete",
    "find . -name 'x' -o -name '*.json' -delete",
    "find . -regex '.*\\.\\(jpg\\|json\\)' -delete",
    "find . -regex '.*s.*' -delete",
    "find . -regex './.claude/.*' -delete",
    "find . -name '*.log' -o -type f -delete",
    "find . \\( -name '*.json' -o -name '*.md' \\) -delete",
    "find . -path './.cl*' -name .claude -exec rm -rf {} +",
    "find . ! \\( -name '*.ts' -o -name '*.js' \\) -delete",
    "find . -not \\( -name '*.json' -path './x/*' \\) -delete",
    'find . -name "*.json" -not -name settings.json -delete',
    "find . -maxdepth 0 -fprintf .claude/settings.json ''",
    'find . -path "./.claude/*" -exec chmod 000 {} +',
  ])('%s is refused', (command) => expect(ask('Bash', command)).not.toBeNull());
});

describe('PowerShell', () => {
  test.each([
    'Get-ChildItem -Path . -Include bin,obj -Recurse | Remove-Item -Recurse -Force',
    'Get-ChildItem -Recurse -Force -Filter *.tmp | Remove-Item',
    'gci .\\fixtures -Filter *.json | ri',
    'Get-ChildItem logs | Where-Object { $_.Length -gt 1MB } | Remove-Item',
    'Get-ChildItem .claude\\*.json | Copy-Item -Destination C:\\backup',
    'robocopy .\\dist .\\public /MIR',
    'robocopy ..\\empty .\\build /MIR /XD keep',
    'robocopy .claude C:\\backup /E',
  ])('%s passes', (command) => expect(ask('PowerShell', command)).toBeNull());

  test.each([
    'Get-ChildItem -Recurse -Force -Filter *.json | Remove-Item',
    'Get-ChildItem -Path . -Include settings*.json -Recurse | Remove-Item -Force',
    "gci -r -fo *.json | Where-Object { $_.Name -ne 'x' } | ri",
    'Get-ChildItem .claude | ForEach-Object { Remove-Item $_.FullName }',
    'Get-ChildItem -Force | Remove-Item -Recurse',
    'Get-ChildItem ..\\t\\settings.json | Copy-Item -Destination .claude',
    'Get-ChildItem .claude\\*.json | Move-Item -Destination C:\\backup',
    'Get-Item .claude | Remove-Item -Recurse',
    'robocopy ..\\dist .claude /MOVE /E',
    'robocopy .claude ..\\x /MOVE /E',
  ])('%s is refused', (command) => expect(ask('PowerShell', command)).not.toBeNull());
});
