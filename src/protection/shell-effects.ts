// What a shell command would do: the paths it would change, the program text it would run, its commands one by one. Scripts that it runs (`sh -c`, files,
// `npm run`) are read like itself.
import { readFileSync, statSync } from 'node:fs';
import { parseGit } from './git-changes.ts';
import { scriptsInOptions } from './option-scripts.ts';
import { CODE_WRITE, INTERPRETER, SHELL_CALL, SQL_WRITE } from './program-text.ts';
import { type Change, changesOf, filesOf, optionValues } from './programs.ts';
import {
  ANY_DEPTH,
  type Budget,
  newBudget,
  resolveFrom,
  type ShellCommand,
  UNKNOWN,
  type Variables,
} from './shells/shell.ts';
import { SHELLS, type ShellName } from './shells/shells.ts';
import { homeIn } from './windows-path.ts';
import { type PlainCommand, unwrap } from './wrappers.ts';

/** A change, and the folders it may be seen from. */
export interface ChangedPath {
  readonly change: Change;
  readonly folders: readonly string[];
}

/** What a command line would do. */
export interface ShellEffects {
  readonly changed: readonly ChangedPath[];
  /** Program text that would change the files it names. */
  readonly programs: readonly string[];
  readonly commands: readonly PlainCommand[];
  /** Files that it would write before it is over, absolute. */
  readonly written: ReadonlyMap<string, string>;
  /** Only a part of it was read. */
  readonly isTooLarge: boolean;
}

/** What a command is read with. */
export interface ShellWorld {
  readonly shell: ShellName;
  readonly cwd: string;
  readonly variables: Variables;
}

interface Found {
  readonly changed: ChangedPath[];
  readonly programs: string[];
  readonly commands: PlainCommand[];
  readonly written: Map<string, string>;
  readonly variables: Variables;
  readonly budget: Budget;
}

/** Scripts in scripts. */
const MAX_DEPTH = 12;
/** Longer files are no scripts that somebody has just written. */
const MAX_FILE_BYTES = 64 * 1024;
const SHELL = /^(ba|z|da|k|fi|a)?sh$/;
/** Reads what a command line would do. Never throws. */
export function shellEffects(text: string, { shell, cwd, variables }: ShellWorld): ShellEffects {
  const found: Found = {
    ...{ changed: [], programs: [], commands: [], written: new Map(), variables },
    budget: newBudget(),
  };
  readScript(text, { shell, folders: [cwd], depth: 0 }, found);
  return { ...found, isTooLarge: found.budget.left < 0 };
}

interface Place {
  readonly shell: ShellName;
  readonly folders: readonly string[];
  readonly depth: number;
}

function readScript(text: string, place: Place, found: Found): void {
  if (place.depth > MAX_DEPTH) return;
  const { variables, budget } = found;
  const { commands, hasErrors } = SHELLS[place.shell](text, {
    variables,
    folders: place.folders,
    budget,
  });
  // What cannot be parsed may be written for another shell: it counts by the names in it.
  if (hasErrors && place.shell === 'bash') found.programs.push(text);
  for (const command of commands) readCommand(command, place, found);
}

function readCommand(command: ShellCommand, place: Place, found: Found): void {
  const plain = unwrap(command);
  const { program, operands, folders } = plain;
  found.commands.push(plain);
  const add = (change: Change) => {
    const path = anywhere(change.path);
    found.changed.push({ change: path === change.path ? change : { ...change, path }, folders });
  };
  for (const path of command.outputs) {
    add({ path, how: 'file' });
    if (command.printed !== null) {
      for (const folder of folders) found.written.set(resolveFrom(folder, path), command.printed);
    }
  }
  for (const change of changesOf(program, operands)) add(change);
  if (program === 'git') readGit(plain, place, found, add);
  readCode(plain, command, place, found);
  const scripts = [...scriptsInOptions(program, operands), ...scriptsOf(plain, command, found)];
  for (const script of scripts) {
    readScript(
      script,
      { shell: shellOf(program, place.shell), folders, depth: place.depth + 1 },
      found,
    );
  }
}

const shellOf = (program: string, own: ShellName): ShellName => {
  if (/^(pwsh|powershell)(\.exe)?$/.test(program)) return 'powershell';
  if (/^cmd(\.exe)?$/.test(program)) return 'cmd';
  return program === 'eval' ? own : 'bash';
};

/** Where a folder is not known (`$(pwd)/.claude/settings.json`), it may be any, as long as the rest of the path says enough. */
function anywhere(path: string): string {
  const rest = path.startsWith(`${UNKNOWN}/`) ? path.slice(UNKNOWN.length) : '';
  return rest.indexOf('/', 1) > 0 ? `/${ANY_DEPTH}${rest}` : path;
}

