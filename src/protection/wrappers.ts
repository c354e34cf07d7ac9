// Programs that only run another one (`sudo`, `env`, `timeout`, `xargs` …), taken off a command.
import { resolveFrom, type ShellCommand, UNKNOWN } from './shells/shell.ts';

/** A command without the programs that only run it. */
export interface PlainCommand {
  /** Name without its folder; empty: none. */
  readonly program: string;
  /** As it is written, with its folder. */
  readonly programPath: string;
  readonly operands: readonly string[];
  /** Variables set for it alone, as `NAME=value`. */
  readonly assigned: readonly string[];
  readonly folders: readonly string[];
}

/** Options that take a value, and how many operands come before the command. */
interface Wrapper {
  readonly valued?: RegExp;
  readonly skips?: number;
}

const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map(
  Object.entries<Wrapper>({
    ...wrappers(
      'nohup time command builtin setsid busybox toybox catchsegv fakeroot linux32 linux64 unshare firejail proot',
    ),
    ...wrappers(
      'ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 ld-linux.so.2 ld-musl-x86_64.so.1 caffeinate systemd-run',
    ),
    ...wrappers('npx bunx pnpx', { valued: /^(-p|--package)$/ }),
    sudo: { valued: /^-[ughpCDrtUT]$/ },
    doas: { valued: /^-[uC]$/ },
    env: { valued: /^-[uC]$/ },
    exec: { valued: /^-a$/ },
    nice: { valued: /^-n$/ },
    ionice: { valued: /^-[cnp]$/ },
    stdbuf: { valued: /^-[ioe]$/ },
    timeout: { valued: /^-[sk]$/, skips: 1 },
    chrt: { valued: /^-[TPD]$/, skips: 1 },
    taskset: { skips: 1 },
    flock: { valued: /^-[wE]$/, skips: 1 },
    setarch: { skips: 1 },
    prlimit: {},
    strace: { valued: /^-[eopsuEIOPS]$/ },
    ltrace: { valued: /^-[eopsuaFlnx]$/ },
    xargs: { valued: /^-[InPLdsEa]$/ },
    parallel: { valued: /^-[jNnILa]$/ },
  }),
);

function wrappers(names: string, wrapper: Wrapper = {}): Record<string, Wrapper> {
  return Object.fromEntries(names.split(' ').map((name) => [name, wrapper]));
}

/** `npm exec x`, `pnpm dlx x`, `poetry run x`: the words before the command are two. */
const TWO_WORDS =
  /^(npm (exec|x)|pnpm (exec|dlx)|yarn (exec|dlx)|bun x|uv run|poetry run|pipenv run)$/;
const MAX_WRAPPERS = 16;

const nameOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

export function unwrap({
  words,
  assigned: given,
  folders: from,
  piped,
}: ShellCommand): PlainCommand {
  let rest = words;
  let folders = from;
  const assigned = [...given];
  let added: readonly string[] | null = null;
  for (let count = 0; count < MAX_WRAPPERS; count += 1) {
    const name = nameOf(rest[0] ?? '');
    // A program that only running would tell may be nothing at all.
    if (name === UNKNOWN && rest.length > 1) {
      rest = rest.slice(1);
      continue;
    }
    if (TWO_WORDS.test(`${name} ${rest[1] ?? ''}`)) {
      rest = rest.slice(rest[2] === '--' ? 3 : 2);
      if (/^(-c|--call)$/.test(rest[0] ?? '')) rest = ['sh', '-c', ...rest.slice(1)];
      continue;
    }
    if (name === 'npx' && /^(-c|--call)$/.test(rest[1] ?? '')) {
      rest = ['sh', '-c', ...rest.slice(2)];
      break;
    }
    const wrapper = WRAPPERS.get(name);
    if (wrapper === undefined) break;
    let at = 1;
    for (; rest[at]?.startsWith('-') || /^[A-Za-z_]\w*=/.test(rest[at] ?? ''); at += 1) {
      const word = rest[at] ?? '';
      if (!word.startsWith('-')) assigned.push(word);
      const isFolder = name === 'env' && /^(-C|--chdir)/.test(word);
      if (isFolder)
        folders = folders.map((folder) =>
          resolveFrom(folder, word.split('=')[1] ?? rest[at + 1] ?? ''),
        );
      if (name === 'env' && /^(-S|--split-string)/.test(word)) {
        const line = /^-S.|=/.test(word) ? word.replace(/^-S|^[^=]*=/, '') : (rest[at + 1] ?? '');
        const next = /^-S.|=/.test(word) ? at + 1 : at + 2;
        rest = ['env', ...line.trim().split(/\s+/), ...rest.slice(next)];
        at = 1;
        break;
      }
      if (wrapper.valued?.test(word) || word === '--chdir') at += 1;
    }
    rest = rest.slice(at + (wrapper.skips ?? 0));
    if (name === 'xargs' || name === 'parallel') added = piped;
  }
  const [programPath = '', ...operands] = rest;
  const filled = added === null ? operands : filledIn(operands, added);
  return { program: nameOf(programPath), programPath, operands: filled, assigned, folders };
}

/** What `xargs` hands on comes last, or where the braces are. */
function filledIn(operands: readonly string[], added: readonly string[]): readonly string[] {
  if (!operands.some((word) => word.includes('{}'))) return [...operands, ...added];
  return operands.flatMap((word) =>
    word.includes('{}') ? added.map((each) => word.replaceAll('{}', each)) : [word],
  );
}
