// What `ps` and `lsof` tell: macOS by recorded lines, and the `ps` of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proc } from '../../../../src/runtime/processes/proc.ts';
import {
  fileIn,
  isOtherEndIn,
  parseCommand,
  parseEnvironment,
  parseLsof,
  parsePs,
  ps,
} from '../../../../src/runtime/processes/ps.ts';
import { openPty } from '../../../support/pty.ts';
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
    expect([0, 1, 2, 'txt', 9].map((fd) => fileIn(files, fd))).toEqual([
      ...['socket:[0x2c7f31ab90e4d655]', 'pipe:[0x6a1b0c7de2f09a3]', '/dev/ttys003'],
      ...['/opt/homebrew/bin/node', null],
    ]);
    const host = parseLsof('p2202\nf11\ntunix\nd0x9d3d1ce2d2c7b1f4\nn->0x2c7f31ab90e4d655\n');
    expect([0, 1, 2, 9].map((fd) => isOtherEndIn(host, files, fd))).toEqual([
      ...[true, false, false, false],
    ]);
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

  test.runIf(process.platform === 'linux')(
    'what leads a terminal is found from below',
    async () => {
      const env = { PATH: '/usr/bin:/bin' };
      const pty = openPty('/bin/sh', ['-c', 'sleep 60 & echo "under $!."; wait'], {
        cwd: '/',
        env,
      });
      try {
        await pty.waitFor(/under \d+\./);
        const leader = pty.pid();
        const below = Number(/under (\d+)\./.exec(pty.screen())?.[1]);
        expect(ps.parentOf(below)).toBe(leader);
        expect([leader, below].map(ps.sessionLeaderOf)).toEqual([leader, leader]);
        expect(ps.terminalDeviceOf(below)).toBe(proc.terminalDeviceOf(leader));
        expect(ps.terminalOf(below)).toEqual({ readAt: expect.any(Number) });
        expect(ps.controllingTerminalOf(below)).toBe('other');
        expect(ps.workOf(leader)).toMatchObject({ program: 'sh' });
        ps.writeError(below, 'the guard is lost');
        await pty.waitFor(/the guard is lost/);
      } finally {
        await pty.close();
      }
    },
  );

  posixTest('without a terminal nothing can be written there', async () => {
    const child = spawn('sleep', ['60'], { env: { PATH: '/usr/bin:/bin' }, detached: true });
    try {
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      expect(ps.terminalOf(pid)).toBe('none');
      expect(ps.controllingTerminalOf(pid)).toBe('none');
      expect(ps.sessionLeaderOf(pid)).toBe(pid);
      expect(ps.programOf(pid)).toMatch(/sleep$/);
      expect(() => ps.writeError(pid, 'x')).toThrow(`process ${pid} has no terminal`);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test.runIf(!existsSync('/usr/sbin/lsof'))('without lsof nothing is said of open files', () => {
    expect(ps.fileOf(process.pid, 0)).toBeNull();
    expect(ps.holdsOtherEnd(process.ppid, process.pid, 0)).toBe('unknown');
  });

  test('of a process that is not there all is unknown', () => {
    expect(ps.workOf(2 ** 30)).toBeNull();
    expect(ps.programOf(2 ** 30)).toBe('unknown');
    expect(ps.commandLineOf(2 ** 30)).toBe('unknown');
    expect(ps.sessionLeaderOf(2 ** 30)).toBe('unknown');
    expect(ps.controllingTerminalOf(2 ** 30)).toBe('unknown');
    expect(ps.parentOf(2 ** 30)).toBe('unknown');
    expect(ps.startOf(2 ** 30)).toBe('unknown');
    expect(ps.terminalOf(2 ** 30)).toBe('unknown');
    expect(ps.environmentOf(2 ** 30)).toBe('unknown');
  });
});