const NAMED_BY_GIT = /^(checkout|restore|rm|mv|stash|apply)$/;

/** What git itself runs, and the files that it writes its output to. */
function readGit(
  plain: PlainCommand,
  place: Place,
  found: Found,
  add: (change: Change) => void,
): void {
  for (const folder of plain.folders) {
    const { verb, operands, configs } = parseGit(plain.operands, folder);
    for (const path of optionValues(operands, '--output', '-o')) {
      if (/^(archive|diff|log|show|format-patch)$/.test(verb)) add({ path, how: 'file' });
    }
    // What is named is meant, whatever git knows of it; `.` for the whole tree is everyday work.
    if (NAMED_BY_GIT.test(verb) && !operands.includes('--staged')) {
      const how = verb === 'mv' || verb === 'rm' ? 'tree' : 'file';
      for (const path of filesOf(operands)) if (!/^(\.|:.*)$/.test(path)) add({ path, how });
    }
    const own = [...configs, ...aliasesIn(folder, homeIn(found.variables) ?? '')];
    const alias = own.find((each) => each.startsWith(`alias.${verb}=`))?.slice(verb.length + 7);
    const scripts = [
      ...(alias === undefined
        ? []
        : [alias.startsWith('!') ? alias.slice(1) : `git ${alias} ${operands.join(' ')}`]),
      ...(verb === 'rebase' ? optionValues(operands, '-x', '--exec') : []),
      ...(verb === 'filter-branch'
        ? optionValues(operands, '--tree-filter', '--index-filter', '--msg-filter')
        : []),
      ...(verb === 'bisect' && operands[0] === 'run' ? [quoted(operands.slice(1))] : []),
      ...(verb === 'submodule' && operands[0] === 'foreach' ? [operands.at(-1) ?? ''] : []),
      // An editor or a pager is a command.
      ...[...plain.assigned, ...configs].flatMap((each) => {
        const value =
          /^(?:GIT_(?:PAGER|EDITOR|SEQUENCE_EDITOR|SSH_COMMAND|EXTERNAL_DIFF|ASKPASS)|PAGER|EDITOR|VISUAL|core\.(?:pager|editor|sshCommand|fsmonitor)|diff\.external|sequence\.editor)=(.*)/s.exec(
            each,
          )?.[1];
        return value === undefined ? [] : [value];
      }),
    ];
    for (const script of scripts) {
      readScript(script, { shell: 'bash', folders: [folder], depth: place.depth + 1 }, found);
    }
  }
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

/** Aliases that git's settings have, as `alias.name=value`. */
function aliasesIn(folder: string, home: string): readonly string[] {
  return [`${folder}/.git/config`, `${home}/.gitconfig`, `${home}/.config/git/config`].flatMap(
    (file) => {
      const text = textOf(file) ?? '';
      const section = /\[alias\]([^[]*)/i.exec(text)?.[1] ?? '';
      return [...section.matchAll(/^\s*([\w-]+)\s*=\s*"?(.*?)"?\s*$/gm)].map(
        ([, name, value]) => `alias.${name}=${value}`,
      );
    },
  );
}

/** Program text that a command runs; it counts where it changes something. */
function readCode(plain: PlainCommand, { inputs }: ShellCommand, place: Place, found: Found): void {
  const { program, operands, folders } = plain;
  if (program === 'sqlite3' || program === 'sqlite') {
    const text = [...operands.slice(1), ...inputs].join('\n');
    const isReading = operands.includes('-readonly') || (text !== '' && !SQL_WRITE.test(text));
    for (const [, path = ''] of text.matchAll(/^\s*\.(?:output|once|save|backup)\s+(\S+)/gm)) {
      found.changed.push({ change: { path, how: 'file' }, folders });
    }
    if (!isReading) found.programs.push([...operands, ...inputs].join('\n'));
    return;
  }
  if (!INTERPRETER.test(program)) return;
  const isAwk = program.endsWith('awk');
  const at = operands.findIndex((each) => /^(-\w*[ceEpr]|--eval|--print)(=|$)/.test(each));
  // Arguments after the code are what it works on.
  const given = isAwk ? operands : at >= 0 ? operands.slice(at) : [];
  const [file] = at >= 0 || isAwk ? [] : filesOf(operands);
  const fromFile = file === undefined ? null : fileText(file, folders, found);
  const code = [...given, ...inputs, ...(fromFile === null ? [] : [fromFile])]
    .join('\n')
    // `'.cla' + 'ude'`, `".cl"."aude"`
    .replace(/(['"])\s*[+.]\s*(['"])/g, '')
    .slice(0, MAX_FILE_BYTES);
  if (!CODE_WRITE.test(code)) return;
  found.programs.push(code);
  for (const [, , text, list] of code.matchAll(SHELL_CALL)) {
    const script =
      text ??
      [...(list ?? '').matchAll(/(["'])(.*?)\1/g)].map((each) => quoted([each[2] ?? ''])).join(' ');
    readScript(script, { shell: 'bash', folders, depth: place.depth + 1 }, found);
  }
}

/** Shell scripts that a command runs. */
function scriptsOf(plain: PlainCommand, { inputs, piped }: ShellCommand, found: Found): string[] {
  const { program, operands, folders } = plain;
  const named = optionValues(operands, '-c', '-Command', '-command', '/c', '/C');
  if (program === 'eval' || program === 'watch')
    return [operands.filter((word) => !/^-/.test(word)).join(' ')];
  if (program === 'trap') return operands.slice(0, 1);
  if (/^(su|script|flock|runuser)$/.test(program) || shellOf(program, 'bash') !== 'bash') {
    return [
      ...named,
      ...(shellOf(program, 'bash') === 'cmd' ? [joinedForCmd(operands.slice(1))] : []),
    ];
  }
  if (/^(at|batch)$/.test(program)) return [...inputs];
  if (program === 'make' && operands.includes('-')) {
    return inputs.flatMap((text) =>
      [...text.matchAll(/^\t[@-]*(.*)$/gm)].map((each) => each[1] ?? ''),
    );
  }
  if (/^(npm|pnpm|yarn|bun)$/.test(program)) return packageScripts(operands, folders, found);
  const isShell = SHELL.test(program);
  // A shell runs what these name before its own script.
  const first = plain.assigned.flatMap(
    (each) => fileText(/^(?:BASH_)?ENV=(.+)/s.exec(each)?.[1] ?? '', folders, found) ?? [],
  );
  if (isShell || program === 'source' || program === '.') {
    const at = operands.findIndex((each) => /^-\w*c$/.test(each));
    if (at >= 0) return [...first, ...operands.slice(at + 1, at + 2)];
    const [file] = filesOf(operands.filter((each) => !/^\+?-?o$/.test(each)));
    const fromFile = file === undefined || file === '-' ? null : fileText(file, folders, found);
    const isPiped = file === undefined && inputs.length === 0 && piped.length > 0;
    // `source <(echo …)` has the text itself in the file's place.
    const isText = !isShell && file !== undefined && /\s/.test(file);
    return [
      ...first,
      ...inputs,
      ...(fromFile === null ? [] : [fromFile]),
      ...(isPiped ? [piped.join(' ')] : []),
      ...(isText ? [operands.join(' ')] : []),
    ];
  }
  const own = plain.programPath.includes('/') ? fileText(plain.programPath, folders, found) : null;
  return own !== null && /^#!.*\b(ba|da|z|k)?sh\b|^(?!#!)/.test(own) ? [own] : [];
}

/** The text that cmd is handed: one word is text already, of several those with blanks in them were quoted. */
const joinedForCmd = (words: readonly string[]): string =>
  words.length === 1
    ? (words[0] as string)
    : words.map((word) => (/[\s&|<>]/.test(word) ? `"${word}"` : word)).join(' ');

/** The scripts of package.json that `npm run x` runs. */
function packageScripts(
  operands: readonly string[],
  folders: readonly string[],
  found: Found,
): string[] {
  const words = filesOf(operands);
  const name = words[0] === 'run' || words[0] === 'run-script' ? words[1] : words[0];
  if (name === undefined) return [];
  try {
    const { scripts } = JSON.parse(fileText('package.json', folders, found) ?? '{}') as {
      scripts?: Record<string, unknown>;
    };
    return [`pre${name}`, name, `post${name}`].flatMap((each) => {
      const script =
        scripts !== undefined && Object.hasOwn(scripts, each) ? scripts[each] : undefined;
      return typeof script === 'string' ? [script] : [];
    });
  } catch {
    return []; // no package.json that could be read
  }
}

/** A file's text: what the command itself writes there, else what lies there now. */
function fileText(
  path: string,
  folders: readonly string[],
  { written, budget }: Found,
): string | null {
  for (const folder of folders) {
    const file = resolveFrom(folder, path);
    const text = written.get(file) ?? textOf(file);
    if (text !== null && text !== undefined) {
      budget.left -= text.length;
      return text;
    }
  }
  return null;
}

function textOf(file: string): string | null {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) return null;
    const text = readFileSync(file, 'utf8');
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
