// POSIX shells and bash, parsed by `unbash`. Rule: where a value is not certain, every value it may have counts.
import {
  type Assignment,
  type Command,
  type CommandNode,
  forEachChild,
  parse,
  type Redirection,
  type SyntaxNode,
} from 'unbash';
import { foundBy } from '../find.ts';
import { formatted, printedText } from './bash-text.ts';
import { MAX_VALUES, type Reader, setKnown, valuesOf, wordsOf } from './bash-values.ts';
import {
  ANY_DEPTH,
  resolveFrom,
  type ShellCommand,
  type ShellContext,
  type ShellScript,
  UNKNOWN,
} from './shell.ts';

/** Functions in functions, and aliases of aliases. */
const MAX_CALLS = 8;
/** Substitutions in each other; the parser bounds whatever else is nested. */
const MAX_SUBSTITUTIONS = 50;

/** What a command's standard input is known to be. */
interface Given {
  readonly items: readonly string[];
  readonly text: string | null;
}
const NOTHING: Given = { items: [], text: null };

export function readBash(text: string, context: ShellContext): ShellScript {
  const { variables, folders, budget } = context;
  const known = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined) known.set(name, [value]);
  }
  known.set('PWD', folders);
  known.set('IFS', [' ']);
  const reader: Reader = {
    ...{ known, folders, budget, aliases: new Map(), functions: new Map(), commands: [] },
    ...{ calls: 0, substitutions: 0, hasErrors: false, printing: [] },
    readPart: (node) => readNode(node, NOTHING, reader),
    substitute: (script) => substituted(script, reader),
  };
  budget.left -= text.length;
  if (budget.left >= 0) readNode(parse(text), NOTHING, reader);
  return reader;
}

function readNode(node: SyntaxNode, given: Given, reader: Reader): void {
  if (reader.budget.left < 0) return;
  switch (node.type) {
    case 'Command':
      readCommand(node, given, reader);
      return;
    case 'Pipeline':
      if (node.commands.length === 1) break;
      readPipeline(node.commands, given, reader);
      return;
    case 'Subshell':
      apart(reader, () => readNode(node.body, given, reader));
      return;
    case 'Function':
      reader.functions.set(node.name.value, node.body);
      return;
    case 'For':
    case 'Select':
      setKnown(
        node.name.value,
        (node.wordlist ?? []).flatMap((word) => wordsOf(word, reader)),
        reader,
      );
      readNode(node.body, given, reader);
      return;
    case 'Redirected': {
      const redirections = redirectionsOf(node.redirects, reader);
      const [text = given.text] = redirections.inputs;
      readNode(node.command, { items: [...given.items, ...redirections.items], text }, reader);
      const { outputs, inputs } = redirections;
      emit({ ...NO_COMMAND, outputs, inputs, folders: reader.folders }, reader);
      return;
    }
    case 'Script':
      reader.hasErrors ||= (node.errors?.length ?? 0) > 0;
  }
  forEachChild(node, (child) => readNode(child, given, reader));
}

const NO_COMMAND: Omit<ShellCommand, 'folders'> = {
  ...{ words: [], assigned: [], outputs: [], inputs: [], piped: [], printed: null },
};

function emit(command: ShellCommand, reader: Reader): void {
  reader.commands.push(command);
  reader.printing.push(command);
}

/** What a subshell does to folders and variables ends with it. */
function apart<T>(reader: Reader, work: () => T): T {
  const { folders, known } = reader;
  // Variables are copied only where there are few enough for it to cost nothing.
  if (known.size < 1_000 && reader.calls < MAX_CALLS) {
    reader.budget.left -= known.size;
    reader.known = new Map(known);
  }
  const result = work();
  reader.folders = folders;
  reader.known = known;
  return result;
}

function readPipeline(commands: readonly CommandNode[], first: Given, reader: Reader): void {
  let given = first;
  for (const command of commands) {
    const said = printedBy(command, given, reader);
    given = { items: [...given.items, ...said.items], text: said.text };
    reader.budget.left -= given.items.length;
  }
}

