// Commands that a program is handed in an option, and runs itself: `tar --to-command`, `split --filter`, vim's `-c '!…'`, sed's `e`. Rule: one
// line a program; what is in the value is read as a shell would.
import { optionValues } from './programs.ts';

type ScriptsOf = (operands: readonly string[]) => readonly string[];

const values =
  (...options: readonly string[]): ScriptsOf =>
  (operands) =>
    optionValues(operands, ...options);

/** Of values, those that a mark of the program's own makes a command. */
const marked =
  (mark: RegExp, ...options: readonly string[]): ScriptsOf =>
  (operands) =>
    optionValues(operands, ...options).flatMap((value) =>
      mark.test(value) ? [value.replace(mark, '')] : [],
    );

const PROGRAMS: ReadonlyMap<string, ScriptsOf> = new Map(
  Object.entries<ScriptsOf>({
    tar: (operands) => [
      ...optionValues(operands, '--to-command', '-I', '--use-compress-program', '--info-script'),
      ...marked(/^exec=/, '--checkpoint-action')(operands),
    ],
    split: values('--filter'),
    sort: values('--compress-program'),
    zip: (operands) => operands.filter((_, at) => operands[at - 1] === '-TT'),
    make: (operands) =>
      optionValues(operands, '--eval').map((text) => text.replace(/^[^;\n]*[;\n]\t?/, '')),
    gdb: marked(/^\s*(shell|!)\s*/, '-ex', '--eval-command', '-eval-command'),
    ...Object.fromEntries(
      ['vim', 'vi', 'nvim', 'ex', 'view'].map((name) => [
        name,
        (operands: readonly string[]) => [
          ...marked(/^:*\s*!/, '-c', '--cmd')(operands),
          ...operands.flatMap((word) => (/^\+:*!/.test(word) ? [word.replace(/^\+:*!/, '')] : [])),
        ],
      ]),
    ),
    sed: (operands) => operands.flatMap(runBySed),
    gsed: (operands) => operands.flatMap(runBySed),
    git: runByGit,
  }),
);

/** `1e command`, and what `s` puts in the place of something for its flag `e`. */
function runBySed(text: string): readonly string[] {
  const command = /(?:^|[;{}]|\d|\$|\/)\s*e\s+([^;]+)/.exec(text)?.[1];
  const replaced = /(?:^|[;{}\s\d])s([^\w\s])(?:(?!\1).)*\1((?:(?!\1).)*)\1[gpiIm\d]*e/.exec(
    text,
  )?.[2];
  return [command, replaced].filter((each) => each !== undefined);
}

/** Settings of git that are commands, as `git config` writes them, and addresses that are. */
function runByGit(operands: readonly string[]): readonly string[] {
  const at = operands.findIndex((word) =>
    /^(alias\..+|core\.(pager|editor|sshcommand|fsmonitor|askpass)|diff\.external|sequence\.editor|filter\..+\.(clean|smudge))$/i.test(
      word,
    ),
  );
  const value = operands.includes('config') && at >= 0 ? operands[at + 1] : undefined;
  const isAlias = operands[at]?.startsWith('alias.') === true;
  const set =
    value === undefined
      ? []
      : [isAlias ? value.replace(/^(!)?/, (_, own) => (own ? '' : 'git ')) : value];
  const addresses = operands.flatMap((word) =>
    word.startsWith('ext::') ? [word.slice('ext::'.length).replace(/% /g, ' ')] : [],
  );
  return [...set, ...addresses];
}

/** The scripts in a program's options; none for one that is not known. */
export const scriptsInOptions = (program: string, operands: readonly string[]): readonly string[] =>
  PROGRAMS.get(program)?.(operands) ?? [];
