// Runs the watchdog of one client, as a hook started it.
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { watchClient } from './watch.ts';

const task = JSON.parse(process.argv[2] ?? '') as WatchdogTask;
watchClient(task, process.env).then(() => process.exit(0));
