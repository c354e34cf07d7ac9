// Which paths a shell command would change. Rule: known programs by what they do with their operands; what
// runs another program is looked through; reading is nobody's business.
import { parseShell, type ShellCommand } from './shell-words.ts';

/** A path that would be changed, as it was written, seen from the folder the command runs in. */
export interface Touched {
  readonly path: string;
  readonly cwd: string;
  /** All below it is changed with it: what is guarded inside is meant as well. */
  readonly isWhole: boolean;
}

/** What a command line would do, as far as guarding needs it. */
export interface ShellEffects {
  readonly touched: readonly Touched[];
  /** Program text that would change files whose names it holds. */
  readonly programs: readonly string[];
  /** Simple commands, their wrappers taken off. */
  readonly commands: readonly {
    readonly words: readonly string[];
    readonly assigned: readonly string[];
  }[];
}

type Variables = Readonly<Record<string, string | undefined>>;

// Lists in one text, and patterns in functions: most hooks ask none of them, and would fill sets and read patterns.
/** Whether a list has a word. The list's words have no space in them; two neighbours asked for as one count, too. */
const isAmong = (words: string, word: string): boolean => ` ${words} `.includes(` ${word} `);

/** Programs that only run another one; `timeout` has an operand of its own before it. */
const WRAPPERS =
  'sudo doas env nohup time command exec builtin setsid stdbuf nice ionice xargs busybox timeout ' +
  'then do else if while until';
/** They take away or move whole folders. */
const TAKES_ALL = 'rm mv shred unlink rmdir trash gio srm';
/** They change each file that is named. */
const CHANGES =
  'tee truncate chmod chown chgrp chattr setfacl touch sponge patch ed ex vi vim nvim nano emacs ' +
  'ln link mkfifo fallocate mount';
/** They write to their last operand. */
const COPIES = 'cp install rsync scp ditto';
const isInterpreter = (program: string): boolean =>
  /^(python[\d.]*|node|nodejs|deno|bun|ruby|perl|php|lua|osascript|tsx|Rscript)$/.test(program);
const isShell = (program: string): boolean => /^(ba|z|da|k|fi)?sh$/.test(program);
const GIT_CHANGES = 'checkout restore rm mv clean apply stash';
const writesSql = (text: string): boolean =>
  /\b(insert|update|delete|drop|alter|create|replace|vacuum|attach|pragma|reindex|begin)\b|^\s*\.(restore|import|recover|clone|save|open|read|shell|system)/im.test(
    text,
  );
const writesFiles = (code: string): boolean =>
  /open\s*\([^)]*,\s*(mode\s*=\s*)?['"][rb]?[wax+]|write_?(text|bytes|file|lines)?\w*\s*\(|\b(unlink|remove|rmtree|rename|replace|truncate|chmod|symlink|link|copy\w*|move|rm|mkdir|append\w*|create\w*Stream)(Sync)?\s*\(|json\.dump\s*\(|execute\w*\s*\(|exec\w*\s*\(|system\s*\(|subprocess|spawn|File\.(write|open|delete)|FileUtils|>\s*['"]|print\s*\{|file_put_contents/.test(
    code,
  );

/** Reads what a command line would do. */
export function effectsOf(text: string, cwd: string, variables: Variables): ShellEffects {
  const touched: Touched[] = [];
  const programs: string[] = [];
  const commands: { words: readonly string[]; assigned: readonly string[] }[] = [];
  let folder = cwd;
  const recordActivity = (path: string, isWhole: boolean) => {
    touched.push({ path, cwd: folder, isWhole });
    // A `cd` in a subshell, or one that failed, leaves the folder as it was.
    if (folder !== cwd) touched.push({ path, cwd, isWhole });
  };
  let piped: readonly string[] = [];
  const parsed = parseShell(text, { ...variables, PWD: cwd });
  for (const command of parsed) {
    const inner = [...command.nested];
    for (const path of command.outputs) recordActivity(path, false);
    const { words, isXargs } = unwrapped(command.words);
    const [name = '', ...operands] = words;
    const program = name.slice(name.lastIndexOf('/') + 1);
    commands.push({
      words: [program, ...operands],
      assigned: command.assigned.map(([variable]) => variable),
    });
    if (program === 'cd' || program === 'pushd')
      folder = resolved(operands[0] ?? variables.HOME ?? '', folder);
    // What a command before it or inside it names becomes an operand of its own.
    const named = [
      ...operands,
      ...(isXargs ? piped : []),
      ...command.nested.flatMap((each) => wordsOf(each, variables)),
    ];
    for (const { path, isWhole } of changed(program, named)) recordActivity(path, isWhole);
    if (isShell(program) || program === 'eval' || program === 'source') {
      inner.push(...scriptsOf(program, operands, command));
      if (piped.length > 0 && operands.length === 0) inner.push(piped.join(' '));
    }
    programs.push(...codeOf(program, operands, command));
    for (const each of inner) {
      const effects = effectsOf(each, folder, variables);
      touched.push(...effects.touched);
      programs.push(...effects.programs);
      commands.push(...effects.commands);
    }
    piped = command.isPiped ? [...piped, ...operands] : [];
  }
  return { touched, programs, commands };
}

function unwrapped(given: readonly string[]): { words: readonly string[]; isXargs: boolean } {
  let words = given;
  let isXargs = false;
  for (;;) {
    const name = words[0]?.slice(words[0].lastIndexOf('/') + 1) ?? '';
    if (!isAmong(WRAPPERS, name)) return { words, isXargs };
    isXargs ||= name === 'xargs';
    let at = 1;
    // Its own options; of these some take a value, which then looks like the program: the next one is tried too.
    while (words[at]?.startsWith('-') || /^[A-Za-z_]\w*=/.test(words[at] ?? '')) {
      at += /^-[InPuLsd]$/.test(words[at] ?? '') ? 2 : 1;
    }
    words = words.slice(name === 'timeout' ? at + 1 : at);
  }
}

