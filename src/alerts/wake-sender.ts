// Starts the process that sends what is in the outbox. Rule: nobody waits for it, and nothing of it can fail whoever starts it.
import { existsSync } from 'node:fs';

/** Starts `tollgate alerts send` on its own; `cliFile`: the built command line. */
export function wakeSender(cliFile: string, env: NodeJS.ProcessEnv, cwd: string): void {
  try {
    if (!existsSync(cliFile)) return;
    // Loaded now, because it would cost every hook some milliseconds.
    const { spawn } = process.getBuiltinModule('node:child_process');
    spawn(process.execPath, [cliFile, 'alerts', 'send', '--quiet'], {
      ...{ env, cwd, stdio: 'ignore', detached: true, windowsHide: true },
    })
      .once('error', () => {})
      .unref();
  } catch {
    // The next hook tries again.
  }
}
