// Completions for bash 3.2 and later.
import { type Completed, type CompletedOption, quoted } from './words.ts';

/** The script that bash sources. */
export function bashCompletions({ options, commands }: Completed): string {
  const names = commands.map(({ name }) => name);
  const values = commands.flatMap(({ name, options: own }) =>
    own.filter(({ takesValue }) => takesValue).map((option) => valueCase(name, option)),
  );
  const words = [
    wordsCase("''", [...names, ...flagsOf(options)]),
    ...commands.map((each) => wordsCase(each.name, [...each.words, ...flagsOf(each.options)])),
  ];
  return `# Completions of tollgate for bash. Made by: tollgate completions bash
_tollgate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --) return ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command:$prev in
${values.join('\n')}
  esac
  case $command in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _tollgate tollgate
`;
}

/** A value that has no list is completed as a file name. */
function valueCase(command: string, { flags, choices }: CompletedOption): string {
  const list =
    choices.length === 0
      ? ''
      : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur")); `;
  return `    ${flags.map((flag) => `${command}:${flag}`).join(' | ')}) ${list}return ;;`;
}

const wordsCase = (pattern: string, words: readonly string[]): string =>
  `    ${pattern}) words=${quoted(words.join(' '))} ;;`;

const flagsOf = (options: readonly CompletedOption[]): string[] =>
  options.flatMap(({ flags }) => flags);
