// PowerShell, and what cmd.exe has in common with it. Rule: commands come out under the names that POSIX shells have for them, so that one table
// says what each does.
import { homeIn } from '../windows-path.ts';
import {
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
    cp: 'copy-item cpi cp copy xcopy robocopy expand-archive',
    cd: 'set-location sl cd chdir push-location pushd',
    eval: 'invoke-expression iex',
    curl: 'invoke-webrequest iwr curl wget start-bitstransfer',
    cat: 'get-content gc cat type get-childitem gci ls dir foreach-object foreach % where-object ?',
  }).flatMap(([name, theirs]) => theirs.split(' ').map((each) => [each, name] as const)),
);
const DOT_NET = /\[(?:System\.)?IO\.(?:File|Directory)\]::(\w+)\(([^()]*)\)/gi;
const CHANGES = /^(delete|write|append|create|move|copy|replace|set|open)/i;

interface Token {
  readonly kind: 'word' | 'end' | 'pipe' | 'output';
  readonly text: string;
}

export function readPowershell(text: string, context: ShellContext): ShellScript {
  const { budget } = context;
  budget.left -= text.length;
  const reader: Reader = {
    ...{ commands: [], hasErrors: false, folders: context.folders, words: [], outputs: [] },
    ...{ piped: [], known: new Map(), variables: context.variables },
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
  reader.piped = kind === 'pipe' ? [...reader.piped, ...words.slice(1)] : [];
}

function emit(words: readonly string[], reader: Reader, outputs: readonly string[] = []): void {
  const [name = '', ...given] = words;
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
    words: [program, ...operands, ...(/^(rm|tee|mv|cp)$/.test(program) ? reader.piped : [])],
    outputs: [...outputs, ...(outFile >= 0 ? [given[outFile + 1] ?? ''] : [])],
    ...{ assigned: [], inputs: [], piped: reader.piped, folders: reader.folders, printed: null },
  });
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
      yield { kind: isGroupOfPipe(end, reader) ? 'pipe' : 'end', text: '' };
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
