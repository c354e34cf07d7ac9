// The user's crontab. Rule: only lines with our mark are ours; all others stay as they are.
import { type Job, outputOf, type Timer, type TimerWorld, timerRefused } from './timer.ts';

const MONDAY = '1';

/** A percent sign would end the command of a line. */
const quoted = (word: string): string =>
  `'${word.replaceAll("'", "'\\''")}'`.replaceAll('%', '\\%');

const markOf = (name: string): string => `# ${name}`;

function lineOf({ name, period, hour, words, variables }: Job): string {
  const set = Object.entries(variables).map(([key, value]) => `${key}=${quoted(value)}`);
  const when = `0 ${hour} * * ${period === 'week' ? MONDAY : '*'}`;
  return `${when} ${[...set, ...words.map(quoted)].join(' ')} >/dev/null 2>&1 ${markOf(name)}`;
}

/** A user without a crontab has an empty one; `null`: this system has none. */
function readLines(world: TimerWorld): string[] | null {
  const text = outputOf('crontab', ['-l'], world);
  if (text !== null) return text.split('\n').filter((line) => line !== '');
  return outputOf('sh', ['-c', 'command -v crontab'], world) === null ? null : [];
}

function write(lines: readonly string[], world: TimerWorld): void {
  const text = lines.map((line) => `${line}\n`).join('');
  if (outputOf('crontab', ['-'], world, text) === null) throw timerRefused('crontab -');
}

const others = (lines: readonly string[], name: string): string[] =>
  lines.filter((line) => !line.endsWith(markOf(name)));

export const crontab: Timer = {
  name: 'cron',
  isThere: (world) => world.platform !== 'win32' && readLines(world) !== null,
  preview: (job) => [{ where: 'your crontab', text: lineOf(job) }],
  set: (job, world) => write([...others(readLines(world) ?? [], job.name), lineOf(job)], world),
  remove: (name, world) => {
    const lines = readLines(world) ?? [];
    const kept = others(lines, name);
    if (kept.length === lines.length) return false;
    write(kept, world);
    return true;
  },
};
