// What programs do to the files they are given. Rule: one line a program; reading is never an effect, and what cannot be told from the operands
// is not guessed.
import { foundBy, type PathTest } from './find.ts';
import { ANY_DEPTH } from './shells/shell.ts';

/** A path that would be changed, as it is written. */
export interface Change {
  readonly path: string;
  /** `tree`: with everything below it. `copy`: with what lies in `from`; `mirror`: and with what does not. */
  readonly how: 'file' | 'tree' | 'copy' | 'mirror';
  /** The tree that is copied, as it is written. */
  readonly from?: string;
  /** Patterns of paths that stay as they are. */
  readonly without?: readonly string[];
  /** What a file has to pass to be changed. */
  readonly only?: readonly PathTest[];
}

type ChangesOf = (operands: readonly string[]) => readonly Change[];

const words = (text: string): readonly string[] => text.split(' ');
const each = (paths: readonly string[], how: Change['how'] = 'file'): Change[] =>
  paths.map((path) => ({ path, how }));

export function filesOf(operands: readonly string[]): string[] {
  const end = operands.indexOf('--');
  if (end === -1) return operands.filter((word) => !word.startsWith('-') || word === '-');
  return [...filesOf(operands.slice(0, end)), ...operands.slice(end + 1)];
}

/** Values of options, written apart (`-o x`, `--output x`) or joined (`-ox`, `-qox`, `--output=x`). */
export function optionValues(operands: readonly string[], ...options: readonly string[]): string[] {
  return operands.flatMap((word, index) => {
    if (!word.startsWith('-')) return [];
    for (const option of options) {
      if (word === option) return [operands[index + 1] ?? ''];
      if (word.startsWith('--')) {
        if (word.startsWith(`${option}=`)) return [word.slice(option.length + 1)];
        continue;
      }
      const at = option.length === 2 ? word.indexOf(option.slice(1), 1) : -1;
      if (at === -1 || !/^-[a-zA-Z]*$/.test(word.slice(0, at))) continue;
      return [at === word.length - 1 ? (operands[index + 1] ?? '') : word.slice(at + 1)];
    }
    return [];
  });
}

const has = (operands: readonly string[], pattern: RegExp): boolean =>
  operands.some((word) => pattern.test(word));

const removes: ChangesOf = (operands) =>
  each(filesOf(operands), has(operands, /^(-\w*[rR]|--recursive)/) ? 'tree' : 'file');
const removesTrees: ChangesOf = (operands) => each(filesOf(operands), 'tree');
const changes: ChangesOf = (operands) => each(filesOf(operands));
const changesWith =
  (option: RegExp): ChangesOf =>
  (operands) =>
    has(operands, option) ? changes(operands) : [];
const writesTo =
  (...options: readonly string[]): ChangesOf =>
  (operands) =>
    each(optionValues(operands, ...options));

function moves(operands: readonly string[]): Change[] {
  const files = filesOf(operands);
  const into = optionValues(operands, '-t', '--target-directory');
  const sources =
    into.length > 0 ? files.filter((file) => !into.includes(file)) : files.slice(0, -1);
  const targets = into.length > 0 ? into : files.slice(-1);
  return [
    ...each(sources, 'tree'),
    ...targets.flatMap((target) =>
      each([target, ...sources.map((source) => `${target}/${nameOf(source)}`)]),
    ),
  ];
}

const nameOf = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '');

function copies(operands: readonly string[]): Change[] {
  const files = filesOf(operands);
  const into = optionValues(operands, '-t', '--target-directory');
  const targets = into.length > 0 ? into : files.slice(-1);
  const sources = files.filter((file) => !targets.includes(file));
  const isWhole = has(operands, /^(-\w*[rRa]|--recursive|--archive)/);
  const written = targets.flatMap((target) =>
    sources.flatMap((from): Change[] => {
      // In a folder a copied file keeps its name; `x/.` is what lies in x.
      const isContents = /(^|\/)\.$/.test(from);
      const path = isContents ? target : `${target}/${nameOf(from)}`;
      return isWhole
        ? [
            { path, how: 'copy', from },
            { path: target, how: 'copy', from },
          ]
        : each([path]);
    }),
  );
  // What has another name for the same file changes with it.
  const linked = has(operands, /^(-\w*l\w*|--link)$/) ? each(sources) : [];
  return [...each(targets), ...written, ...linked];
}

