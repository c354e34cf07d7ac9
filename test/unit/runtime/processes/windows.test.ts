// What Windows tells: answers of its process table.
import { expect, test } from 'vitest';
import { parentIn, parseRows } from '../../../../src/runtime/processes/windows.ts';

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