/** Reads a part of a script, and returns what it prints: as a whole where that is known, and the names that may be in it. */
function printedBy(node: SyntaxNode, given: Given, reader: Reader): Given {
  const first = reader.printing.length;
  apart(reader, () => readNode(node, given, reader));
  const commands = reader.printing.slice(first).filter(({ words }) => words.length > 0);
  const texts = commands.map(({ printed }) => printed);
  const items = commands.flatMap(({ words }) => itemsOf(words));
  reader.budget.left -= items.length;
  if (reader.budget.left < 0) return NOTHING;
  return { items, text: texts.includes(null) || texts.length === 0 ? null : texts.join('\n') };
}

function itemsOf(words: readonly string[]): readonly string[] {
  const [program = '', ...operands] = words;
  if (program === 'find') return foundBy(operands).map(({ path }) => path);
  // What git does not keep may be any file that lies there.
  if (program === 'git' && operands[0] === 'ls-files' && operands.some(isOthers))
    return othersIn(operands.slice(1));
  return operands;
}

/** What a `git ls-files --others` may list: all files, or those below plain paths that it is given. */
function othersIn(operands: readonly string[]): readonly string[] {
  const end = operands.indexOf('--');
  const paths = end === -1 ? [] : operands.slice(end + 1);
  const arePlain = paths.length > 0 && paths.every((path) => /^[^:*?[]+$/.test(path));
  const starts = arePlain ? paths : ['.'];
  return starts.flatMap((start) => [...(arePlain ? [start] : []), `${start}/${ANY_DEPTH}/*`]);
}

const isOthers = (word: string): boolean => /^(--others|-\w*o\w*)$/.test(word);

function readCommand(command: Command, given: Given, reader: Reader): void {
  const assignments = command.prefix.filter((each) => each.type === 'Assignment');
  const assigned = assignments.flatMap((each) => assign(each, command.name === undefined, reader));
  const words = commandWords(command, reader);
  const { outputs, inputs, items } = redirectionsOf(command.redirects, reader);
  const stdin: Given = { items: [...given.items, ...items], text: inputs[0] ?? given.text };
  const [program = ''] = words;
  if (callsOwn(program, words, stdin, reader)) {
    if (outputs.length > 0) emit({ ...NO_COMMAND, outputs, folders: reader.folders }, reader);
    return;
  }
  // Not spread from parts: long commands have thousands of these.
  emit(
    {
      words,
      assigned,
      outputs,
      inputs: stdin.text === null || inputs.length > 0 ? inputs : [stdin.text],
      piped: stdin.items,
      folders: reader.folders,
      printed: printedText(words, stdin.text),
    },
    reader,
  );
  applyBuiltin(program, words.slice(1), stdin, reader);
}

function commandWords({ name, args }: Command, reader: Reader): string[] {
  const words: string[] = [];
  for (const word of name ? [name, ...args] : args) {
    const values = word.type === 'Word' ? wordsOf(word, reader) : assign(word, true, reader);
    for (const value of values) words.push(value);
  }
  return words;
}

/** Reads the function or alias of this name; false when there is none. */
function callsOwn(
  program: string,
  words: readonly string[],
  given: Given,
  reader: Reader,
): boolean {
  const alias = reader.aliases.get(program);
  const body = alias === undefined ? reader.functions.get(program) : undefined;
  if ((alias === undefined && body === undefined) || reader.calls >= MAX_CALLS) return false;
  reader.calls += 1;
  if (alias !== undefined) {
    reader.budget.left -= alias.length;
    readNode(parse([alias, ...words.slice(1)].join(' ')), given, reader);
  } else if (body !== undefined) {
    reader.budget.left -= 100;
    setPositional(words.slice(1), reader);
    readNode(body, given, reader);
  }
  reader.calls -= 1;
  return true;
}

function setPositional(values: readonly string[], reader: Reader): void {
  for (const [index, value] of values.slice(0, 9).entries()) {
    reader.known.set(String(index + 1), [value]);
  }
  for (const name of ['@', '*']) reader.known.set(name, values);
}

/** What a command of the shell itself changes for those after it. */
function applyBuiltin(program: string, operands: readonly string[], stdin: Given, reader: Reader) {
  switch (program) {
    case 'cd':
    case 'pushd':
      return changeFolder(
        operands.find((word) => !/^-./.test(word)),
        reader,
      );
    case 'popd':
      return changeFolder('-', reader);
    case 'set':
      return setPositional(operands.slice(operands.indexOf('--') + 1), reader);
    case 'alias':
      for (const word of operands) {
        const at = word.indexOf('=');
        if (at > 0) reader.aliases.set(word.slice(0, at), word.slice(at + 1));
      }
      return;
    case 'read': {
      // What a loop reads line by line may be anything that the command before it names.
      const values = stdin.text === null ? stdin.items : stdin.text.split(/\s+/);
      for (const name of operands) if (/^\w+$/.test(name)) setKnown(name, values, reader);
      return;
    }
    case 'printf':
      if (operands[0] === '-v' && operands[1] !== undefined) {
        const text = formatted(operands.slice(2));
        setKnown(operands[1], [text ?? UNKNOWN], reader);
      }
  }
}

/** A folder that may not be there leaves the shell where it was. */
function changeFolder(path: string | undefined, reader: Reader): void {
  const { folders, known } = reader;
  const home = known.get('HOME')?.[0];
  const target = path ?? home;
  if (target === undefined || target.includes(UNKNOWN)) return;
  const old = known.get('OLDPWD') ?? folders;
  const next = target === '-' ? old : folders.map((folder) => resolveFrom(folder, target));
  // What is seen from a folder costs by its depth, and by the length of each part of it.
  for (const folder of next) reader.budget.left -= folder.length ** 2 / 4;
  known.set('OLDPWD', folders);
  // The first ones are the likely ones; of a loop that goes through folders not all need be followed.
  reader.folders = [...new Set(next)].slice(0, 4);
  known.set('PWD', reader.folders);
}

/** Sets a variable, if it `stays` set, and returns the assignment as words. */
function assign({ name, value, append }: Assignment, stays: boolean, reader: Reader): string[] {
  const elements = value.type === 'Word' ? [value] : value.elements;
  const added = elements.flatMap((word) => valuesOf(word, reader));
  const before = append ? (reader.known.get(name) ?? ['']) : [];
  const values =
    append && value.type === 'Word' && before.length * added.length <= MAX_VALUES
      ? before.flatMap((start) => added.map((end) => start + end))
      : [...before, ...added];
  for (const each of values) reader.budget.left -= each.length;
  if (stays) setKnown(name, values, reader);
  return values.map((each) => `${name}=${each}`);
}

function redirectionsOf(
  redirections: readonly Redirection[],
  reader: Reader,
): { outputs: string[]; inputs: string[]; items: string[] } {
  const found = { outputs: [] as string[], inputs: [] as string[], items: [] as string[] };
  for (const redirection of redirections) {
    if (redirection.type === 'HereDoc') {
      found.inputs.push(redirection.body.text);
      forEachChild(redirection.body, (part) => readNode(part, NOTHING, reader));
      continue;
    }
    const targets = redirection.target ? wordsOf(redirection.target, reader) : [];
    if (redirection.type === 'HereString') found.inputs.push(...targets);
    else if (redirection.operator.includes('>')) {
      found.outputs.push(...targets.filter((target) => !/^(\d+|-)$/.test(target)));
    } else found.items.push(...targets);
  }
  return found;
}

/** What a substitution stands for: its text where that is known, else anything, or a name that its commands are given. */
function substituted(script: SyntaxNode, reader: Reader): readonly string[] {
  if (reader.substitutions >= MAX_SUBSTITUTIONS) reader.budget.left = -1;
  if (reader.budget.left < 0) return [UNKNOWN];
  const first = reader.commands.length;
  // What it prints is a part of a command's words, and not printed beside that command's own output.
  const { printing } = reader;
  reader.printing = [];
  reader.substitutions += 1;
  const { items, text } = printedBy(script, NOTHING, reader);
  reader.substitutions -= 1;
  reader.printing = printing;
  if (text !== null) return [text];
  const isWorkingFolder =
    reader.commands.length === first + 1 && reader.commands[first]?.words[0] === 'pwd';
  return isWorkingFolder ? reader.folders : [UNKNOWN, ...items];
}