/** What is fetched into a folder keeps the last name of its address. */
const fetchedInto = (folders: readonly string[], operands: readonly string[]): Change[] =>
  each(
    folders.flatMap((folder) =>
      filesOf(operands).map((address) => `${folder}/${nameOf(address.replace(/[?#].*$/, ''))}`),
    ),
  );

const RSYNC_VALUED =
  /^(-[ef]|--(exclude|include|filter|rsh|exclude-from|include-from|files-from|log-file|port|chmod|chown|bwlimit|timeout|max-size|min-size))$/;

function synchronizes(operands: readonly string[]): Change[] {
  if (has(operands, /^(-[a-zA-Z]*n[a-zA-Z]*|--dry-run|--list-only)$/)) return [];
  const plain = operands.filter((_, at) => !RSYNC_VALUED.test(operands[at - 1] ?? ''));
  const files = filesOf(plain).filter((file) => !/^[\w.@-]+:/.test(file));
  const target = files.at(-1);
  if (target === undefined || files.length < 2) return [];
  const how = has(operands, /^--del/) ? 'mirror' : 'copy';
  const without = optionValues(operands, '--exclude').map((name) => `*${name}*`);
  const isFound = has(operands, /^--remove-source-files/);
  return [
    ...each([target]),
    ...files.slice(0, -1).flatMap((from): Change[] => {
      const path = from.endsWith('/') ? target : `${target}/${nameOf(from)}`;
      return [
        { path, how, from, without },
        ...each([path]),
        ...(isFound ? each([from], 'tree') : []),
      ];
    }),
  ];
}

function archives(operands: readonly string[]): Change[] {
  const [mode = ''] = operands;
  const extracts = /^-?[a-zA-Z]*x/.test(mode) || has(operands, /^(--extract|--get|-x\w*)$/);
  const file = [
    ...optionValues(operands, '-f', '--file'),
    ...(/^[a-z]*f$/.test(mode) ? operands.slice(1, 2) : []),
  ];
  const folders = optionValues(operands, '-C', '--directory');
  const members = filesOf(operands.slice(1)).filter(
    (word) => !file.includes(word) && !folders.includes(word),
  );
  if (extracts)
    return [
      ...each(folders),
      ...each(members.flatMap((name) => [name, ...folders.map((at) => `${at}/${name}`)])),
    ];
  return [...each(file), ...(has(operands, /^--remove-files$/) ? each(members, 'tree') : [])];
}

/** A mode that takes away what the owner needs; anything else leaves a file usable. */
const TAKES_AWAY =
  /^([augo]*u[augo]*|a[ugo]*|)[-=][rwxXst]*$|^0?[0-5]?[0-7]{0,2}$|^[0-7]?[0-5][0-7]{2}$/;

function changesModes(operands: readonly string[]): Change[] {
  const [mode = '', ...rest] = operands.filter((word) => !/^-[RfvcHLP]+$/.test(word));
  const files = filesOf(rest);
  const takesAway = TAKES_AWAY.test(mode) && !/^[augo]*=?\+/.test(mode);
  // Whatever else is set on many files leaves ours usable.
  if (!takesAway) return each(files.filter((file) => !file.includes(ANY_DEPTH)));
  return [...each(files), ...each(files, 'tree')];
}

function edits(operands: readonly string[]): Change[] {
  const inPlace = has(operands, /^(-[a-zA-Z]*i|--in-place)/) ? changes(operands) : [];
  const writes = operands.flatMap((word) =>
    [...word.matchAll(/(?:^|[;\s/}])w\s+([^\s;]+)/g)].map((found) => found[1] ?? ''),
  );
  return [...inPlace, ...each(writes)];
}

