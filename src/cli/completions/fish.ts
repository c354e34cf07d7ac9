// Completions for fish 3 and later.
import { type Completed, type CompletedOption, quoted } from './words.ts';

/** The script that fish sources, or finds as `tollgate.fish` among its completions. */
export function fishCompletions({ options, commands }: Completed): string {
  const lines = [
    '# Completions of tollgate for fish. Made by: tollgate completions fish',
    ...options.map(
      (option) => `complete -c tollgate -n __fish_use_subcommand ${optionText(option)}`,
    ),
    ...commands.map(
      ({ name, summary }) =>
        `complete -c tollgate -n __fish_use_subcommand -f -a ${name} -d ${text(summary)}`,
    ),
    ...commands.flatMap(({ name, options: own, words }) => {
      const start = `complete -c tollgate -n '__fish_seen_subcommand_from ${name}'`;
      return [
        ...own.map((option) => `${start} ${optionText(option)}`),
        ...(words.length > 0 ? [`${start} -f -a ${text(words.join(' '))}`] : []),
      ];
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function optionText({ flags, summary, takesValue, choices }: CompletedOption): string {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const values = choices.length > 0 ? ` -x -a ${text(choices.join(' '))}` : takesValue ? ' -r' : '';
  return `${names.join(' ')}${values} -d ${text(summary)}`;
}

/** One word in single quotes, as fish escapes them. */
const text = (words: string): string =>
  quoted(words.replaceAll('\\', '\\\\')).replaceAll("'\\''", "\\'");
