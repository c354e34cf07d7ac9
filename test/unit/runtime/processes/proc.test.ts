// What /proc tells: pipes and locks of real processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { proc } from '../../../../src/runtime/processes/proc.ts';

describe.runIf(process.platform === 'linux')('a child on Linux', () => {
  test('has its parent at the other end of its output, and nobody else', async () => {
    const child = spawn('sleep', ['60'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      expect(proc.holdsOtherEnd(process.pid, pid, 1)).toBe(true);
      expect(proc.holdsOtherEnd(process.pid, pid, 0)).toBe(false);
      expect(proc.holdsOtherEnd(1, pid, 1)).toBe(false);
      expect(proc.parentOf(pid)).toBe(process.pid);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('nobody holds a lock on a file that is not there', () => {
    expect(proc.fileLockHolder(2 ** 52, 120)).toBeNull();
    expect(proc.bootId()).toMatch(/^[\da-f-]{36}$/);
  });
});
