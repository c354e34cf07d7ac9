// `tollgate init --managed`: the administrator's settings. Written for real in a mount namespace of its own, where one can be had.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOST_MANAGED_FILE } from '../../src/config/paths.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { CLI, tollgate } from '../support/tollgate.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  mkdirSync(sandbox.tollgateHome, { mode: 0o700 });
});
afterEach(() => sandbox.cleanup());

/** Folders of the administrator's, empty, in a namespace whose changes nobody else sees. */
const INSIDE = ['mount -t tmpfs none /etc', 'mkdir -p /etc/claude-code /etc/tollgate'];
const canMount = spawnSync('unshare', ['-m', 'sh', '-c', INSIDE.join(' && ')]).status === 0;
const limits = '--session-soft 4 --session-hard 5';

const inNamespace = (script: string) =>
  sandbox.run('unshare', ['-m', 'sh', '-c', [...INSIDE, script].join(' && ')], {
    env: { N: process.execPath, CLI, TOLLGATE_CLAUDE: '/bin/false' },
  });

test('a dry run names the managed settings and changes nothing', async () => {
  const run = await tollgate(sandbox, ['init', '--managed', '--dry-run', '--json'], {
    TOLLGATE_CLAUDE: '/bin/false',
  });
  expect(run.exitCode).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({
    ...{ scope: 'managed', changed: false, settingsFile: HOST_MANAGED_FILE },
  });
});

test.runIf(canMount)('an administrator writes them, and takes them out again', async () => {
  const run = await inNamespace(
    `$N $CLI init --managed --yes ${limits} && stat -c '%a %n' /etc/*/*.json && cat /etc/claude-code/managed-settings.json && $N $CLI config && $N $CLI uninstall --managed --yes && ls -A /etc/claude-code /etc/tollgate`,
  );
  expect(run.stderr).not.toContain('bug');
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain('644 /etc/claude-code/managed-settings.json');
  expect(run.stdout).toContain('644 /etc/tollgate/config.json');
  expect(run.stdout).toContain('pre-tool-use.cjs');
  expect(run.stdout).toContain('$5.00');
  expect(run.stdout.trimEnd()).toMatch(/\/etc\/claude-code:?\s+\/etc\/tollgate:?$/);
});

test.runIf(canMount)('who may not write there is shown the text', async () => {
  const run = await inNamespace(
    `mount -o remount,ro /etc && $N $CLI init --managed --yes ${limits}`,
  );
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain('# /etc/claude-code/managed-settings.json');
  expect(run.stdout).toContain('# /etc/tollgate/config.json');
  expect(run.stderr).toContain('only an administrator may');
});
