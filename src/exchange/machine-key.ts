// The key that a machine signs its exports with. Rule: made once, readable by its owner alone, and never sent anywhere.
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { TollgateError } from '../errors.ts';
import type { BundleHead } from './bundle.ts';

export interface MachineKey extends Pick<BundleHead, 'machineId' | 'publicKey'> {
  readonly privateKey: KeyObject;
}

const OTHERS = 0o077;

/** The key in a file; made where there is none. Throws `TollgateError` `KEY_UNUSABLE`. */
export function machineKey(file: string): MachineKey {
  return readMachineKey(file) ?? makeKey(file);
}

/** `null`: there is none. Throws as above. */
export function readMachineKey(file: string): MachineKey | null {
  const text = readText(file);
  if (text === null) return null;
  try {
    const { machineId, publicKey, privateKey } = JSON.parse(text) as Record<string, string>;
    if (machineId && publicKey && privateKey) {
      return { machineId, publicKey, privateKey: createPrivateKey(privateKey) };
    }
  } catch {
    // refused below
  }
  throw unusable(file, 'it holds no key', 'move it away; the next export makes another');
}

function readText(file: string): string | null {
  try {
    const handle = openSync(file, 'r');
    try {
      const isOpen = process.platform !== 'win32' && (fstatSync(handle).mode & OTHERS) !== 0;
      if (isOpen) {
        throw unusable(
          file,
          'others can read it',
          `move it away if they may have; else: chmod 600 '${file}'`,
        );
      }
      return readFileSync(handle, 'utf8');
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function makeKey(file: string): MachineKey {
  const pair = generateKeyPairSync('ed25519');
  const machineId = randomUUID();
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const privateKey = pair.privateKey.export({ format: 'pem', type: 'pkcs8' });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify({ machineId, publicKey, privateKey })}\n`);
  } finally {
    closeSync(handle);
  }
  return { machineId, publicKey, privateKey: pair.privateKey };
}

const unusable = (file: string, why: string, hint: string): TollgateError =>
  new TollgateError({ code: 'KEY_UNUSABLE', message: `the key ${file} is not used: ${why}`, hint });
