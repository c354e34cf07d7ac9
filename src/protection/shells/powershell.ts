// PowerShell, and what cmd.exe has in common with it. Rule: commands come out under the names that POSIX shells have for them, so that one table
// says what each does.
import { homeIn } from '../windows-path.ts';
import {
  ANY_DEPTH,
  ANYTHING,
  resolveFrom,
  type ShellCommand,
  type ShellContext,
  type ShellScript,
  UNKNOWN,
} from './shell.ts';

/** Cmdlets and their aliases, by what they do. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    rm: 'remove-item ri rm del erase rd rmdir',
    tee: 'set-content sc add-content ac out-file clear-content clc clear-item cli tee-object tee new-item ni set-item si set-itemproperty export-csv export-clixml set-acl icacls attrib',
    mv: 'move-item mi mv move rename-item rni ren rename',
    cp: 'copy-item cpi cp copy xcopy expand-archive',
    cd: 'set-location sl cd chdir push-location pushd',
    eval: 'invoke-expression iex',
    curl: 'invoke-webrequest iwr curl wget start-bitstransfer',
    cat: 'get-content gc cat type get-childitem gci ls dir foreach-object foreach % where-object ?',
  }).flatMap(([name, theirs]) => theirs.split(' ').map((each) => [each, name] as const)),
);
const DOT_NET = /\[(?:System\.)?IO\.(?:File|Directory)\]::(\w+)\(([^()]*)\)/gi;
const CHANGES = /^(delete|write|append|create|move|copy|replace|set|open)/i;

const LISTS = /^(get-childitem|gci|ls|dir|get-item|gi)$/i;
/** Of a listing, parameters that a value follows. */
const VALUED = /^-(path|literalpath|filter|include|exclude|depth|attributes|name)$/i;

interface Token {
  readonly kind: 'word' | 'end' | 'pipe' | 'output';
  readonly text: string;
}

