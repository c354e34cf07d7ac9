// The contract of a timer: how a system runs a command by the clock for one user. Rule: a timer changes nothing before `set`, and what it sets it
// can take away again.
import { spawnSync } from 'node:child_process';
import { TollgateError } from '../../errors.ts';

/** What is run, and when. */
export interface Job {
  /** Names it among all that the user has: letters, digits and hyphens. */
  readonly name: string;
  readonly description: string;
  readonly period: 'day' | 'week';
  /** Of each day, or of each Monday, by the system's clock. */
  readonly hour: number;
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** Variables it runs with; others are the system's. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What timers may use of the world. */
export interface TimerWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

export interface Timer {
  /** What people call it. */
  readonly name: string;
  /** Whether this system has it, and it runs. */
  readonly isThere: (world: TimerWorld) => boolean;
  /** What will be written, as a person reads it: a place and its text, once or more. */
  readonly preview: (
    job: Job,
    world: TimerWorld,
  ) => readonly { readonly where: string; readonly text: string }[];
  /** Sets a job, in the place of one of its name. Throws `TollgateError`; then nothing of it remains. */
  readonly set: (job: Job, world: TimerWorld) => void;
  /** Takes the job of a name away; false when there is none. Throws `TollgateError`. */
  readonly remove: (name: string, world: TimerWorld) => boolean;
}

const TIMEOUT_MS = 10_000;

/** What a program of the system printed; `null`: it is not there, or failed. */
export function outputOf(
  file: string,
  words: readonly string[],
  { env }: TimerWorld,
  stdin = '',
): string | null {
  const limits = { timeout: TIMEOUT_MS, windowsHide: true, encoding: 'utf8' as const };
  const { status, stdout } = spawnSync(file, words, { env, input: stdin, ...limits });
  return status === 0 ? stdout : null;
}

/** The refusal of a program of the system. */
export const timerRefused = (command: string): TollgateError =>
  new TollgateError({
    code: 'TIMER_REFUSED',
    message: `${command} failed`,
    hint: 'run it yourself to see why',
  });
