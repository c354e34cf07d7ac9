// Starts a process that goes on when this one ends. Rule: nobody waits for it, and nothing of it can fail whoever starts it.

export interface DetachedStart {
  readonly env: NodeJS.ProcessEnv;
  /** Working folder; absent: this process's own. */
  readonly cwd?: string;
}

/** The process's number; `null` where it could not be started. */
export function startDetached(
  program: string,
  args: readonly string[],
  { env, cwd }: DetachedStart,
): number | null {
  try {
    // Loaded now, because it would cost every hook some milliseconds.
    const { spawn } = process.getBuiltinModule('node:child_process');
    const child = spawn(program, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      ...{ env, stdio: 'ignore', detached: true, windowsHide: true },
    });
    child.once('error', () => {});
    child.unref();
    return child.pid ?? null;
  } catch {
    return null;
  }
}
