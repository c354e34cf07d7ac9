// Reads the text of a git configuration file into its settings, as `git config --list` would print them. PURE. Source: "Syntax" in
// git-config(1), git 2.39 and 2.47, read 2026-11-28. This runs in every hook: no patterns, which would be compiled in every hook.

/** One setting: `remote.origin.url`; section and name in small letters, what stands between as it is written. */
export interface GitSetting {
  readonly key: string;
  readonly value: string;
}

/** The settings of a text, in order. A line that git would refuse is left out. */
export function parseGitConfig(text: string): readonly GitSetting[] {
  const settings: GitSetting[] = [];
  let section = '';
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
    const letter = text[at] ?? '';
    if (letter === '[') {
      const header = readHeader(text, at + 1);
      if (header !== null) section = header.section;
      at = header === null ? lineEnd(text, at) : header.end;
    } else if (isSpace(letter)) {
      at += 1;
    } else if (letter === '#' || letter === ';') {
      at = lineEnd(text, at);
    } else {
      const { name, value, end } = readSetting(text, at);
      if (section !== '' && name !== '') settings.push({ key: `${section}.${name}`, value });
      at = end;
    }
  }
  return settings;
}

const isSpace = (letter: string): boolean =>
  letter === ' ' || letter === '\t' || letter === '\n' || letter === '\r';

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at;
}

/** `[core]`, `[remote "Origin"]`, and the old `[remote.origin]`; `null` for what is none. */
function readHeader(text: string, from: number): { section: string; end: number } | null {
  let at = from;
  while (at < text.length && text[at] !== ']' && text[at] !== '"' && text[at] !== '\n') at += 1;
  const word = text.slice(from, at).trim().toLowerCase();
  if (text[at] === ']') return { section: word, end: at + 1 };
  if (text[at] !== '"') return null;
  let name = '';
  for (at += 1; at < text.length && text[at] !== '"' && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') at += 1;
    name += text[at] ?? '';
  }
  const close = text.indexOf(']', at);
  return close === -1 || text[at] !== '"' ? null : { section: `${word}.${name}`, end: close + 1 };
}

/** `name = value`, or a name by itself, which means `true`. */
function readSetting(text: string, from: number): { name: string; value: string; end: number } {
  let at = from;
  while (at < text.length && text[at] !== '=' && text[at] !== '\n' && !isComment(text[at])) at += 1;
  const name = text.slice(from, at).trim().toLowerCase();
  if (text[at] !== '=') return { name, value: 'true', end: lineEnd(text, at) };
  return { name, ...readValue(text, at + 1) };
}

const isComment = (letter: string | undefined): boolean => letter === '#' || letter === ';';

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' };

/** Spaces around it go, quotes keep them; a line that ends in a backslash goes on in the next one. */
function readValue(text: string, from: number): { value: string; end: number } {
  let value = '';
  let kept = 0;
  let isQuoted = false;
  let at = from;
  for (; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (letter === '\n') break;
    if (letter === '\\') {
      at += text[at + 1] === '\r' && text[at + 2] === '\n' ? 2 : 1;
      const escaped = text[at] ?? '';
      if (escaped === '\n') continue;
      value += ESCAPED[escaped] ?? escaped;
      kept = value.length;
    } else if (letter === '"') {
      isQuoted = !isQuoted;
      kept = value.length;
    } else if (!isQuoted && isComment(letter)) {
      at = lineEnd(text, at);
      break;
    } else if (isQuoted || value !== '' || !isSpace(letter)) {
      value += letter;
      if (isQuoted || !isSpace(letter)) kept = value.length;
    }
  }
  return { value: value.slice(0, kept), end: at };
}
