// The sender's logo. Rule: a PNG or a JPEG, by what its bytes say.
import { readFileSync } from 'node:fs';
import { TollgateError } from '../errors.ts';

/** `null`: the bytes are of no format that documents can show. */
export function mimeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' | null {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'image/png';
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? 'image/jpeg' : null;
}

/** Reads the file. Throws `TollgateError` `LOGO_UNREADABLE`. */
export function readLogo(file: string): Uint8Array {
  let why = 'it is neither a PNG nor a JPEG';
  let cause: unknown;
  try {
    const bytes = readFileSync(file);
    if (mimeOf(bytes) !== null) return bytes;
  } catch (error) {
    why = (error as Error).message;
    cause = error;
  }
  throw new TollgateError({
    code: 'LOGO_UNREADABLE',
    message: `the logo ${file} cannot be used: ${why}`,
    hint: 'give "statements": {"sender": {"logo": …}} the absolute path of a PNG or JPEG file',
    cause,
  });
}
