// What Windows tells: answers of its process table.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parentIn, parseRows, windows } from '../../../../src/runtime/processes/windows.ts';
import { posixTest } from '../../../support/systems.ts';

const ANSWER = [
  '0|0||',
  '4|0|2026-11-28T06:00:01.0000000Z|',
  '5120|4|2026-11-28T06:03:00.5000000Z|C:\\Windows\\explorer.exe',
  '7004|5120|2026-11-28T08:00:00.0000000Z|C:\\Program Files\\nodejs\\node.exe',
  '7010|9999|2026-11-28T08:00:02.0000000Z|C:\\Users\\Kim | Lee\\x.exe',
  '7020|7004|2026-11-28T07:00:00.0000000Z|C:\\Windows\\System32\\cmd.exe',
  '',
].join('\r\n');
const rows = new Map(parseRows(ANSWER).map((row) => [row.pid, row]));

test('each process has its parent, its start and its program', () => {
  expect(rows.size).toBe(6);
  expect(rows.get(5120)?.startedAt).toBe(Date.UTC(2026, 10, 28, 6, 3, 0, 500));
  expect(rows.get(4)?.program).toBe('unknown');
  expect(rows.get(7010)?.program).toBe('C:\\Users\\Kim | Lee\\x.exe');
  expect(parentIn(rows, 7004)).toBe(5120);
});

test('a parent that has ended is unknown, also where its number is another process now', () => {
  expect(parentIn(rows, 7010)).toBe('unknown');
  expect(parentIn(rows, 7020)).toBe('unknown');
  expect(parentIn(rows, 1)).toBe('unknown');
});

posixTest('the table is asked once for many questions; what it does not have is unknown', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-windows-'));
  try {
    // Elsewhere backslashes are letters of a file's name: a stand-in gives the answer.
    const root = join(folder, 'Windows');
    const program = `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
    writeFileSync(join(folder, 'answer'), ANSWER);
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s|' "$@" >> '${folder}/asked'\ncat '${folder}/answer'\n`,
    );
    chmodSync(program, 0o755);
    vi.stubEnv('SystemRoot', root);
    expect(windows.parentOf(7004)).toBe(5120);
    expect(windows.startOf(5120)).toBe(Date.UTC(2026, 10, 28, 6, 3, 0, 500));
    expect(windows.programOf(7004)).toBe('C:\\Program Files\\nodejs\\node.exe');
    expect([windows.startOf(0), windows.programOf(4), windows.programOf(1)]).toEqual(
      Array(3).fill('unknown'),
    );
    const asked = readFileSync(join(folder, 'asked'), 'utf8');
    expect(asked.match(/Win32_Process/g)).toHaveLength(1);
    expect(asked.startsWith('-NoProfile|-NonInteractive|-Command|')).toBe(true);
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what Windows does not tell is never taken for nothing', () => {
  const own = process.pid;
  const { childrenOf, commandLineOf, environmentOf, terminalOf, sessionLeaderOf } = windows;
  const { controllingTerminalOf, holdersOfTerminal, holdsOtherEnd, identityOf } = windows;
  const told: unknown[] = [
    childrenOf,
    commandLineOf,
    environmentOf,
    terminalOf,
    sessionLeaderOf,
  ].map((of) => of(own));
  told.push(controllingTerminalOf(own), holdersOfTerminal(0), identityOf(own));
  told.push(windows.workingFolderOf(own), holdsOtherEnd(own, own, 0));
  expect(new Set(told)).toEqual(new Set(['unknown']));
  const { workOf, terminalDeviceOf, fileOf, fileLockHolder, bootId } = windows;
  expect([workOf(own), terminalDeviceOf(own), fileOf(own, 0)]).toEqual([null, null, null]);
  expect([fileLockHolder(1, 120), bootId()]).toEqual([null, null]);
  expect(windows.isIdleForGood(own)).toBe(false);
  expect(() => windows.writeError(own, 'x')).toThrow(`process ${own}`);
});
