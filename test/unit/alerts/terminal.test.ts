// The channel of a terminal: what is written where the sessions of a message run. A file stands for the device.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChannelDeps, Message } from '../../../src/alerts/channel.ts';
import { terminal } from '../../../src/alerts/terminal.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-terminal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = { what: 'over', amount: '$5.00; of $4.00', where: 'shop\u001b[2J', action: '' };
const message = (texts: readonly (typeof text)[]): Message => ({
  ...{ deliveryId: 'd', sentAt: 0, title: 'Halted', documents: [], alerts: [], texts },
});
const ring = (devices: readonly string[], texts = [text]) => {
  const deps = { terminalsOf: () => devices } as Partial<ChannelDeps> as ChannelDeps;
  return terminal(message(texts), { name: 'tty', type: 'terminal' }, deps);
};

test('each terminal gets a notification in one sequence, and a bell', async () => {
  const devices = ['a', 'b'].map((name) => join(folder, name));
  for (const device of devices) writeFileSync(device, '');
  expect(await ring([...devices, join(folder, 'gone', 'x')])).toEqual({ kind: 'sent' });
  for (const device of devices) {
    // Neither a semicolon nor an escape of a title can begin a command of its own.
    expect(readFileSync(device, 'utf8')).toBe('\x1b]9;Halted, $5.00  of $4.00, shop [2J\x07\x07');
  }
  await ring(devices.slice(0, 1), []);
  expect(readFileSync(devices[0] ?? '', 'utf8')).toBe('\x1b]9;Halted\x07\x07');
});

test('where no session has a terminal it was not sent', async () => {
  const told = { kind: 'failed', error: 'no terminal of a session was found' };
  expect(await ring([])).toMatchObject(told);
  expect(await ring([join(folder, 'gone', 'x')])).toMatchObject(told);
});