/** `find` with an action. `changesOf` says what the program it runs does. */
function finds(operands: readonly string[]): Change[] {
  const found = foundBy(operands);
  const result: Change[] = each(optionValues(operands, '-fprint', '-fls', '-fprint0', '-fprintf'));
  if (operands.includes('-delete'))
    result.push(...found.map((each): Change => ({ ...each, how: 'file' })));
  for (const [index, word] of operands.entries()) {
    if (!/^-(exec|execdir|ok|okdir)$/.test(word)) continue;
    const rest = operands.slice(index + 1);
    const end = rest.findIndex((each) => each === ';' || each === '+' || each === '\\;');
    const [program = '', ...given] = end === -1 ? rest : rest.slice(0, end);
    for (const { path, without, only } of found) {
      const filled = given.map((each) => each.replaceAll('{}', path));
      const touched = changesOf(nameOf(program), filled);
      result.push(...touched.map((change) => ({ ...change, without, only })));
    }
  }
  return result;
}

const PROGRAMS: ReadonlyMap<string, ChangesOf> = new Map(
  Object.entries<ChangesOf>({
    ...all('rm srm shred unlink', removes),
    ...all('rmdir trash gio rimraf del-cli del', removesTrees),
    ...all('mv', moves),
    ...all(
      'tee truncate chattr setfacl touch sponge patch ed ex vi vim nvim nano emacs link ln',
      changes,
    ),
    ...all(
      'mkfifo mknod fallocate mount umount rename prename gzip gunzip bzip2 xz zstd dos2unix unix2dos',
      changes,
    ),
    ...all('chmod', changesModes),
    // Whoever owns many files is mostly who owned them before.
    ...all('chown chgrp', (operands) =>
      changes(operands).filter(({ path }) => !path.includes(ANY_DEPTH)),
    ),
    ...all('cp install scp ditto', copies),
    ...all('rsync', synchronizes),
    ...all('sed gsed', edits),
    ...all('perl ruby', changesWith(/^-[a-zA-Z0]*i/)),
    ...all('awk gawk', changesWith(/^(-i|--in-?place|inplace)$/)),
    ...all(
      'yq jq prettier eslint biome black ruff',
      changesWith(/^(-i|-\w*i\w*|--in-?place|--write|--fix)$/),
    ),
    ...all('curl', (operands) => [
      ...writesTo('-o', '--output')(operands),
      ...fetchedInto(optionValues(operands, '--output-dir'), operands),
    ]),
    ...all('wget', (operands) => [
      ...writesTo('-O', '--output-document')(operands),
      ...fetchedInto(optionValues(operands, '-P', '--directory-prefix'), operands),
    ]),
    ...all(
      'sort shuf gcc cc clang g++ ld go rustc pandoc gpg xmllint tsc esbuild',
      writesTo('-o', '--output', '--outfile'),
    ),
    ...all('openssl', writesTo('-out')),
    ...all('tar bsdtar', archives),
    ...all('unzip 7z', (operands) => [
      ...each(optionValues(operands, '-d')),
      ...each(filesOf(operands).slice(1)),
    ]),
    ...all('zip', (operands) => [
      ...each(filesOf(operands).slice(0, 1)),
      ...(has(operands, /^(-[a-zA-Z]*m[a-zA-Z]*|--move)$/)
        ? each(filesOf(operands).slice(1), 'tree')
        : []),
    ]),
    ...all('split csplit', (operands) => [
      ...each(
        filesOf(operands)
          .slice(-1)
          .map((start) => `${start}*`),
      ),
      ...each(optionValues(operands, '-f', '--prefix').map((start) => `${start}*`)),
    ]),
    ...all('uniq xxd', (operands) => each(filesOf(operands).slice(1))),
    ...all('script', (operands) => each(filesOf(operands).slice(-1))),
    ...all('dd', (operands) =>
      each(operands.flatMap((word) => (word.startsWith('of=') ? [word.slice(3)] : []))),
    ),
    ...all('find', finds),
  }),
);

function all(names: string, does: ChangesOf): Record<string, ChangesOf> {
  return Object.fromEntries(words(names).map((name) => [name, does]));
}

/** What a program would change; nothing for one that is not known. */
export function changesOf(program: string, operands: readonly string[]): readonly Change[] {
  return PROGRAMS.get(program)?.(operands) ?? [];
}
