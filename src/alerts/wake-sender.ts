// Starts the process that sends what is in the outbox. Rule: nobody waits for it, and nothing of it can fail whoever starts it.
import { existsSync } from 'node:fs';
import { startDetached } from '../runtime/detached.ts';

/** Starts `tollgate alerts send` on its own; `cliFile`: the built command line. */
export function wakeSender(cliFile: string, env: NodeJS.ProcessEnv, cwd: string): void {
  if (!existsSync(cliFile)) return;
  // Where it fails, the next hook tries again.
  startDetached(process.execPath, [cliFile, 'alerts', 'send', '--quiet'], { env, cwd });
}
