// All timers, the one to prefer first. To add one: a file, and a line here.
import { crontab } from './crontab.ts';
import { launchd } from './launchd.ts';
import { systemd } from './systemd.ts';
import type { Timer } from './timer.ts';

export const TIMERS: readonly Timer[] = [launchd, systemd, crontab];
