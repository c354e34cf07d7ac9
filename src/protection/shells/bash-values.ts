// The values that the words of bash may have: variables, substitutions, braces. Rule: more than a word can hold becomes `ANYTHING`.
import {
  forEachChild,
  type ParameterExpansionPart,
  parse,
  type SyntaxNode,
  type Word,
  type WordPart,
} from 'unbash';
import { elementsOf, inOtherCase, integerOf, removed, replaced } from './bash-text.ts';
import { ANYTHING, type Budget, type ShellCommand, UNKNOWN } from './shell.ts';

/** Values of one word; where there are more, the part that multiplies them becomes `ANYTHING`. */
export const MAX_VALUES = 64;
const MAX_BRACE_DEPTH = 8;
/** How far a script has been read. */
export interface Reader {
  known: Map<string, readonly string[]>;
  folders: readonly string[];
  readonly aliases: Map<string, string>;
  readonly functions: Map<string, SyntaxNode>;
  readonly commands: ShellCommand[];
  /** Of these commands those that print where the part prints that is read now. */
  printing: ShellCommand[];
  readonly budget: Budget;
  calls: number;
  /** In how many substitutions the part is that is read now. */
  substitutions: number;
  hasErrors: boolean;
  /** Reads the commands of an expansion. */
  readonly readPart: (node: SyntaxNode) => void;
  /** What a substitution stands for. */
  readonly substitute: (script: SyntaxNode) => readonly string[];
}

export function setKnown(name: string, values: readonly string[], reader: Reader): void {
  reader.known.set(name, values.slice(0, MAX_VALUES * MAX_VALUES));
}

/** The words that a word becomes: what is expanded without quotes is split. */
export function wordsOf(word: Word, reader: Reader): string[] {
  const values = valuesOf(word, reader);
  const isSplit = word.parts?.some(({ type }) =>
    /^(Simple|Parameter|Command)Expansion$/.test(type),
  );
  return isSplit
    ? values.flatMap((value) => value.split(/\s+/).filter((each) => each !== ''))
    : values;
}

/** Every value that a word may have. Commands in its substitutions are read on the way. */
export function valuesOf(word: Word, reader: Reader, braceDepth = 0): string[] {
  const values = word.parts ? joined(word.parts, reader, braceDepth) : [word.value];
  for (const value of values) reader.budget.left -= value.length + 1;
  const home = /^~(?=\/|$)/.test(word.text) ? reader.known.get('HOME')?.[0] : undefined;
  return home === undefined ? values : values.map((value) => `${home}${value.slice(1)}`);
}

function joined(parts: readonly WordPart[], reader: Reader, braceDepth: number): string[] {
  let values = [''];
  for (const part of parts) {
    const found = partValues(part, reader, braceDepth);
    const endings =
      values.length * found.length > MAX_VALUES && values.length > 1 ? [ANYTHING] : found;
    values = values.flatMap((value) => endings.map((ending) => value + ending));
    if (values.some((value) => value.length > reader.budget.left)) {
      reader.budget.left = -1;
      return [UNKNOWN];
    }
  }
  return values;
}

function partValues(part: WordPart, reader: Reader, braceDepth: number): readonly string[] {
  switch (part.type) {
    case 'Literal':
    case 'Glob':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [part.value];
    case 'DoubleQuoted':
    case 'LocaleString':
      return joined(part.parts, reader, braceDepth);
    case 'ExtendedGlob':
      return [ANYTHING];
    case 'BraceExpansion':
      return braceValues(part.text, reader, braceDepth);
    case 'SimpleExpansion':
      return variableValues(part.text.slice(1), reader);
    case 'ParameterExpansion':
      return parameterValues(part, reader);
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      return part.script ? reader.substitute(part.script) : [UNKNOWN];
    case 'ArithmeticExpansion':
      forEachChild(part, (child) => reader.readPart(child));
      return [UNKNOWN];
  }
}

function variableValues(name: string, { known }: Reader): readonly string[] {
  const values = known.get(name) ?? [];
  return values.length > 0 ? values : [UNKNOWN];
}

