// `tollgate alerts`: what has become due and how the channels are, as lines and as JSON; a test message; what was seen.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enqueueAlert } from '../../../src/alerts/alert.ts';
import { failed, SENT } from '../../../src/alerts/channel.ts';
import { runSender } from '../../../src/alerts/sender.ts';
import { newDeliveryId, placeReaderOf } from '../../../src/cli/alert-sending.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { configSources } from '../../../src/config/paths.ts';
import { openLedger } from '../../../src/wire.ts';
import { cliOk, runCli } from '../../support/in-process-cli.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const configure = (channels: object) => {
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ alerts: { channels } }));
};
const alerts = (...words: string[]) =>
  runCli(sandbox, ['alerts', ...words], { now: NOW, columns: 200 });
/** Alerts of models without a price, each some minutes old. */
const raise = (...minutesOld: number[]) => {
  const { config } = loadConfig(configSources(sandbox.repo, sandbox.env()));
  const store = openLedger(sandbox.tollgateHome, sandbox.env());
  store.immediately(() => {
    for (const minutes of minutesOld) {
      const alert = { code: 'UNKNOWN_MODEL', model: `house-${minutes}` } as const;
      const due = { alert, onceKey: `UNKNOWN_MODEL|house-${minutes}` };
      enqueueAlert(due, null, { store, config }, NOW - minutes * 60_000);
    }
  });
  store.close();
};
/** The sender, with waits that take no time: to the team nothing gets through. */
async function send(): Promise<void> {
  const { config } = loadConfig(configSources(sandbox.repo, sandbox.env()));
  const store = openLedger(sandbox.tollgateHome, sandbox.env());
  let now = NOW;
  await runSender({
    ...{ store, settings: config.alerts, timeZone: 'UTC', owner: 'me', random: () => 0.5 },
    ...{ clock: () => now, newId: newDeliveryId, placeOf: placeReaderOf(store) },
    wait: async (ms) => {
      now += ms;
    },
    send: async (name) => (name === 'team' ? failed('answered 404', true) : SENT),
  });
  store.close();
}
/** A channel's program that does this. */
const program = (...script: string[]) => ({ type: 'command', run: ['/bin/sh', '-c', ...script] });

test('without an alert and a channel both are said', async () => {
  const { exitCode, stdout } = await alerts();
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    'No alert has become due yet.\n\nNo channel is configured, so nobody is told. How to: docs/alerts.md\n',
  );
  const { stderr } = await alerts('test');
  expect(stderr).toMatch(/no channel is configured\n {2}hint: add one under "alerts"/);
  expect(JSON.parse(await cliOk(sandbox, ['alerts', 'ack', '--all', '--json']))).toEqual({
    ...{ schema: 'tollgate/alerts-ack@1', count: 0 },
  });
});

test.skipIf(process.platform === 'win32')(
  'alerts are listed with their age, and channels with what became of them',
  async () => {
    configure({
      log: program('cat > /dev/null'),
      team: { type: 'slack', url: { env: 'NOWHERE' } },
    });
    raise(90, 0);
    const { stdout } = await alerts('list');
    expect(stdout).toMatch(/^\d {2}.*house-0.*\n {4}just now\n\d {2}.*house-90.*\n {4}\S.* ago\n/);
    expect(stdout).toContain('channel log (command): nothing sent yet\n');
    await send();
    const later = await runCli(sandbox, ['alerts'], { now: NOW + 3_600_000, columns: 200 });
    expect(later.stdout).toMatch(/^channel log \(command\): last sent .* ago$/m);
    expect(later.stdout).toMatch(/^channel team \(slack\): FAILING since .*: answered 404/m);
    const { channels } = JSON.parse((await alerts('--json')).stdout);
    expect(channels).toMatchObject([
      { name: 'log', failingCount: 0, failingSince: null, error: null },
      {
        name: 'team',
        failingCount: 1,
        lastSentAt: null,
        error: 'answered 404',
      },
    ]);
  },
);

test('what was seen is marked by number or all at once, and nothing else is', async () => {
  configure({ log: program('exit 0') });
  raise(1, 2, 3);
  for (const words of [['ack'], ['ack', 'second']]) {
    const { exitCode, stderr } = await alerts(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('which alerts were seen?')]);
  }
  const { alerts: listed } = JSON.parse((await alerts('--json')).stdout);
  expect((await alerts('ack', String(listed[1].seq))).stdout).toBe('1 marked as seen\n');
  const { stdout } = await alerts();
  expect(stdout.match(/, seen$/gm)).toHaveLength(1);
  expect((await alerts('ack', '--all')).stdout).toBe('2 marked as seen\n');
  expect((await alerts('ack', '--all')).stdout).toBe('0 marked as seen\n');
});

test.skipIf(process.platform === 'win32')(
  'a test message says of each channel whether it went, and is an exit code',
  async () => {
    configure({
      ...{ log: program('cat > /dev/null'), page: program('exit 3') },
      ...{ team: { type: 'slack', url: { env: 'NOWHERE' } } },
    });
    const { exitCode, stdout } = await alerts('test');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^log: sent\npage: NOT SENT: .*3.*\nteam: NOT SENT: .*NOWHERE.*; .*\n$/);
    const one = await alerts('test', 'log', '--json');
    expect([one.exitCode, JSON.parse(one.stdout)]).toEqual([
      0,
      {
        schema: 'tollgate/alerts-test@1',
        results: [{ channel: 'log', type: 'command', isSent: true, error: null }],
      },
    ]);
    expect((await alerts('test', 'lg')).stderr).toMatch(
      /there is no channel lg\n {2}hint: did you mean log\?/,
    );
    expect((await alerts('test', 'pagerduty')).stderr).toContain('there are: log, page, team');
  },
);

test('metrics are pushed nowhere without a collector', async () => {
  const { exitCode, stderr } = await alerts('push');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('no collector is configured')]);
});
