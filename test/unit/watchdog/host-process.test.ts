// Which processes below a client are clients, too; asked of real ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { identityOf } from '../../../src/runtime/processes.ts';
import { clientsBelow, createStrayLook } from '../../../src/watchdog/host-process.ts';

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

test.runIf(process.platform === 'linux')('one that was cut off is found', async () => {
  const cutOff = 'setsid env -i bash -c \'bash -c "echo \\$\\$; exec -a claude sleep 60" & :\'';
  const host = spawn('bash', ['-c', `sleep 0.1; ${cutOff}; wait; sleep 60`], {
    ...{ detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
  });
  const known = { pid: host.pid ?? 0, identity: identityOf(host.pid ?? 0) };
  const pids = [known.pid];
  try {
    const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
    pids.push(Number(line));
    const look = createStrayLook(known);
    await expect
      .poll(() => look().map(({ pid }) => pid), { timeout: 10_000 })
      .toContain(Number(line));
    expect(clientsBelow(known)).toEqual([]);
    // To one that is younger it is an older one's.
    const later = spawn('sleep', ['60'], { stdio: 'ignore' });
    pids.push(later.pid ?? 0);
    const host2 = { pid: later.pid ?? 0, identity: identityOf(later.pid ?? 0) };
    expect(createStrayLook(host2)().map(({ pid }) => pid)).not.toContain(Number(line));
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  }
});

test.runIf(process.platform === 'linux')('one in a terminal of its own is a person’s', async () => {
  const inTerminal = `import os,pty
pid,fd=pty.fork()
if pid==0: os.execv("/bin/bash",["claude","-c","echo $$ >&3; exec -a claude sleep 60"])
os.waitpid(pid,0)`;
  const host = spawn('bash', ['-c', 'sleep 0.1; (setsid python3 -c "$S" 3>&1 &); sleep 60'], {
    ...{
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', S: inTerminal },
    },
  });
  const known = { pid: host.pid ?? 0, identity: identityOf(host.pid ?? 0) };
  const pids = [known.pid];
  try {
    const [line] = (await once(createInterface(host.stdout), 'line')) as [string];
    pids.push(Number(line));
    const found = createStrayLook(known)().map(({ pid }) => pid);
    expect(found).not.toContain(Number(line));
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  }
});