function parameterValues(part: ParameterExpansionPart, reader: Reader): readonly string[] {
  const { operation, parameter, prefix } = part;
  const direct = variableValues(parameter, reader);
  const values =
    prefix === undefined
      ? direct
      : prefix === '!'
        ? direct.flatMap((name) => variableValues(name, reader))
        : [UNKNOWN];
  if (operation === undefined) return values;
  if (operation.type === 'Default') {
    const others = wordsOf(operation.operand, reader);
    if (operation.operator.includes('=')) setKnown(parameter, [...others, ...direct], reader);
    return values[0] === UNKNOWN && values.length === 1 ? others : [...values, ...others];
  }
  forEachChild(part, (child) => reader.readPart(child));
  return values.flatMap((value) =>
    value === UNKNOWN ? value : operated(value, operation, reader),
  );
}

type Operation = NonNullable<ParameterExpansionPart['operation']>;

/** Whether a pattern may still be matched: what that takes counts as so many characters, so that no command keeps the guard busy. */
function mayMatch({ length }: string, pattern: string, { budget }: Reader): boolean {
  const steps = length * pattern.length;
  budget.left -= Math.floor(pattern.includes('*') ? (steps * length) / 256 : steps / 32);
  return budget.left >= 0;
}

/** Values after `${x:1:2}`, `${x#a}`, `${x/a/b}` or `${x^}`. */
function operated(value: string, operation: Operation, reader: Reader): readonly string[] {
  const textOf = (word: Word | undefined): string =>
    word ? (valuesOf(word, reader)[0] ?? '') : '';
  switch (operation.type) {
    case 'Slice': {
      const from = integerOf(textOf(operation.offset));
      const length = operation.length ? integerOf(textOf(operation.length)) : value.length;
      if (Number.isNaN(from + length)) return [UNKNOWN];
      return [value.slice(from < 0 ? value.length + from : from).slice(0, length)];
    }
    case 'Remove': {
      const pattern = textOf(operation.operand);
      if (!mayMatch(value, pattern, reader)) return [UNKNOWN];
      return [removed(value, operation.operator, pattern)];
    }
    case 'Replace': {
      const [pattern, by] = [textOf(operation.pattern), textOf(operation.replacement)];
      if (!mayMatch(value, pattern, reader)) return [UNKNOWN];
      const replace = (each: (match: string) => string) =>
        replaced(value, operation.operator, pattern, each);
      // To bash 5.2 and later `&` is what matched.
      const also = by.includes('&') ? [replace((match) => by.replaceAll('&', match))] : [];
      return [replace(() => by), ...also];
    }
    case 'CaseModification': {
      const pattern = operation.operand ? textOf(operation.operand) : '?';
      if (!mayMatch(value, pattern, reader)) return [UNKNOWN];
      return [inOtherCase(value, operation.operator, pattern)];
    }
    case 'Transform': {
      const operator = { U: '^^', u: '^', L: ',,' }[textOf(operation.operand)];
      return [operator === undefined ? value : inOtherCase(value, operator)];
    }
    default:
      return [value];
  }
}

/** `{,.local}` is `` and `.local`; a sequence (`{1..9}`), or what is nested too deep, is `ANYTHING`. */
function braceValues(text: string, reader: Reader, depth: number): readonly string[] {
  const elements = depth < MAX_BRACE_DEPTH ? elementsOf(text.slice(1, -1)) : [];
  if (elements.length < 2 || elements.length > MAX_VALUES) return [ANYTHING];
  const values = elements.flatMap((element) => {
    if (!/[\\'"$`{~]/.test(element)) return [element];
    const command = parse(`_ ${element}`).commands[0]?.command;
    const word = command?.type === 'Command' ? command.args[0] : undefined;
    return word?.type === 'Word' ? valuesOf(word, reader, depth + 1) : [UNKNOWN];
  });
  return values.length > MAX_VALUES ? [ANYTHING] : values;
}