export function readPowershell(text: string, context: ShellContext): ShellScript {
  const { budget } = context;
  budget.left -= text.length;
  const reader: Reader = {
    ...{ commands: [], hasErrors: false, folders: context.folders, words: [], outputs: [] },
    ...{ piped: [], handed: [], known: new Map(), variables: context.variables },
  };
  if (budget.left < 0) return reader;
  for (const [, method = '', given = ''] of text.matchAll(DOT_NET)) {
    if (!CHANGES.test(method)) continue;
    const paths = [...given.matchAll(/(['"])(.*?)\1/g)].map((found) => found[2] ?? '');
    emit(['rm', ...paths], reader);
  }
  const joinedTexts = text.replace(/(['"])\s*\+\s*\1/g, '');
  for (const token of tokensOf(joinedTexts, reader)) takeToken(token, reader);
  takeToken({ kind: 'end', text: '' }, reader);
  return reader;
}

interface Reader extends ShellScript {
  readonly commands: ShellCommand[];
  readonly hasErrors: boolean;
  readonly known: Map<string, string>;
  readonly variables: ShellContext['variables'];
  folders: readonly string[];
  words: string[];
  outputs: string[];
  piped: string[];
  /** What was handed to each group that is open. */
  readonly handed: string[][];
}

function takeToken({ kind, text }: Token, reader: Reader): void {
  if (kind === 'word' && reader.outputs.at(-1) === '') {
    reader.outputs[reader.outputs.length - 1] = text;
    return;
  }
  if (kind === 'word') {
    reader.words.push(text);
    return;
  }
  if (kind === 'output') {
    reader.outputs.push('');
    return;
  }
  const words = reader.words;
  const outputs = reader.outputs.filter((each) => each !== '');
  reader.words = [];
  reader.outputs = [];
  if (words[1] === '=' && words[0]?.startsWith('$')) {
    reader.known.set(words[0].slice(1).toLowerCase(), words[2] ?? UNKNOWN);
  } else if (words.length > 0 || outputs.length > 0) {
    emit(words, reader, outputs);
  }
  if (text === '{') reader.handed.push(kind === 'pipe' ? reader.piped : []);
  // What went into a group may come out of it.
  const left = text === '}' ? (reader.handed.pop() ?? []) : [];
  reader.piped = kind === 'pipe' ? [...reader.piped, ...listedBy(words)] : left;
}

/** What a command hands to the next one: a listing the paths it lists, any other its own words. */
function listedBy(words: readonly string[]): readonly string[] {
  const [program = '', ...rest] = words;
  if (!LISTS.test(program)) return rest;
  const valuesOf = (parameter: string): string[] =>
    rest.flatMap((word, index) =>
      word.toLowerCase() === parameter ? (rest[index + 1] ?? '').split(',') : [],
    );
  const plain = rest.filter(
    (word, index) => !word.startsWith('-') && !VALUED.test(rest[index - 1] ?? ''),
  );
  const named = [...valuesOf('-path'), ...valuesOf('-literalpath')];
  const paths = named.length > 0 ? named : (plain.shift() ?? '.').split(',');
  const filters = [...valuesOf('-filter'), ...valuesOf('-include'), ...plain];
  if (/^(get-item|gi)$/i.test(program)) return paths;
  const isDeep = rest.some((word) => /^-(r(ecurse)?|depth)$/i.test(word));
  // On Windows a dot hides nothing.
  const seesAll = process.platform === 'win32' || rest.some((word) => /^-fo(rce)?$/i.test(word));
  return paths.flatMap((given) => {
    const path = given.replaceAll('\\', '/');
    const hasPattern = /[*?]/.test(path);
    const folder = hasPattern ? path.replace(/\/?[^/]*$/, '') || '.' : path;
    const names = filters.length > 0 ? filters : [hasPattern ? path.replace(/^.*\//, '') : '*'];
    return names.map((name) => {
      const seen = seesAll ? name.replace(/^\*/, ANYTHING) : name;
      return `${folder}/${isDeep ? `${ANY_DEPTH}/` : ''}${seen}`;
    });
  });
}

function emit(words: readonly string[], reader: Reader, outputs: readonly string[] = []): void {
  const [name = '', ...given] = /^(robocopy|xcopy)(\.exe)?$/i.test(words[0] ?? '')
    ? copiedTree(words)
    : words;
  const program = NAMES.get(name.toLowerCase()) ?? name;
  // Names of parameters are no paths; whole folders may be meant wherever something is removed.
  const paths = given
    .filter((word) => !/^-[A-Za-z]+:?$/.test(word))
    .map((word) => word.replaceAll('\\', '/'));
  const operands = program === name ? given : program === 'rm' ? ['-r', ...paths] : paths;
  if (program === 'cd' && paths[0] !== undefined) {
    const [target] = paths;
    reader.folders = reader.folders.map((folder) => resolveFrom(folder, target));
    return;
  }
  const outFile = given.findIndex((word) => /^-outf/i.test(word));
  reader.commands.push({
    words: [program, ...withPiped(program, operands, reader.piped)],
    outputs: [...outputs, ...(outFile >= 0 ? [given[outFile + 1] ?? ''] : [])],
    ...{ assigned: [], inputs: [], piped: reader.piped, folders: reader.folders, printed: null },
  });
}

/** The place that something is copied or moved to comes last. */
function withPiped(program: string, operands: string[], piped: readonly string[]): string[] {
  if (/^(mv|cp)$/.test(program)) return [...piped, ...operands];
  return /^(rm|tee)$/.test(program) ? [...operands, ...piped] : operands;
}

/** `robocopy from to /MIR` in the words of a program that does the same. */
function copiedTree([, ...given]: readonly string[]): string[] {
  const isMirror = given.some((word) => /^\/(mir|purge)$/i.test(word));
  const isMove = given.some((word) => /^\/mov(e)?$/i.test(word));
  const left = given.flatMap((word, index) =>
    /^\/x[df]$/i.test(word) ? [`--exclude=${(given[index + 1] ?? '').replaceAll('\\', '/')}`] : [],
  );
  const paths = given
    .filter((word, index) => !word.startsWith('/') && !/^\/x[df]$/i.test(given[index - 1] ?? ''))
    .map((word) => word.replaceAll('\\', '/'));
  const [from = '', into = ''] = paths;
  const options = [...(isMirror ? ['--delete'] : []), ...(isMove ? ['--remove-source-files'] : [])];
  return ['rsync', '-a', ...options, ...left, `${from.replace(/\/$/, '')}/`, into];
}

/** Words and what stands between them; braces and parentheses only group. */
function* tokensOf(text: string, reader: Reader): Generator<Token> {
  const pattern =
    /'((?:[^']|'')*)'|"((?:[^"`]|`.)*)"|(\d?>>?)|(\|\||&&|[;\n{}()&])|(\|)|(=)(?=\s)|((?:`.|[^\s'"|;{}()&>])+)|\s+/gs;
  for (const [, single, double, output, end, pipe, equals, plain] of text.matchAll(pattern)) {
    if (single !== undefined) yield { kind: 'word', text: single.replaceAll("''", "'") };
    else if (double !== undefined) yield { kind: 'word', text: expanded(double, reader) };
    else if (output !== undefined) yield { kind: 'output', text: '' };
    else if (end !== undefined)
      yield { kind: isGroupOfPipe(end, reader) ? 'pipe' : 'end', text: end };
    else if (pipe !== undefined) yield { kind: 'pipe', text: '' };
    else if (equals !== undefined) yield { kind: 'word', text: '=' };
    else if (plain !== undefined) yield { kind: 'word', text: expanded(plain, reader) };
  }
}

/** `| ForEach-Object { Remove-Item $_ }`: what is in braces is handed the same names. */
const isGroupOfPipe = (end: string, { words }: Reader): boolean =>
  end === '{' && /^(foreach-object|foreach|%|where-object|\?)$/i.test(words[0] ?? '');

function expanded(text: string, { known, variables, folders, piped }: Reader): string {
  return text.replace(/`(.)/g, '$1').replace(/\$(?:env:)?(\w+)|%(\w+)%/gi, (whole, one, two) => {
    const name = String(one ?? two).toLowerCase();
    if (name === '_') return piped[0] ?? UNKNOWN;
    if (name === 'home' || name === 'userprofile') return homeIn(variables) ?? UNKNOWN;
    if (name === 'pwd' || name === 'cd') return folders[0] ?? UNKNOWN;
    return (
      known.get(name) ?? variables[String(one ?? two)] ?? (whole.startsWith('$') ? whole : UNKNOWN)
    );
  });
}
