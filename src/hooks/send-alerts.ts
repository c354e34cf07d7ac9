// Has alerts sent that are due. Rule: nothing of sending is loaded, and no process started, unless something is due.
import type { Config } from '../config/config.ts';
import type { Store } from '../stores/store.ts';

/** Starts the process that sends, where something is due and nobody sends yet. Never throws. */
export function sendAlerts(
  config: Config,
  store: Pick<Store, 'hasAlertsDue'>,
  env: NodeJS.ProcessEnv,
  cwd: string,
): void {
  if (config.alerts.channels.length === 0) return;
  try {
    if (!store.hasAlertsDue(Date.now())) return;
    const { wakeSender } =
      require('../alerts/wake-sender.ts') as typeof import('../alerts/wake-sender.ts');
    wakeSender(`${import.meta.dirname}/../cli/main.js`, env, cwd);
  } catch {
    // What was decided stands, and the next event sends.
  }
}
