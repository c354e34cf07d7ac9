// What `ps` and `lsof` tell: macOS by recorded lines, and the `ps` of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  parseCommand,
  parseEnvironment,
  parseLsof,
  parsePs,
  ps,
} from '../../../../src/runtime/processes/ps.ts';
import { posixTest } from '../../../support/systems.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/platforms');
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');

describe('macOS', () => {
  test('ps: parents, terminals, starts, and programs with blanks in their paths', () => {
    const rows = parsePs(fixture('macos-ps.txt'));
    expect(rows.map(({ pid, parent }) => [pid, parent])).toEqual([
      [1, 0],
      [612, 1],
      [2201, 612],
      [2202, 2201],
      [2390, 2202],
      [2391, 2390],
      [40123, 1],
      [40200, 1],
    ]);
    const of = (pid: number) => rows.find((row) => row.pid === pid);
    expect(of(612)?.program).toBe(
      '/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal',
    );
    expect(of(40123)?.program).toBe(
      '/Applications/Visual Studio Code.app/Contents/MacOS/Code Helper',
    );
    expect(of(2390)).toMatchObject({ terminal: 'ttys003', state: 'S+', cpuMs: 83_410 });
    expect(of(2390)?.startedAt).toBe(Date.UTC(2026, 10, 28, 9, 14, 2));
    expect(of(612)?.terminal).toBeNull();
    expect(of(40200)).toMatchObject({
      state: 'T',
      cpuMs: ((1 * 24 + 2) * 60 + 3) * 60_000 + 4_000,
    });
  });

  test('an environment follows the command, and is unknown where it is hidden', () => {
    const command = 'node /Users/kim lee/x.js --flag A=1\n';
    const withIt = `${command.trim()} HOME=/Users/kim lee CLAUDECODE=1 EMPTY= P=a b\n`;
    expect(parseEnvironment(withIt, command).split('\0')).toEqual([
      'HOME=/Users/kim lee',
      'CLAUDECODE=1',
      'EMPTY=',
      'P=a b',
      '',
    ]);
    expect(parseEnvironment(command, command)).toBe('unknown');
    expect(parseEnvironment('another process', command)).toBe('unknown');
  });

  test('a command begins with its program, blanks and all', () => {
    const program = '/Users/kim lee/.local/bin/claude';
    expect(parseCommand(`${program} -p hello`, program)).toEqual([program, '-p', 'hello']);
    expect(parseCommand('claude -p', program)).toEqual(['claude', '-p']);
  });

  test('lsof: the other end of a pair of sockets and of a pipe', () => {
    const files = parseLsof(fixture('macos-lsof.txt'));
    expect(files.map(({ fd, type }) => `${fd} ${type}`)).toEqual([
      'cwd DIR',
      'txt REG',
      '0 unix',
      '1 PIPE',
      '2 CHR',
    ]);
    expect(files[2]?.name).toBe('->0x9d3d1ce2d2c7b1f4');
    expect(files[3]).toMatchObject({ device: '0x6a1b0c7de2f09a3', name: '->0x51f3a9c0d4be8871' });
  });
});

describe.runIf(existsSync('/bin/ps'))('this machine by its ps', () => {
  posixTest('a child has its parent and its start', async () => {
    const before = Date.now();
    const child = spawn('sleep', ['60'], { env: { PATH: '/usr/bin:/bin' } });
    try {
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      expect(ps.parentOf(pid)).toBe(process.pid);
      expect(Math.abs(Number(ps.startOf(pid)) - before)).toBeLessThan(60_000);
      expect(ps.identityOf(pid)).not.toBe('unknown');
      expect(ps.childrenOf(process.pid)).toContain(pid);
      expect(ps.commandLineOf(pid)).toEqual(['sleep', '60']);
      expect(ps.isIdleForGood(pid)).toBe(false);
      process.kill(pid, 'SIGSTOP');
      await expect.poll(() => ps.isIdleForGood(pid), { timeout: 5_000 }).toBe(true);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('of a process that is not there all is unknown', () => {
    expect(ps.parentOf(2 ** 30)).toBe('unknown');
    expect(ps.startOf(2 ** 30)).toBe('unknown');
    expect(ps.terminalOf(2 ** 30)).toBe('unknown');
    expect(ps.environmentOf(2 ** 30)).toBe('unknown');
  });
});
