// Completions in real shells, where these are installed, and the man page: both made from the program's own definitions.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/commands.ts';
import { manPage } from '../../../src/cli/man-page.ts';
import { describeProgram } from '../../../src/cli/program.ts';
import { cliOk } from '../../support/in-process-cli.ts';
import { openPty } from '../../support/pty.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.cleanup());

const shellAt = (name: string): string | null =>
  [`/usr/bin/${name}`, `/bin/${name}`].find(existsSync) ?? null;

async function scriptFor(shell: string): Promise<string> {
  const file = join(sandbox.root, `completions.${shell}`);
  await writeFile(file, await cliOk(sandbox, ['completions', shell]));
  return file;
}

/** What is typed, and what must be among what is offered. */
const TYPED: readonly (readonly [string, readonly string[]])[] = [
  ['tollgate sta', ['status', 'statusline']],
  ['tollgate --json sta', ['status', 'statusline']],
  ['tollgate init --sco', ['--scope']],
  ['tollgate init --scope ', ['project', 'local', 'user']],
  ['tollgate completions ', ['bash', 'zsh', 'fish']],
  ['tollgate help re', ['reconcile', 'replay', 'report', 'resume']],
  ['tollgate report --week', ['--week-start']],
];

const bash = shellAt('bash');
test.skipIf(bash === null).each(TYPED)('bash offers for "%s"', async (typed, offered) => {
  const program = `source "$1"; COMP_WORDS=($2); [[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _tollgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', program, 'bash', await scriptFor('bash'), typed];
  const { exitCode, stdout, stderr } = await sandbox.run(bash ?? '', args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(expect.arrayContaining([...offered]));
});

const fish = shellAt('fish');
test.skipIf(fish === null).each(TYPED)('fish offers for "%s"', async (typed, offered) => {
  const program = 'source $argv[1]; complete -C $argv[2]';
  const args = ['--no-config', '-c', program, await scriptFor('fish'), typed];
  const { exitCode, stdout } = await sandbox.run(fish ?? '', args);
  expect(exitCode).toBe(0);
  const words = stdout.split('\n').map((line) => line.split('\t')[0]);
  expect(words).toEqual(expect.arrayContaining([...offered]));
});

const zsh = shellAt('zsh');
describe.skipIf(zsh === null)('zsh', () => {
  test('offers commands, options and values', async () => {
    const env = sandbox.env({ ZDOTDIR: sandbox.home });
    const pty = openPty(zsh ?? '', ['-f', '-i'], { cwd: sandbox.repo, env });
    try {
      pty.send(
        `autoload -U compinit; compinit -u; source ${await scriptFor('zsh')}; PS1='ready> '\r`,
      );
      await pty.waitFor(/^ready>/m);
      for (const [typed, offered] of TYPED) {
        // Ctrl-D lists what Tab would insert.
        pty.send(`${typed}\x04`);
        for (const word of offered) {
          await pty.waitFor(new RegExp(`(^|\\s)${word}(\\s|$)`, 'm'), 20_000);
        }
        pty.send('\x15\x0c');
        await pty.waitFor(/^ready>$/m);
      }
    } finally {
      await pty.close();
    }
  });
});

test.each(['bash', 'zsh', 'fish'])(
  'the script for %s has every command and its options',
  async (shell) => {
    const script = await cliOk(sandbox, ['completions', shell]);
    for (const { name } of COMMANDS) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
    for (const word of ['session-hard', 'week-start', 'dry-run']) {
      expect(script).toMatch(new RegExp(`(--| -l )${word}`));
    }
    expect(script).toMatch(/project.local.user/);
  },
);

test('no shell is offered that there is not', async () => {
  const text = await cliOk(sandbox, ['completions', '--help']);
  expect(text).toContain('choices: "bash", "zsh", "fish"');
});

describe('the man page', () => {
  const page = async () => manPage(await describeProgram(COMMANDS), '1.2.3');

  test('has every command with its options', async () => {
    const text = await page();
    for (const { name } of COMMANDS) expect(text).toContain(`.SS tollgate ${name}`);
    expect(text).toContain('.B \\-\\-session\\-hard <usd>');
    expect(text).toContain('tollgate 1.2.3');
  });

  const groff = shellAt('groff');
  test.skipIf(groff === null)('is read by troff without a warning', async () => {
    const args = ['-man', '-Tascii', '-ww', '-rLL=78n'];
    const { exitCode, stdout, stderr } = await sandbox.run(groff ?? '', args, {
      stdin: await page(),
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('tollgate report --by branch --since 7d');
  });
});
