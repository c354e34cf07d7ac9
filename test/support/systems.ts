// What tests may expect of the system they run on.
import { join } from 'node:path';
import { test } from 'vitest';

/** For what Windows has not: permission bits, symbolic links for everybody, paths that begin with a slash, `sleep`, `/bin/sh`. */
export const posixTest: typeof test = test.runIf(process.platform !== 'win32') as typeof test;

/** The environment of a person with this home folder, whose configuration is in its `.config` on every system. */
export const personEnv = (home: string): Readonly<Record<string, string>> => ({
  ...{ HOME: home, USERPROFILE: home },
  ...{ XDG_CONFIG_HOME: join(home, '.config'), XDG_STATE_HOME: join(home, '.local', 'state') },
});
