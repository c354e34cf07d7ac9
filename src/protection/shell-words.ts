// A shell's command line, read as far as guarding files needs it: simple commands with their words, what they
// write to, and what hides in them. Rule: pure; what a shell would do differently is read as the wider meaning.

/** One simple command. */
export interface ShellCommand {
  /** Its words without quotes, variables put in where they are known; globs stay as they are. */
  readonly words: readonly string[];
  /** Variables set for it alone, or from here on when there are no words. */
  readonly assigned: readonly (readonly [name: string, value: string])[];
  /** Files its output is sent to. */
  readonly outputs: readonly string[];
  /** Commands whose output becomes part of it, and text that it is fed. */
  readonly nested: readonly string[];
  readonly fed: readonly string[];
  /** Its output goes into the next one. */
  readonly isPiped: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

interface Draft {
  words: string[];
  assigned: [string, string][];
  outputs: string[];
  nested: string[];
  fed: string[];
}

const emptyDraft = (): Draft => ({ words: [], assigned: [], outputs: [], nested: [], fed: [] });

/** Reads a command line. Never throws: an open quote ends with the text. */
export function parseShell(text: string, variables: Variables): ShellCommand[] {
  const known: Record<string, string | undefined> = { ...variables };
  const commands: ShellCommand[] = [];
  let draft = emptyDraft();
  let pending: { marker: string; draft: Draft }[] = [];
  let at = 0;

  const finish = (isPiped: boolean) => {
    const isEmpty = draft.words.length + draft.assigned.length + draft.outputs.length === 0;
    if (!isEmpty || draft.nested.length > 0) commands.push({ ...draft, isPiped });
    if (draft.words.length === 0) for (const [name, value] of draft.assigned) known[name] = value;
    draft = emptyDraft();
  };
  const skipBlanks = () => {
    while (text[at] === ' ' || text[at] === '\t' || text.startsWith('\\\n', at)) {
      at += text[at] === '\\' ? 2 : 1;
    }
  };
  const readWord = (): string | null => {
    const read = wordAt(text, at, known, draft.nested);
    at = read.end;
    return read.word;
  };

  while (at < text.length) {
    skipBlanks();
    const char = text[at];
    if (char === undefined) break;
    if (char === '\n') {
      at += 1;
      for (const { marker, draft: owner } of pending) {
        const body = heredocAt(text, at, marker);
        owner.fed.push(body.text);
        at = body.end;
      }
      pending = [];
      finish(false);
      continue;
    }
    if (char === '#') {
      while (at < text.length && text[at] !== '\n') at += 1;
      continue;
    }
    const heredoc = /^\d*<<(-?)(?!<)\s*(['"]?)([\w.-]+)\2/.exec(text.slice(at, at + 80));
    if (heredoc) {
      pending.push({ marker: heredoc[3] ?? '', draft });
      at += heredoc[0].length;
      continue;
    }
    const redirect = /^(?:\d*|&)(>>|>\||>&?|<>|<<<|<&?)/.exec(text.slice(at, at + 8));
    if (redirect) {
      at += redirect[0].length;
      skipBlanks();
      const target = readWord();
      const operator = redirect[1] ?? '';
      if (target !== null && operator === '<<<') draft.fed.push(target);
      const isOutput = operator.startsWith('>') || operator === '<>';
      if (target !== null && isOutput && !/^(\d+|-)$/.test(target)) draft.outputs.push(target);
      continue;
    }
    const operator = /^(&&|\|\||\|&|;;|[;&|(){}!])/.exec(text.slice(at, at + 2))?.[0];
    if (operator !== undefined && !(operator === '{' && /[^\s]/.test(text[at + 1] ?? ' '))) {
      at += operator.length;
      finish(operator === '|' || operator === '|&');
      continue;
    }
    const word = readWord();
    if (word === null) {
      at += 1;
      continue;
    }
    const assignment = draft.words.length === 0 ? /^([A-Za-z_]\w*)=(.*)$/s.exec(word) : null;
    if (assignment) draft.assigned.push([assignment[1] ?? '', assignment[2] ?? '']);
    else draft.words.push(...withBraces(word));
  }
  finish(false);
  return commands;
}

const endsWord = (char: string): boolean => /[\s;&|()<>]/.test(char);

function wordAt(
  text: string,
  start: number,
  variables: Variables,
  nested: string[],
): { word: string | null; end: number } {
  let word = '';
  let at = start;
  let isDouble = false;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (!isDouble && endsWord(char)) break;
    if (char === "'" && !isDouble) {
      const end = endOf(text, at + 1, "'");
      word += text.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      isDouble = !isDouble;
      at += 1;
    } else if (char === '\\') {
      word += text[at + 1] === '\n' ? '' : (text[at + 1] ?? '');
      at += 2;
    } else if (text.startsWith('$(', at)) {
      const end = closingOf(text, at + 2);
      nested.push(text.slice(at + 2, end));
      at = end + 1;
    } else if (char === '`') {
      const end = endOf(text, at + 1, '`');
      nested.push(text.slice(at + 1, end));
      at = end + 1;
    } else if (char === '$') {
      const [all, braced, plain] =
        /^\$(?:\{(\w+)[^}]*\}|(\w+))/.exec(text.slice(at, at + 200)) ?? [];
      word += all === undefined ? '$' : (variables[braced ?? plain ?? ''] ?? '\u0001');
      at += all === undefined ? 1 : all.length;
    } else if (char === '~' && at === start && /[/\s]|$/.test(text[at + 1] ?? '')) {
      word += variables.HOME ?? '~';
      at += 1;
    } else {
      word += char;
      at += 1;
    }
  }
  return { word: at === start ? null : word, end: at };
}

function endOf(text: string, from: number, quote: string): number {
  const end = text.indexOf(quote, from);
  return end === -1 ? text.length : end;
}

/** Where a substitution ends; nested ones are part of it. */
function closingOf(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

function heredocAt(text: string, from: number, marker: string): { text: string; end: number } {
  let at = from;
  while (at < text.length) {
    const end = endOf(text, at, '\n');
    if (text.slice(at, end).trim() === marker) return { text: text.slice(from, at), end: end + 1 };
    at = end + 1;
  }
  return { text: text.slice(from), end: text.length };
}

/** `settings{,.local}.json` is two words. */
function withBraces(word: string): string[] {
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(word);
  if (!match) return [word];
  const [, before = '', inside = '', after = ''] = match;
  return inside.split(',').flatMap((part) => withBraces(`${before}${part}${after}`));
}
