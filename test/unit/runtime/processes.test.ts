// What the system says about processes, asked of real ones.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  ancestorsOf,
  environmentOf,
  isAlive,
  isRootedBefore,
  startOf,
  terminalOf,
} from '../../../src/runtime/processes.ts';

/** The id of a process that has ended. */
const endedPid = (): number => spawnSync(process.execPath, ['-e', ''], { env: {} }).pid;

describe.runIf(process.platform === 'linux')('a process that runs', () => {
  test('has its parent, its start, its environment and no terminal', async () => {
    const before = Date.now();
    const child = spawn('sleep', ['60'], { env: { MARK: 'here', PATH: process.env.PATH } });
    try {
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      expect(ancestorsOf(pid)[0]).toBe(process.pid);
      expect(ancestorsOf(pid).slice(1)).toEqual(ancestorsOf(process.pid));
      expect(isAlive(pid)).toBe(true);
      expect(Math.abs(Number(startOf(pid)) - before)).toBeLessThan(60_000);
      expect(environmentOf(pid)).toContain('MARK=here');
      expect(terminalOf(pid)).toBe('none');
    } finally {
      child.kill();
    }
  });
});

test.runIf(process.platform === 'linux')(
  'what a process has started is not as old as what the process was started by',
  async () => {
    const child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH } });
    try {
      await once(child, 'spawn');
      expect(isRootedBefore(process.pid, [child.pid ?? 0])).toBe(true);
      expect(isRootedBefore(process.pid, [1])).toBe(false);
      expect(isRootedBefore(process.pid, [endedPid()])).toBe(true);
    } finally {
      child.kill();
    }
  },
);

test('of a process that has ended, everything is unknown', () => {
  const pid = endedPid();
  expect(isAlive(pid)).toBe(false);
  expect(ancestorsOf(pid)).toEqual(['unknown']);
  expect(startOf(pid)).toBe('unknown');
  expect(environmentOf(pid)).toBe('unknown');
  expect(terminalOf(pid)).toBe('unknown');
});
