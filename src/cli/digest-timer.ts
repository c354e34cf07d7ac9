// Has the system run `tollgate digest` by the clock. Rule: what is written is shown first, and a person agrees.
import { homedir } from 'node:os';
import type { ChannelSettings } from '../config/config.ts';
import type { DigestPeriod } from '../digest/digest.ts';
import { TollgateError } from '../errors.ts';
import { builtFile } from '../runtime/built-file.ts';
import type { CliContext } from './command.ts';
import { confirmed } from './confirm.ts';
import { FINDINGS, FINE } from './exit-code.ts';
import { printJson } from './print-json.ts';
import type { Job, TimerWorld } from './timers/timer.ts';
import { TIMERS } from './timers/timers.ts';

const HOUR = 7;
/** What leads to the configuration and the ledger, and what programs that give secrets are found by. */
const VARIABLES = ['PATH', 'TOLLGATE_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'TZ'] as const;

const worldOf = ({ env }: CliContext): TimerWorld => ({
  ...{ env, platform: process.platform, home: env.HOME ?? homedir() },
});

const nameOf = (period: DigestPeriod): string => `tollgate-digest-${period}`;

/** Sets the timer of a digest. Throws `TollgateError` where there is none. */
export async function installTimer(
  period: DigestPeriod,
  channel: ChannelSettings,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const world = worldOf(context);
  const job = jobOf(period, channel, context);
  const timer = TIMERS.find((each) => each.isThere(world));
  if (timer === undefined) throw noTimer(job);
  const files = timer.preview(job, world);
  const say = options.json ? context.emit : (line: string) => context.print(`${line}\n`);
  for (const { where, text } of files) say(`${where}:\n${text.trimEnd()}\n`);
  for (const name of variablesOf(channel)) {
    context.emit(
      `tollgate: ${channel.name} has a secret in the variable ${name}, which ${timer.name} does not have; put it into a file or a command (docs/alerts.md)`,
    );
  }
  const question = `Have ${timer.name} send the digest of each ${period} to ${channel.name}?`;
  if (!(await confirmed(question, options, context))) return FINDINGS;
  timer.set(job, world);
  const schema = 'tollgate/digest-timer@1';
  if (options.json) {
    const places = files.map(({ where }) => where);
    printJson(
      { schema, period, channel: channel.name, timer: timer.name, places, changed: true },
      context,
    );
  } else say(`Set. To undo it: tollgate digest --uninstall --${period}`);
  return FINE;
}

function jobOf(period: DigestPeriod, { name }: ChannelSettings, { env }: CliContext): Job {
  const words = ['digest', `--${period}`, '--to', name];
  const set = VARIABLES.flatMap((key) => (env[key] ? [[key, env[key]] as const] : []));
  const job: Job = {
    ...{ name: nameOf(period), description: `Tollgate: digest of each ${period}`, period },
    ...{ hour: HOUR, words: [process.execPath, builtFile('cli/main.js'), ...words] },
    variables: Object.fromEntries(set),
  };
  for (const text of [...job.words, ...Object.values(job.variables)]) {
    if (/[\r\n]/.test(text)) throw unreadable(text);
  }
  return job;
}

const unreadable = (text: string): TollgateError =>
  new TollgateError({
    code: 'TIMER_REFUSED',
    message: `a timer cannot hold a line break: ${JSON.stringify(text)}`,
    hint: 'move it to a path without one',
  });

const noTimer = ({ words }: Job): TollgateError =>
  new TollgateError({
    code: 'TIMER_MISSING',
    message: 'neither launchd, a systemd of yours nor crontab is here',
    hint: `have whatever runs things by the clock here run: ${words.map((word) => JSON.stringify(word)).join(' ')}`,
  });

/** Variables in which secrets of a channel are. */
function variablesOf(channel: ChannelSettings): string[] {
  return Object.values(channel).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null && 'env' in value ? [String(value.env)] : [],
  );
}

/** Takes the timers of these digests away. */
export function uninstallTimers(
  periods: readonly DigestPeriod[],
  { json }: Readonly<Record<string, unknown>>,
  context: CliContext,
): number {
  const world = worldOf(context);
  const removed = periods.flatMap((period) =>
    TIMERS.filter((timer) => timer.remove(nameOf(period), world)).map((timer) => ({
      ...{ period, timer: timer.name },
    })),
  );
  if (json) printJson({ schema: 'tollgate/digest-timer@1', removed }, context);
  else if (removed.length === 0) context.print('No digest was set.\n');
  else {
    for (const { period, timer } of removed) {
      context.print(`${timer} sends no digest of each ${period} any more.\n`);
    }
  }
  return FINE;
}
