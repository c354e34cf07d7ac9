// What `tollgate --version` tells a person and a script.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { cliOk } from '../../support/in-process-cli.ts';
import { createSandbox } from '../../support/sandbox.ts';

const { version } = createRequire(import.meta.url)('better-sqlite3/package.json') as {
  version: string;
};

test.each(['-v', '-V', '--version'])(
  '%s names Tollgate, Node, the driver and SQLite',
  async (flag) => {
    const sandbox = await createSandbox();
    const said = await cliOk(sandbox, [flag]);
    expect(said).toMatch(/^tollgate \S+ · node \S+ · better-sqlite3 \S+ · SQLite 3\.\d+\.\d+\n$/);
    expect(said).toContain(`node ${process.versions.node} · better-sqlite3 ${version}`);
    await sandbox.cleanup();
  },
);

test('--version --json gives each by name', async () => {
  const sandbox = await createSandbox();
  expect(JSON.parse(await cliOk(sandbox, ['--version', '--json']))).toEqual({
    schema: 'tollgate/version@1',
    tollgate: 'dev',
    node: process.versions.node,
    driver: { name: 'better-sqlite3', version },
    sqlite: expect.stringMatching(/^3\.\d+\.\d+$/),
  });
  await sandbox.cleanup();
});
