// Which processes below a client are clients, too; asked of real ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { identityOf } from '../../../src/runtime/processes.ts';
import { clientsBelow } from '../../../src/watchdog/host-process.ts';

test.runIf(process.platform === 'linux')('a shell below a shell is none', async () => {
  const script =
    '(sleep 60; true) & bash -c "sleep 60; true" & exec -a claude sleep 60 & echo $!; wait';
  const host = spawn('bash', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
    const known = { pid: host.pid ?? 0, identity: identityOf(host.pid ?? 0) };
    await expect
      .poll(() => clientsBelow(known).map(({ pid }) => pid), { timeout: 10_000 })
      .toEqual([Number(line)]);
  } finally {
    process.kill(-(host.pid ?? 0), 'SIGKILL');
  }
});
