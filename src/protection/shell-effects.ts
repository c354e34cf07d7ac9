// Which paths a shell command would change. Rule: known programs go by what they do with their operands, and programs that run
// others are looked through; reading is never an effect.
import {
  type Budget,
  newBudget,
  parseCommands,
  type ShellCommand,
  UNKNOWN,
  type Variables,
} from './shell-commands.ts';

/** A path that would be changed, as it is written, seen from the folder the command runs in. */
export interface ChangedPath {
  readonly path: string;
  readonly cwd: string;
  /** Everything below it is changed with it. */
  readonly isWhole: boolean;
}

/** A simple command without the programs that only run it (`sudo`, `env` …). */
export interface PlainCommand {
  /** Name without its folder; empty: none. */
  readonly program: string;
  readonly operands: readonly string[];
  /** Variables set for it alone. */
  readonly assigned: readonly string[];
}

/** What a command line would do. */
export interface ShellEffects {
  readonly changed: readonly ChangedPath[];
  /** Program text that would change the files it names. */
  readonly programs: readonly string[];
  readonly commands: readonly PlainCommand[];
  /** Only a part of it was read. */
  readonly isTooLarge: boolean;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Programs that only run another one. */
const WRAPPERS = words(
  'sudo doas env nohup time command exec builtin setsid stdbuf nice ionice xargs busybox timeout',
);
/** Programs that take away or move whole folders. */
const REMOVERS = words('rm mv shred unlink rmdir trash gio srm');
/** Programs that change each file they are given. */
const CHANGERS = words(
  'tee truncate chmod chown chgrp chattr setfacl touch sponge patch ed ex vi vim nvim nano emacs ' +
    'ln link mkfifo fallocate mount',
);
/** Programs that write to their last operand. */
const COPIERS = words('cp install rsync scp ditto');
const GIT_CHANGES = words('checkout restore rm mv clean apply stash');
const INTERPRETER = /^(python[\d.]*|node|nodejs|deno|bun|ruby|perl|php|lua|osascript|tsx|Rscript)$/;
const SHELL = /^(ba|z|da|k|fi)?sh$/;
const SQL_WRITE =
  /\b(insert|update|delete|drop|alter|create|replace|vacuum|attach|pragma|reindex|begin)\b|^\s*\.(restore|import|recover|clone|save|open|read|shell|system)/im;
const CODE_WRITE =
  /open\s*\([^)]*,\s*(mode\s*=\s*)?['"][rb]?[wax+]|write_?(text|bytes|file|lines)?\w*\s*\(|\b(unlink|remove|rmtree|rename|replace|truncate|chmod|symlink|link|copy\w*|move|rm|mkdir|append\w*|create\w*Stream)(Sync)?\s*\(|json\.dump\s*\(|execute\w*\s*\(|exec\w*\s*\(|system\s*\(|subprocess|spawn|File\.(write|open|delete)|FileUtils|>\s*['"]|print\s*\{|file_put_contents/;

/** Reads what a command line would do. Never throws. */
export function shellEffects(text: string, cwd: string, variables: Variables): ShellEffects {
  const found: Found = { changed: [], programs: [], commands: [] };
  const budget = newBudget();
  readScript(text, { cwd, variables, budget }, found);
  return { ...found, isTooLarge: budget.left < 0 };
}

interface Found {
  readonly changed: ChangedPath[];
  readonly programs: string[];
  readonly commands: PlainCommand[];
}

interface Shell {
  readonly cwd: string;
  readonly variables: Variables;
  readonly budget: Budget;
}

function readScript(text: string, shell: Shell, found: Found): void {
  const { cwd, variables, budget } = shell;
  const { commands, hasErrors } = parseCommands(text, { ...variables, PWD: cwd }, budget);
  // What cannot be parsed may be written for another shell: it counts by the names in it.
  if (hasErrors) found.programs.push(text);
  let folder = cwd;
  for (const command of commands) {
    const { words: unwrapped, isXargs } = unwrap(command.words);
    const [name = '', ...operands] = unwrapped;
    const program = name.slice(name.lastIndexOf('/') + 1);
    found.commands.push({ program, operands, assigned: command.assigned });
    if (program === 'cd' || program === 'pushd') {
      folder = resolvePath(operands[0] ?? variables.HOME ?? '', folder);
    }
    const given = isXargs ? [...operands, ...command.piped] : operands;
    const outputs = command.outputs.map((path) => ({ path, isWhole: false }));
    for (const each of [...outputs, ...changesOf(program, given)]) {
      const change = { ...each, path: anywhere(each.path) };
      found.changed.push({ ...change, cwd: folder });
      // A `cd` in a subshell, or one that failed, leaves the folder as it was.
      if (folder !== cwd) found.changed.push({ ...change, cwd });
    }
    found.programs.push(...codeOf(program, operands, command));
    for (const script of scriptsOf(program, operands, command)) {
      readScript(script, { ...shell, cwd: folder }, found);
    }
  }
}

/** Where a folder is not known (`$(pwd)/.claude/settings.json`), it may be any, as long as the rest of the path says enough. */
function anywhere(path: string): string {
  const rest = path.startsWith(`${UNKNOWN}/`) ? path.slice(UNKNOWN.length) : '';
  return rest.indexOf('/', 1) > 0 ? `/**${rest}` : path;
}

function unwrap(given: readonly string[]): { words: readonly string[]; isXargs: boolean } {
  let rest = given;
  let isXargs = false;
  for (;;) {
    const name = rest[0]?.slice(rest[0].lastIndexOf('/') + 1) ?? '';
    if (!WRAPPERS.has(name)) return { words: rest, isXargs };
    isXargs ||= name === 'xargs';
    let at = 1;
    // The wrapper's own options and variables; some options take a value.
    while (rest[at]?.startsWith('-') || /^[A-Za-z_]\w*=/.test(rest[at] ?? '')) {
      at += /^-[InPuLsd]$/.test(rest[at] ?? '') ? 2 : 1;
    }
    rest = rest.slice(name === 'timeout' ? at + 1 : at);
  }
}

type Change = Omit<ChangedPath, 'cwd'>;

const changeEach = (paths: readonly string[], isWhole = false): Change[] =>
  paths.map((path) => ({ path, isWhole }));

const filesOf = (operands: readonly string[]): string[] =>
  operands.filter((each) => !each.startsWith('-'));

function optionValues(operands: readonly string[], ...options: readonly string[]): string[] {
  return operands.flatMap((each, index) => {
    const joined = options.find(
      (option) => option.startsWith('--') && each.startsWith(`${option}=`),
    );
    if (joined) return [each.slice(joined.length + 1)];
    return options.includes(each) ? [operands[index + 1] ?? ''] : [];
  });
}

/** What a program changes, by its operands. */
function changesOf(program: string, operands: readonly string[]): Change[] {
  if (REMOVERS.has(program)) return changeEach(filesOf(operands), true);
  if (CHANGERS.has(program)) return changeEach(filesOf(operands));
  if (COPIERS.has(program)) return copyChanges(operands);
  return PROGRAMS[program]?.(operands) ?? [];
}

type ChangesOf = (operands: readonly string[]) => Change[];

const changesWith =
  (option: RegExp): ChangesOf =>
  (operands) =>
    operands.some((each) => option.test(each)) ? changeEach(filesOf(operands)) : [];
const editsInPlace = changesWith(/^(-\w*i|--in-place|inplace$)/);
const formats = changesWith(/^(-i|-\w*i\w*|--in-?place|--write|--fix)$/);
const writesOutput: ChangesOf = (operands) =>
  changeEach(optionValues(operands, '-o', '--output', '-O', '--output-document'));
const extracts: ChangesOf = (operands) =>
  /x/.test(operands[0] ?? '') || operands.includes('--extract')
    ? changeEach([...optionValues(operands, '-C', '--directory'), ...filesOf(operands).slice(1)])
    : [];

const PROGRAMS: Readonly<Record<string, ChangesOf>> = {
  ...{ sed: editsInPlace, perl: editsInPlace, ruby: editsInPlace },
  ...{ awk: editsInPlace, gawk: editsInPlace },
  ...{ yq: formats, jq: formats, prettier: formats, eslint: formats, biome: formats },
  ...{ curl: writesOutput, wget: writesOutput, sort: writesOutput, gcc: writesOutput },
  ...{ tar: extracts, bsdtar: extracts },
  dd: (operands) =>
    changeEach(operands.flatMap((each) => (each.startsWith('of=') ? [each.slice(3)] : []))),
  unzip: (operands) => changeEach([...optionValues(operands, '-d'), ...filesOf(operands).slice(1)]),
  find: findChanges,
  git: gitChanges,
};

function copyChanges(operands: readonly string[]): Change[] {
  const files = filesOf(operands);
  const into = optionValues(operands, '-t', '--target-directory');
  const targets = into.length > 0 ? into : files.slice(-1);
  // In a folder a copied file keeps its name.
  const inside = targets.flatMap((folder) =>
    files
      .filter((file) => !targets.includes(file))
      .map((file) => `${folder}/${file.slice(file.lastIndexOf('/') + 1)}`),
  );
  return changeEach([...targets, ...inside]);
}

/** `find` with an action that changes what it finds: its folders, or the names it looks for in them. */
function findChanges(operands: readonly string[]): Change[] {
  const action = operands.findIndex((each) => /^-(exec|execdir|ok|okdir)$/.test(each));
  const runs = action >= 0 ? (operands[action + 1] ?? '') : '';
  const isChanging =
    operands.includes('-delete') ||
    REMOVERS.has(runs) ||
    CHANGERS.has(runs) ||
    /^(sed|perl|sh|bash|cp)$/.test(runs);
  if (!isChanging) return [];
  const firstTest = operands.findIndex((each) => /^[-(!]/.test(each));
  const folders = operands.slice(0, firstTest === -1 ? operands.length : firstTest);
  const starts = folders.length > 0 ? folders : ['.'];
  const names = optionValues(operands, '-name', '-iname', '-path', '-wholename');
  if (names.length === 0) return changeEach(starts, true);
  return changeEach(starts.flatMap((start) => names.map((name) => `${start}/**/${name}`)));
}

function gitChanges(operands: readonly string[]): Change[] {
  const [verb = '', ...rest] = operands.filter(
    (each, index) => each !== '-C' && operands[index - 1] !== '-C',
  );
  if (!GIT_CHANGES.has(verb)) return [];
  // The name of a branch is no path; `.` for the whole tree is everyday work.
  const paths = filesOf(rest).filter((path) => path !== '.');
  return changeEach(paths, verb !== 'stash');
}

/** Shell scripts that a command runs. */
function scriptsOf(
  program: string,
  operands: readonly string[],
  { inputs, piped }: ShellCommand,
): string[] {
  if (program === 'eval') return [operands.join(' ')];
  if (!SHELL.test(program) && program !== 'source') return [];
  const at = operands.findIndex((each) => /^-\w*c$/.test(each));
  const given = at >= 0 ? operands.slice(at + 1, at + 2) : [];
  const read = operands.length === 0 && piped.length > 0 ? [piped.join(' ')] : [];
  return [...given, ...inputs, ...read];
}

/** Program text that a command runs and that changes something. */
function codeOf(program: string, operands: readonly string[], { inputs }: ShellCommand): string[] {
  if (program === 'sqlite3' || program === 'sqlite') {
    const text = [...operands.slice(1), ...inputs].join('\n');
    const isReading = operands.includes('-readonly') || (text !== '' && !SQL_WRITE.test(text));
    return isReading ? [] : [[...operands, ...inputs].join('\n')];
  }
  if (!INTERPRETER.test(program)) return [];
  const at = operands.findIndex((each) => /^(-\w*[ceEp]|--eval|--print)$/.test(each));
  // Arguments after the code are what it works on.
  const code = [...(at >= 0 ? operands.slice(at + 1) : []), ...inputs].join('\n');
  return CODE_WRITE.test(code) ? [code] : [];
}

function resolvePath(path: string, folder: string): string {
  if (path.startsWith('/')) return path;
  const parts = folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/') || '/';
}
