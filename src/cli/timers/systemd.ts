// The user's own systemd. Source: systemd.timer(5), systemd.service(5) and systemd.syntax(7), 2026-11-28.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Job, outputOf, type Timer, type TimerWorld, timerRefused } from './timer.ts';

/** A word of a unit's file: no specifier, no variable, no escape of its own. */
const quoted = (word: string): string =>
  `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
/** The same where a dollar sign means nothing. */
const quotedSetting = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;

function folderOf({ env, home }: TimerWorld): string {
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'systemd', 'user');
}

const fileOf = (name: string, kind: 'service' | 'timer', world: TimerWorld): string =>
  join(folderOf(world), `${name}.${kind}`);

function serviceText({ description, words, variables }: Job): string {
  return [
    '[Unit]',
    `Description=${description}`,
    '',
    '[Service]',
    'Type=oneshot',
    ...Object.entries(variables).map(
      ([key, value]) => `Environment=${quotedSetting(`${key}=${value}`)}`,
    ),
    `ExecStart=${words.map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

/** One that was missed, because the machine was off, is made up for. */
function timerText({ description, period, hour }: Job): string {
  const day = period === 'week' ? 'Mon ' : '';
  return [
    '[Unit]',
    `Description=${description}`,
    '',
    '[Timer]',
    `OnCalendar=${day}*-*-* ${String(hour).padStart(2, '0')}:00:00`,
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}

function filesOf(job: Job, world: TimerWorld) {
  return [
    { where: fileOf(job.name, 'service', world), text: serviceText(job) },
    { where: fileOf(job.name, 'timer', world), text: timerText(job) },
  ];
}

const control = (words: readonly string[], world: TimerWorld): boolean =>
  outputOf('systemctl', ['--user', ...words], world) !== null;

function removeFiles(name: string, world: TimerWorld): void {
  for (const kind of ['service', 'timer'] as const) {
    rmSync(fileOf(name, kind, world), { force: true });
  }
  control(['daemon-reload'], world);
}

export const systemd: Timer = {
  name: 'systemd',
  isThere: (world) => world.platform === 'linux' && control(['list-timers'], world),
  preview: filesOf,
  set: (job, world) => {
    for (const { where, text } of filesOf(job, world)) {
      mkdirSync(dirname(where), { recursive: true });
      writeFileSync(where, text);
    }
    control(['daemon-reload'], world);
    if (control(['enable', '--now', `${job.name}.timer`], world)) return;
    removeFiles(job.name, world);
    throw timerRefused(`systemctl --user enable --now ${job.name}.timer`);
  },
  remove: (name, world) => {
    if (!existsSync(fileOf(name, 'timer', world))) return false;
    control(['disable', '--now', `${name}.timer`], world);
    removeFiles(name, world);
    return true;
  },
};
