// Telling the person at a client whose own error output is a socket, as of every program that Node starts: nobody can write to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tellPerson } from '../../../src/watchdog/tell-person.ts';
import { createSandbox } from '../../support/sandbox.ts';

const STARTS_CLIENT = `
  const client = require('node:child_process').spawn('sleep', ['60'], { stdio: 'pipe' });
  console.log(client.pid);`;

test.runIf(process.platform === 'linux')(
  'it is told on the error output of the program above',
  async () => {
    const sandbox = await createSandbox();
    const log = join(sandbox.root, 'errors.txt');
    const handle = openSync(log, 'a');
    const env = sandbox.env();
    const above = spawn(process.execPath, ['-e', STARTS_CLIENT], {
      env,
      stdio: ['ignore', 'pipe', handle],
    });
    const [said] = (await once(above.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const client = Number(String(said));
    try {
      tellPerson(client, 'the guard was off', {});
      expect(readFileSync(log, 'utf8')).toBe('\nthe guard was off\n');
    } finally {
      process.kill(client, 'SIGKILL');
      above.kill('SIGKILL');
      closeSync(handle);
      await sandbox.cleanup();
    }
  },
);
