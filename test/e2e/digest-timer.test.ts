// `tollgate digest --install` and `--uninstall`: what a person is shown, asked and told. The system's programs are stand-ins.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate } from '../support/tollgate.ts';

let sandbox: Sandbox;
let programs: string;
beforeEach(async () => {
  sandbox = await createSandbox();
  programs = join(sandbox.root, 'programs');
  mkdirSync(programs);
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  const team = { type: 'slack', url: { env: 'SLACK_HOOK' } };
  const alerts = { channels: { team, desk: { type: 'desktop' } } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ alerts }));
});
afterEach(() => sandbox.cleanup());

const IS_MAC = process.platform === 'darwin';
const NAME = IS_MAC ? 'launchd' : 'systemd';
const PROGRAM = IS_MAC ? 'launchctl' : 'systemctl';
const FILES = IS_MAC
  ? ['Library/LaunchAgents/tollgate-digest-week.plist']
  : ['service', 'timer'].map((kind) => `.config/systemd/user/tollgate-digest-week.${kind}`);

/** The timer's program: it writes down its words, and then does this. */
const standIn = (script: string): void => {
  const log = join(sandbox.root, 'asked');
  writeFileSync(join(programs, PROGRAM), `#!/bin/sh\necho "$@" >> '${log}'\n${script}\n`);
  chmodSync(join(programs, PROGRAM), 0o755);
};
const run = (words: readonly string[], extra: Readonly<Record<string, string>> = {}) => {
  const PATH = `${programs}${delimiter}${sandbox.env().PATH}`;
  return tollgate(sandbox, ['digest', ...words], { PATH, ...extra });
};
const files = () => FILES.map((file) => join(sandbox.home, file));

describe.skipIf(process.platform === 'win32')('digest --install', () => {
  test('shows what it writes, warns of a secret the timer has not, and is undone by --uninstall', async () => {
    standIn('exit 0');
    const { exitCode, stdout, stderr } = await run([
      '--week',
      '--to',
      'team',
      '--install',
      '--yes',
    ]);
    expect(exitCode).toBe(0);
    for (const file of files()) {
      expect(stdout).toContain(`${file}:\n${readFileSync(file, 'utf8').trimEnd()}\n`);
    }
    expect(stdout).toMatch(/Set\. To undo it: tollgate digest --uninstall --week\n$/);
    expect(stderr).toContain(`team has a secret in the variable SLACK_HOOK, which ${NAME}`);
    expect(readFileSync(files()[0] ?? '', 'utf8')).toContain(sandbox.tollgateHome);
    expect((await run(['--uninstall', '--day'])).stdout).toBe('No digest was set.\n');
    expect((await run(['--uninstall'])).stdout).toBe(
      `${NAME} sends no digest of each week any more.\n`,
    );
    expect(files().some((file) => existsSync(file))).toBe(false);
  });

  test('says the same as JSON, with what is written on the other output', async () => {
    standIn('exit 0');
    const words = ['--week', '--to', 'desk', '--json'];
    const { stdout, stderr } = await run([...words, '--install', '--yes']);
    expect(JSON.parse(stdout)).toEqual({
      ...{ schema: 'tollgate/digest-timer@1', period: 'week', channel: 'desk' },
      ...{ timer: NAME, places: files(), changed: true },
    });
    expect(stderr).toContain(`${files()[0]}:\n`);
    expect(stderr).not.toContain('secret');
    const removed = [{ period: 'week', timer: NAME }];
    for (const expected of [removed, []]) {
      const { stdout: told } = await run(['--uninstall', '--json']);
      expect(JSON.parse(told)).toEqual({ schema: 'tollgate/digest-timer@1', removed: expected });
    }
  });

  test('sets nothing that nobody agreed to', async () => {
    standIn('exit 0');
    const { exitCode, stderr } = await run(['--week', '--to', 'desk', '--install']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Have ${NAME} send the digest of each week to desk?`);
    expect(stderr).toContain('hint: add --yes');
    expect(files().some((file) => existsSync(file))).toBe(false);
  });

  test('needs a channel', async () => {
    const { exitCode, stderr } = await run(['--week', '--install', '--yes']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/to which channel\?\n {2}hint: .*--to <channel> --install/);
  });

  test('a refusal leaves nothing, also not of the one before', async () => {
    const words = ['--week', '--to', 'desk', '--install', '--yes'];
    standIn('exit 0');
    await run(words);
    standIn('case "$*" in *enable*|bootstrap*) exit 1;; esac');
    const { exitCode, stderr } = await run(words);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(IS_MAC ? /launchctl bootstrap .* failed/ : /systemctl .* failed/);
    expect(stderr).toContain('hint: run it yourself');
    expect(files().some((file) => existsSync(file))).toBe(false);
  });

  test('a line break cannot be held by a timer', async () => {
    standIn('exit 0');
    const words = ['--week', '--to', 'desk', '--install', '--yes'];
    const { exitCode, stderr } = await run(words, { XDG_STATE_HOME: '/a\nb' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('a timer cannot hold a line break: "/a\\nb"');
    expect(files().some((file) => existsSync(file))).toBe(false);
  });

  test.skipIf(IS_MAC)('where no timer is, it says what to run instead', async () => {
    rmSync(programs, { recursive: true });
    mkdirSync(programs);
    const words = ['--day', '--to', 'desk', '--install', '--yes'];
    const { exitCode, stderr } = await run(words, { PATH: programs });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('neither launchd, a systemd of yours nor crontab is here');
    expect(stderr).toMatch(/hint: .* "digest" "--day" "--to" "desk"\n/);
    expect(readdirSync(sandbox.home)).toEqual(['.config']);
  });
});
