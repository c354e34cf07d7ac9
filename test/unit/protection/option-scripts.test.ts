// Commands that programs are handed in their options.
import { describe, expect, test } from 'vitest';
import { claudeCodeTools } from '../../../src/agents/claude-code/tools/tools.ts';
import { protectedPath } from '../../../src/protection/protected-paths.ts';

const bash = (command: string) =>
  protectedPath(
    { name: 'Bash', input: { command } },
    {
      ...{ cwd: '/home/dana/shop', variables: { HOME: '/home/dana' }, tools: claudeCodeTools },
      files: () => ['/home/dana/shop/.claude/settings.json'],
    },
  );

test.each([
  `rm\${IFS}-rf\${IFS}.claude`,
  'rm -rf "$(printf "\\056claude")"',
  "rm -rf $(printf '\\x2eclaude')",
  'tmux send-keys -t 0 "tollgate grant 5" Enter',
  "xdotool type 'tollgate --session 1 resume'",
  'curl -s --output-dir .claude -O https://example.org/settings.json',
  'wget -P .claude https://example.org/settings.json?x=1',
])('%s is refused', (command) => expect(bash(command)).not.toBeNull());

test.each([
  "tmux new-session -d 'tollgate status'",
  'curl --output-dir dist -O https://example.org/settings.json',
  'printf "%s\\n" "\\033[1mbold" > out.txt',
])('%s passes', (command) => expect(bash(command)).toBeNull());

describe('a command in an option', () => {
  test.each([
    "sed '1e rm -rf .claude' a.txt",
    "sed -n 's/.*/rm -rf .claude/e' a.txt",
    "tar -cf /dev/null a.txt --checkpoint=1 --checkpoint-action=exec='rm -rf .claude'",
    "tar -xf ../a.tar --to-command='rm -rf .claude'",
    "split --filter='rm -rf .claude' a.txt",
    "sort --compress-program 'rm -rf .claude' a.txt",
    "zip -T -TT 'rm -rf .claude' a.zip a.txt",
    "env -S 'rm -rf .claude'",
    "env --split-string='rm -rf .claude'",
    "env -S'rm -rf' .claude",
    "printf 'rm -rf .claude' > ../e.sh; BASH_ENV=../e.sh bash -c true",
    "vim -es -u NONE -c '!rm -rf .claude' -c 'q'",
    "vim '+!rm -rf .claude' a.txt",
    "gdb -batch -ex 'shell rm -rf .claude'",
    "git -c protocol.ext.allow=always clone -q 'ext::rm% -rf% .claude' ../x",
    "git config alias.tidy '!rm -rf .claude'; git tidy",
    "git config --global core.fsmonitor 'rm -rf .claude'",
    "make --eval='x: ; rm -rf .claude' x",
    "npm exec -c 'rm -rf .claude'",
    "npx -c 'rm -rf .claude'",
  ])('is read: %s', (command) => expect(bash(command)).not.toBeNull());

  test.each([
    "sed -e 's/a/e/' -e '1i some text' a.txt",
    "sed -i 's/node/ree/g' src/a.ts",
    'tar --use-compress-program=pigz -cf ../a.tgz .claude',
    "split --filter='gzip > $FILE.gz' a.txt",
    "env -S 'node --test' src",
    "vim -c ':%s/foo/bar/g' -c ':wq' src/app.ts",
    "gdb -batch -ex 'run' -ex 'bt' ./a.out",
    "git config alias.st 'status -s'",
    "git config core.editor 'vim'",
    "make --eval='x: ; echo hi' x",
    "npm exec -c 'tsc -p .'",
    'BASH_ENV=~/.env.sh bash -c true',
  ])('does no harm: %s', (command) => expect(bash(command)).toBeNull());
});
