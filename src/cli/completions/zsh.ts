// Completions for zsh.
import { type Completed, type CompletedCommand, type CompletedOption, quoted } from './words.ts';

/** The script that zsh sources, or finds as `_tollgate` in a folder of `$fpath`. */
export function zshCompletions({ options, commands }: Completed): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef tollgate
# Completions of tollgate for zsh. Made by: tollgate completions zsh
_tollgate() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands
  commands=(
${described.join('\n')}
  )
  _arguments -C \\
${options.flatMap(optionSpecs).map(continued).join('')}    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $line[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _tollgate ]; then
  _tollgate "$@"
else
  compdef _tollgate tollgate
fi
`;
}

function commandCase({ name, options, words }: CompletedCommand): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    words.length > 0 ? quoted(`1:word:(${words.join(' ')})`) : quoted('*:argument:_default'),
  ];
  return `        ${name}) _arguments ${specs.join(' ')} ;;`;
}

function optionSpecs({ flags, summary, takesValue, choices }: CompletedOption): string[] {
  const text = summary.replace(/[\\[\]:]/g, '\\$&');
  const values = choices.length > 0 ? `(${choices.join(' ')})` : '_default';
  return flags.map((flag) => quoted(`${flag}[${text}]${takesValue ? `:value:${values}` : ''}`));
}

const continued = (spec: string): string => `    ${spec} \\\n`;
