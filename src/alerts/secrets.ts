// Reads secrets from where a configuration says they are. Rule: never logged, never cached, never in an error's text; a file that others may
// read is no place for one.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SecretPlace } from '../config/config.ts';
import { SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { hasModes } from '../runtime/files.ts';
import { isOwnUid } from '../runtime/owners.ts';

const LONGEST_BYTES = 16_384;
const COMMAND_TIMEOUT_MS = 5 * SECOND_MS;
/** Bits of others in a file's mode. */
const OTHERS = 0o077;

/** The secret, without the line's end that programs and editors add. Throws `TollgateError`. */
export async function readSecret(place: SecretPlace, env: NodeJS.ProcessEnv): Promise<string> {
  const [text, name] = await textAt(place, env);
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw missing(`${name} is empty`, 'put the secret there');
}

async function textAt(
  place: SecretPlace,
  env: NodeJS.ProcessEnv,
): Promise<readonly [string, string]> {
  if ('env' in place) {
    const value = env[place.env];
    if (value !== undefined) return [value, place.env];
    throw missing(`the variable ${place.env} is not set`, 'set it where Claude Code is started');
  }
  if ('file' in place) return [await readPrivateFile(place.file), place.file];
  const [program = '', ...words] = place.command;
  return [await outputOf(program, words, env), program];
}

async function readPrivateFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
    (error: NodeJS.ErrnoException) => {
      throw missing(`${path} cannot be read (${error.code})`, 'make it a file that you may read');
    },
  );
  try {
    const { mode, uid, size } = await file.stat();
    if (hasModes && (!isOwnUid(uid) || (mode & OTHERS) !== 0)) {
      throw missing(`others may read ${path}`, `make it yours alone: chmod 600 ${path}`);
    }
    if (size > LONGEST_BYTES) throw missing(`${path} is too large`, 'put the secret alone there');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function outputOf(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const limits = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: LONGEST_BYTES, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(program, words, { env, ...limits }, (error, stdout) => {
      if (error === null) resolve(stdout);
      // What it printed may be a part of the secret.
      else reject(missing(`${program} failed (${error.code ?? error.signal})`, 'run it yourself'));
    });
  });
}

const missing = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'SECRET_MISSING', message: `no secret: ${message}`, hint });
