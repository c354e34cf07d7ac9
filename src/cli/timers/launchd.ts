// The user's launchd. Source: launchd.plist(5) and launchctl(1), 2026-11-28.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Job, outputOf, type Timer, type TimerWorld, timerRefused } from './timer.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const text = (word: string): string =>
  `<string>${word.replace(/[&<>]/g, (letter) => ENTITIES[letter] ?? letter)}</string>`;

const fileOf = (name: string, { home }: TimerWorld): string =>
  join(home, 'Library', 'LaunchAgents', `${name}.plist`);

function plistOf({ name, period, hour, words, variables }: Job): string {
  const monday = period === 'week' ? '<key>Weekday</key><integer>1</integer>' : '';
  const set = Object.entries(variables).map(([key, value]) => `<key>${key}</key>${text(value)}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0"><dict>',
    `<key>Label</key>${text(name)}`,
    `<key>ProgramArguments</key><array>${words.map(text).join('')}</array>`,
    `<key>EnvironmentVariables</key><dict>${set.join('')}</dict>`,
    `<key>StartCalendarInterval</key><dict>${monday}<key>Hour</key><integer>${hour}</integer><key>Minute</key><integer>0</integer></dict>`,
    '</dict></plist>',
    '',
  ].join('\n');
}

const domain = (): string => `gui/${process.getuid?.() ?? 0}`;

function end(name: string, world: TimerWorld): void {
  outputOf('launchctl', ['bootout', `${domain()}/${name}`], world);
  rmSync(fileOf(name, world), { force: true });
}

export const launchd: Timer = {
  name: 'launchd',
  isThere: ({ platform }) => platform === 'darwin',
  preview: (job, world) => [{ where: fileOf(job.name, world), text: plistOf(job) }],
  set: (job, world) => {
    const file = fileOf(job.name, world);
    // One of the same name would have to go first.
    if (existsSync(file)) end(job.name, world);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, plistOf(job));
    if (outputOf('launchctl', ['bootstrap', domain(), file], world) !== null) return;
    end(job.name, world);
    throw timerRefused(`launchctl bootstrap ${domain()} ${file}`);
  },
  remove: (name, world) => {
    if (!existsSync(fileOf(name, world))) return false;
    end(name, world);
    return true;
  },
};
