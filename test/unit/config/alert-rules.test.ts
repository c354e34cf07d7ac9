// What files may say about alerts, and who may say it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LayerKind } from '../../../src/config/layer.ts';
import { loadConfig } from '../../../src/config/load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-alert-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Loads what each kind of file says about alerts. */
function load(files: Partial<Record<LayerKind, unknown>>) {
  const sources = Object.entries(files).map(([kind, alerts]) => {
    const file = join(folder, `${kind}.json`);
    writeFileSync(file, JSON.stringify({ alerts }));
    return { kind: kind as LayerKind, file };
  });
  return loadConfig(sources, { timeZone: 'UTC' });
}

const slack = { type: 'slack', url: { env: 'SLACK' } };

test('nothing said: thresholds of 50, 80 and 100 %, fifteen minutes before a run-out, no channel', () => {
  expect(loadConfig([], { timeZone: 'UTC' }).config.alerts).toEqual({
    ...{ thresholds: [0.5, 0.8, 1], runOutMs: 900_000, burnNanoUsdPerHour: null },
    ...{ paceRatio: null, spikeRatio: null, quietHours: null, channels: [] },
  });
});

test('everything said', () => {
  const { config, problems } = load({
    user: {
      ...{ thresholds: ['90%', 0.5, '90%'], runOut: 'never', burnRate: '20', pace: 2, spike: '3' },
      quietHours: '22:00 - 7:30',
      channels: {
        ...{ tty: { type: 'terminal' }, desk: { type: 'desktop' }, team: slack },
        phone: { type: 'ntfy', topic: { file: '/home/a/topic' } },
        own: { type: 'webhook', url: 'https://example.com/x', secret: { command: ['pass', 'x'] } },
        mail: {
          type: 'email',
          host: 'mail.example.com',
          from: 'a@example.com',
          to: 'b@example.com',
        },
        prog: { type: 'command', run: ['page', 'me'] },
      },
    },
  });
  expect(problems).toEqual([]);
  expect(config.alerts).toMatchObject({
    ...{ thresholds: [0.5, 0.9], runOutMs: null, burnNanoUsdPerHour: 20e9 },
    ...{ paceRatio: 2, spikeRatio: 3, quietHours: { fromMinute: 1_320, toMinute: 450 } },
    channels: [
      { name: 'tty', type: 'terminal' },
      { name: 'desk', type: 'desktop' },
      { name: 'team', type: 'slack', url: { env: 'SLACK' }, allowPrivate: false },
      { name: 'phone', type: 'ntfy', server: 'https://ntfy.sh', token: null },
      { name: 'own', type: 'webhook', secret: { command: ['pass', 'x'] } },
      { name: 'mail', type: 'email', port: 587, tls: 'starttls', to: ['b@example.com'] },
      { name: 'prog', type: 'command', run: ['page', 'me'] },
    ],
  });
});

test.each(['project', 'local'] as const)('a %s file says nothing about alerts', (kind) => {
  const { config, problems } = load({
    user: { channels: { a: slack } },
    [kind]: { channels: { b: slack }, thresholds: [] },
  });
  expect(config.alerts.channels.map(({ name }) => name)).toEqual(['a']);
  expect(config.alerts.thresholds).toEqual([0.5, 0.8, 1]);
  expect(problems).toMatchObject([
    { kind: 'refused', path: 'alerts', file: join(folder, `${kind}.json`), at: { line: 1 } },
  ]);
  expect(problems[0]?.hint).toContain('config.json');
});

test('an administrator comes first; a person adds, and changes nothing', () => {
  const { config, problems } = load({
    managed: { channels: { audit: slack }, quietHours: '22:00-07:00' },
    user: {
      channels: { audit: { type: 'desktop' }, mine: { type: 'desktop' } },
      quietHours: '00:00-23:59',
      pace: 2,
    },
  });
  expect(config.alerts.channels).toMatchObject([
    { name: 'audit', type: 'slack' },
    { name: 'mine', type: 'desktop' },
  ]);
  expect(config.alerts).toMatchObject({ paceRatio: 2, quietHours: { fromMinute: 1_320 } });
  expect(problems.map(({ kind, path }) => [kind, path])).toEqual([
    ['refused', 'alerts.quietHours'],
    ['refused', 'alerts.channels.audit'],
  ]);
});

test.each([
  [
    { channels: { a: { type: 'slack', url: 'https://hooks.slack.com/services/x' } } },
    'alerts.channels.a.url',
  ],
  [{ channels: { a: { type: 'slack', url: { env: 'A', file: '/b' } } } }, 'alerts.channels.a.url'],
  [{ channels: { a: { type: 'slack', url: { file: 'relative' } } } }, 'alerts.channels.a.url'],
  [{ channels: { a: { type: 'slack', url: {} } } }, 'alerts.channels.a.url'],
  [{ channels: { a: { type: 'slak', url: { env: 'A' } } } }, 'alerts.channels.a.type'],
  [
    { channels: { a: { type: 'webhook', url: 'ftp://x', secret: { env: 'A' } } } },
    'alerts.channels.a.url',
  ],
  [{ channels: { a: { type: 'webhook', url: 'https://x' } } }, 'alerts.channels.a.secret'],
  [
    { channels: { a: { type: 'email', host: 'x', from: 'nobody', to: 'b@example.com' } } },
    'alerts.channels.a.from',
  ],
  [{ channels: { a: { type: 'command', run: 'rm -rf /' } } }, 'alerts.channels.a.run'],
  [{ channels: { a: { type: 'desktop', colour: 'red' } } }, 'alerts.channels.a.colour'],
  [{ channels: { 'a b': { type: 'desktop' } } }, 'alerts.channels["a b"]'],
  [{ thresholds: '80%' }, 'alerts.thresholds'],
  [{ thresholds: ['180%'] }, 'alerts.thresholds'],
  [{ runOut: 15 }, 'alerts.runOut'],
  [{ burnRate: 20 }, 'alerts.burnRate'],
  [{ pace: 0.5 }, 'alerts.pace'],
  [{ quietHours: '22-7' }, 'alerts.quietHours'],
  [{ quietHours: '25:00-07:00' }, 'alerts.quietHours'],
  [{ channel: {} }, 'alerts.channel'],
])('%j is a mistake with a path and a hint', (alerts, path) => {
  const { problems } = load({ user: alerts });
  expect(problems.map((each) => [each.kind, each.path])).toEqual([['mistake', path]]);
  expect(problems[0]?.hint).not.toBe('');
});
