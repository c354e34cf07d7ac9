// The man page, made from the program's own definitions. Rule: no list of options is kept beside those.
import type { EventEmitter } from 'node:events';
import type { Command } from 'commander';

/** `tollgate.1` in the macros of man(7). */
export function manPage(program: Command, version: string): string {
  return [
    `.TH TOLLGATE 1 "" "tollgate ${version}" "User Commands"`,
    '.SH NAME',
    `tollgate \\- ${escaped('what a coding agent spends, and a halt before its ceiling')}`,
    '.SH SYNOPSIS',
    `.B tollgate`,
    escaped(program.usage()),
    '.SH DESCRIPTION',
    escaped(program.description()),
    '.SH OPTIONS',
    ...optionLines(program),
    '.SH COMMANDS',
    ...program.commands.flatMap(commandLines),
    '.SH NOTES',
    ...textLines(textAfter(program)),
    '',
  ].join('\n');
}

function commandLines(command: Command): string[] {
  return [
    `.SS ${escaped(`tollgate ${command.name()} ${command.usage()}`)}`,
    escaped(command.description()),
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .flatMap((argument) => termLines(argument.name(), argument.description)),
    ...optionLines(command),
    ...textLines(textAfter(command)),
  ];
}

function optionLines(command: Command): string[] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .flatMap((option) => termLines(help.optionTerm(option), help.optionDescription(option)));
}

const termLines = (term: string, description: string): string[] => [
  '.TP',
  `.B ${escaped(term)}`,
  escaped(description),
];

/** What `addHelpText` puts behind the options. */
function textAfter(command: Command): string {
  let text = '';
  // It is one, which its types do not say.
  (command as unknown as EventEmitter).emit('afterHelp', {
    error: false,
    command,
    write: (part: string) => {
      text += part;
    },
  });
  return text.trim();
}

/** Paragraphs are filled; indented lines stay as they are. */
function textLines(text: string): string[] {
  const lines: string[] = ['.PP'];
  let isFilled = true;
  for (const line of text.split('\n')) {
    const isText = !/^\s+\S/.test(line);
    if (isText !== isFilled) lines.push(isText ? '.fi' : '.nf');
    isFilled = isText;
    if (line.trim() === '') lines.push('.PP');
    else lines.push(escaped(line));
  }
  return isFilled ? lines : [...lines, '.fi'];
}

/** Text in which nothing is a request of troff. */
function escaped(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(\s*)([.'])/, '$1\\&$2')
    .replace(/[^\x00-\x7f]/gu, (letter) => `\\[u${codeOf(letter)}]`);
}

const codeOf = (letter: string): string =>
  (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
