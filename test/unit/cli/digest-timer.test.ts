// Timers that send digests, set by the system's own programs: stand-ins here write down what they are given.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crontab } from '../../../src/cli/timers/crontab.ts';
import { launchd } from '../../../src/cli/timers/launchd.ts';
import { systemd } from '../../../src/cli/timers/systemd.ts';
import type { Job, TimerWorld } from '../../../src/cli/timers/timer.ts';
import { createSandbox, type Sandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox;
let programs: string;
beforeEach(async () => {
  sandbox = await createSandbox();
  programs = join(sandbox.root, 'programs');
  mkdirSync(programs);
});
afterEach(() => sandbox.cleanup());

const program = (name: string, script: string) => {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
};
const world = (platform: NodeJS.Platform): TimerWorld => {
  const env = sandbox.env();
  return {
    env: { ...env, PATH: `${programs}${delimiter}${env.PATH}` },
    platform,
    home: sandbox.home,
  };
};
const job = (period: 'day' | 'week'): Job => ({
  ...{ name: `tollgate-digest-${period}`, description: 'Tollgate: digest', period, hour: 7 },
  ...{
    words: ['/opt/node', "/home/a b's/100%/$x", '--to', 'a"b'],
    variables: { PATH: '/bin:/x%y' },
  },
});

describe.skipIf(process.platform === 'win32')('timers', () => {
  test('cron keeps the lines of others, runs the very words, and gives back what was there', async () => {
    const table = join(sandbox.root, 'table');
    const before = '# mine\n5 4 * * * /bin/true\n';
    writeFileSync(table, before);
    program('crontab', `if [ "$1" = -l ]; then cat ${table}; else cat > ${table}; fi`);
    expect(crontab.isThere(world('linux'))).toBe(true);
    for (const period of ['day', 'week', 'day'] as const) crontab.set(job(period), world('linux'));
    const lines = readFileSync(table, 'utf8').split('\n');
    expect(lines.slice(0, 2).join('\n')).toBe(before.trimEnd());
    expect(lines.slice(2).map((line) => line.slice(0, 11))).toEqual([
      '0 7 * * 1 P',
      '0 7 * * * P',
      '',
    ]);
    // As cron does it: a percent sign that is not escaped ends the command.
    const command = (lines[3] ?? '').slice(10).replaceAll('\\%', '%');
    const printed = command.replace("'/opt/node'", `printf '%s|' "$PATH"`).replace(/>.*/, '');
    const { stdout } = await sandbox.run('sh', ['-c', printed]);
    expect(stdout.split('|').slice(1)).toEqual(["/home/a b's/100%/$x", '--to', 'a"b', '']);
    for (const period of ['day', 'week'] as const) {
      expect(crontab.remove(job(period).name, world('linux'))).toBe(true);
    }
    expect(crontab.remove(job('day').name, world('linux'))).toBe(false);
    expect(readFileSync(table, 'utf8')).toBe(before);
  });

  test('a crontab that refuses is told of; a user without one has an empty one', () => {
    program('crontab', 'exit 1');
    expect(crontab.isThere(world('linux'))).toBe(true);
    expect(crontab.isThere(world('win32'))).toBe(false);
    expect(() => crontab.set(job('day'), world('linux'))).toThrow('crontab - failed');
  });

  test('systemd gets a service and a timer; where it refuses, nothing stays', () => {
    const log = join(sandbox.root, 'log');
    program('systemctl', `echo "$@" >> ${log}`);
    const folder = join(sandbox.home, '.config/systemd/user');
    const file = (kind: string) => join(folder, `tollgate-digest-week.${kind}`);
    expect(systemd.isThere(world('linux'))).toBe(true);
    systemd.set(job('week'), world('linux'));
    expect(readFileSync(file('service'), 'utf8')).toContain(
      `Environment="PATH=/bin:/x%%y"\nExecStart="/opt/node" "/home/a b's/100%%/$$x" "--to" "a\\"b"\n`,
    );
    expect(readFileSync(file('timer'), 'utf8')).toContain(
      'OnCalendar=Mon *-*-* 07:00:00\nPersistent=true\n',
    );
    expect(readFileSync(log, 'utf8')).toContain('--user enable --now tollgate-digest-week.timer\n');
    expect(systemd.remove('tollgate-digest-week', world('linux'))).toBe(true);
    expect(existsSync(file('service')) || existsSync(file('timer'))).toBe(false);
    program('systemctl', '[ "$2" != enable ]');
    expect(() => systemd.set(job('week'), world('linux'))).toThrow('enable --now');
    expect(existsSync(file('service')) || existsSync(file('timer'))).toBe(false);
  });

  test('launchd gets a property list', () => {
    const log = join(sandbox.root, 'log');
    program('launchctl', `echo "$@" >> ${log}`);
    launchd.set(job('week'), world('darwin'));
    const file = join(sandbox.home, 'Library/LaunchAgents/tollgate-digest-week.plist');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain("<string>/home/a b's/100%/$x</string>");
    expect(text).toContain(
      '<key>Weekday</key><integer>1</integer><key>Hour</key><integer>7</integer>',
    );
    expect(readFileSync(log, 'utf8')).toBe(`bootstrap gui/${process.getuid?.()} ${file}\n`);
    expect(launchd.remove('tollgate-digest-week', world('darwin'))).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect(launchd.remove('tollgate-digest-week', world('darwin'))).toBe(false);
  });

  test('launchd: one of the same name goes first, and what is refused leaves nothing', () => {
    const log = join(sandbox.root, 'log');
    program('launchctl', `echo "$1" >> ${log}; [ "$1" = bootout ] || [ ! -e ${log}.full ]`);
    const file = join(sandbox.home, 'Library/LaunchAgents/tollgate-digest-day.plist');
    launchd.set(job('day'), world('darwin'));
    writeFileSync(`${log}.full`, '');
    expect(() => launchd.set(job('day'), world('darwin'))).toThrow(
      /launchctl bootstrap gui.* failed/,
    );
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(log, 'utf8')).toBe('bootstrap\nbootout\nbootstrap\nbootout\n');
  });
});
