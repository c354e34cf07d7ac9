// Settings that Claude Code would skip: it reads strict JSON, and a comment or a trailing comma costs it the whole file.
// Source: client 2.1.332, seen 2026-11-28: "Invalid or malformed JSON … Files with errors are skipped entirely".
import { createScanner } from 'jsonc-parser';

const BOM = '\uFEFF';

/** Whether a text is strict JSON; an absent or empty one is. */
export function isStrictJson(text: string | null): boolean {
  if (text === null || text.trim() === '') return true;
  try {
    JSON.parse(text.replace(BOM, ''));
    return true;
  } catch {
    return false;
  }
}

/** The text without comments and trailing commas; everything else stays, byte for byte. */
export function toStrictJson(text: string): string {
  const scanner = createScanner(text);
  const parts: string[] = [];
  /** Place of a comma that only spaces have followed yet; -1: none. */
  let comma = -1;
  for (let at = 0; at < text.length; at = scanner.getPosition()) {
    scanner.scan();
    const token = text.substr(scanner.getTokenOffset(), scanner.getTokenLength());
    if (token.startsWith('//') || token.startsWith('/*')) continue;
    if ((token === '}' || token === ']') && comma >= 0) parts[comma] = '';
    if (token.trim() !== '') comma = token === ',' ? parts.length : -1;
    parts.push(token);
  }
  return parts.join('');
}