const wordsOf = (text: string, variables: Variables): string[] =>
  parseShell(text, variables).flatMap(({ words }) => words.slice(1));

const plain = (operands: readonly string[]): string[] =>
  operands.filter((each) => !each.startsWith('-'));

function valueAfter(operands: readonly string[], ...options: readonly string[]): string[] {
  return operands.flatMap((each, index) => {
    const joined = options.find(
      (option) => option.startsWith('--') && each.startsWith(`${option}=`),
    );
    if (joined) return [each.slice(joined.length + 1)];
    return options.includes(each) ? [operands[index + 1] ?? ''] : [];
  });
}

/** What a program does with its operands. */
function changed(
  program: string,
  operands: readonly string[],
): { path: string; isWhole: boolean }[] {
  const files = plain(operands);
  const each = (paths: readonly string[], isWhole = false) =>
    paths.map((path) => ({ path, isWhole }));
  if (isAmong(TAKES_ALL, program)) return each(files, true);
  if (isAmong(CHANGES, program)) return each(files);
  if (isAmong(COPIES, program)) {
    const into = valueAfter(operands, '-t', '--target-directory');
    const target = into.length > 0 ? into : files.slice(-1);
    // Copied into a folder a file keeps its name.
    const inside = target.flatMap((folder) =>
      files
        .filter((file) => !target.includes(file))
        .map((file) => `${folder}/${file.slice(file.lastIndexOf('/') + 1)}`),
    );
    return each([...target, ...inside]);
  }
  switch (program) {
    case 'sed':
    case 'perl':
    case 'ruby':
    case 'awk':
    case 'gawk': {
      const inPlace = operands.some((option) => /^(-\w*i|--in-place|inplace$)/.test(option));
      return inPlace ? each(files) : [];
    }
    case 'yq':
    case 'prettier':
    case 'eslint':
    case 'biome':
    case 'jq':
      return operands.some((option) => /^(-i|-\w*i\w*|--in-?place|--write|--fix)$/.test(option))
        ? each(files)
        : [];
    case 'dd':
      return each(
        operands.flatMap((operand) => (operand.startsWith('of=') ? [operand.slice(3)] : [])),
      );
    case 'curl':
    case 'wget':
    case 'sort':
    case 'gcc':
      return each(valueAfter(operands, '-o', '--output', '-O', '--output-document'));
    case 'tar':
    case 'bsdtar':
      return /x/.test(operands[0] ?? '') || operands.includes('--extract')
        ? each([...valueAfter(operands, '-C', '--directory'), ...files.slice(1)])
        : [];
    case 'unzip':
      return each([...valueAfter(operands, '-d'), ...files.slice(1)]);
    case 'find':
      return found(operands);
    case 'git':
      return gitChanges(operands);
    default:
      return [];
  }
}

/** `find` with something that changes what it finds: its folders, or the names it looks for in them. */
function found(operands: readonly string[]): { path: string; isWhole: boolean }[] {
  const run = operands.findIndex((each) => /^-(exec|execdir|ok|okdir)$/.test(each));
  const runs = run >= 0 ? operands[run + 1] : undefined;
  const isChanging =
    operands.includes('-delete') ||
    (runs !== undefined &&
      (isAmong(TAKES_ALL, runs) || isAmong(CHANGES, runs) || /^(sed|perl|sh|bash|cp)$/.test(runs)));
  if (!isChanging) return [];
  const firstTest = operands.findIndex((each) => /^[-(!]/.test(each));
  const folders = operands.slice(0, firstTest === -1 ? operands.length : firstTest);
  const names = valueAfter(operands, '-name', '-iname', '-path', '-wholename');
  const starts = folders.length > 0 ? folders : ['.'];
  if (names.length === 0) return starts.map((path) => ({ path, isWhole: true }));
  return starts.flatMap((path) =>
    names.map((name) => ({ path: `${path}/**/${name}`, isWhole: false })),
  );
}

function gitChanges(operands: readonly string[]): { path: string; isWhole: boolean }[] {
  const [verb = '', ...rest] = operands.filter(
    (each, index) => each !== '-C' && operands[index - 1] !== '-C',
  );
  if (!isAmong(GIT_CHANGES, verb)) return [];
  // A branch's name is no path; `.` for the whole tree is everyday work.
  return plain(rest)
    .filter((path) => path !== '.')
    .map((path) => ({ path, isWhole: verb !== 'stash' }));
}

function scriptsOf(program: string, operands: readonly string[], command: ShellCommand): string[] {
  if (program === 'eval') return [operands.join(' ')];
  const at = operands.findIndex((each) => /^-\w*c$/.test(each));
  return [...(at >= 0 ? operands.slice(at + 1, at + 2) : []), ...command.fed];
}

function codeOf(program: string, operands: readonly string[], command: ShellCommand): string[] {
  if (program === 'sqlite3' || program === 'sqlite') {
    const text = [...operands.slice(1), ...command.fed].join('\n');
    const isReading = operands.includes('-readonly') || (text !== '' && !writesSql(text));
    return isReading ? [] : [[...operands, ...command.fed].join('\n')];
  }
  if (!isInterpreter(program)) return [];
  const at = operands.findIndex((each) => /^(-\w*[ceEp]|--eval|--print)$/.test(each));
  // Arguments behind the code are what it works on.
  const code = [...(at >= 0 ? operands.slice(at + 1) : []), ...command.fed].join('\n');
  return writesFiles(code) ? [code] : [];
}

function resolved(path: string, folder: string): string {
  if (path.startsWith('/')) return path;
  const parts = folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/') || '/';
}
