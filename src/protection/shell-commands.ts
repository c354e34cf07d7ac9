// The simple commands of a shell script, each with the words that a shell could make of it. Parsed by `unbash`. Rule: pure and
// bounded in time; where a value is not certain, every value it may have counts.
import {
  type Assignment,
  type Command,
  forEachChild,
  type ParameterExpansionPart,
  parse,
  type Redirection,
  type SyntaxNode,
  type Word,
  type WordPart,
} from 'unbash';

/** One simple command. */
export interface ShellCommand {
  /** Words without quotes, one for each value they may have; patterns stay as they are. Empty: assignments or output only. */
  readonly words: readonly string[];
  /** Variables that are set for this command alone, or from here on when it has no words. */
  readonly assigned: readonly string[];
  /** Files its output is sent to. */
  readonly outputs: readonly string[];
  /** Texts on its standard input: here-documents and here-strings. */
  readonly inputs: readonly string[];
  /** Operands of the commands whose output it reads. */
  readonly piped: readonly string[];
}

export interface ShellScript {
  /** In the order in which a shell meets them; those of a substitution before the command that holds it. */
  readonly commands: readonly ShellCommand[];
  /** Part of the text is no shell that can be parsed. */
  readonly hasErrors: boolean;
}

/** How many characters the words of a script, and of the scripts in it, may still have; below 0: commands are missing. */
export interface Budget {
  left: number;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Stands for what only running the script would tell. */
export const UNKNOWN = '\u0001';

export const newBudget = (): Budget => ({ left: 2 * 1024 * 1024 });

/** Values of one word; where there are more, the part that multiplies them becomes `*`. */
const MAX_VALUES = 64;
const MAX_BRACE_DEPTH = 8;

interface Reader {
  readonly known: Map<string, readonly string[]>;
  readonly commands: ShellCommand[];
  readonly budget: Budget;
  hasErrors: boolean;
}

/** Reads a script. Never throws; `variables` are those of the shell that would run it. */
export function parseCommands(text: string, variables: Variables, budget: Budget): ShellScript {
  const known = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined) known.set(name, [value]);
  }
  const reader: Reader = { known, commands: [], budget, hasErrors: false };
  budget.left -= text.length;
  if (budget.left >= 0) readNode(parse(text), [], reader);
  return reader;
}

function readNode(node: SyntaxNode, piped: readonly string[], reader: Reader): void {
  if (reader.budget.left < 0) return;
  switch (node.type) {
    case 'Command':
      readCommand(node, piped, reader);
      return;
    case 'Pipeline': {
      let given = piped;
      for (const command of node.commands) {
        given = [...given, ...operandsOf(command, given, reader)];
        reader.budget.left -= given.length;
      }
      return;
    }
    case 'For':
    case 'Select':
      reader.known.set(
        node.name.value,
        (node.wordlist ?? []).flatMap((word) => valuesOf(word, reader)),
      );
      readNode(node.body, piped, reader);
      return;
    case 'Redirected':
      readNode(node.command, piped, reader);
      reader.commands.push({ ...NO_COMMAND, ...redirectionsOf(node.redirects, reader) });
      return;
    case 'Script':
      reader.hasErrors ||= (node.errors?.length ?? 0) > 0;
  }
  forEachChild(node, (child) => readNode(child, piped, reader));
}

const NO_COMMAND: ShellCommand = { words: [], assigned: [], outputs: [], inputs: [], piped: [] };

/** Reads a part of a script, and returns what its commands are given. */
function operandsOf(node: SyntaxNode, piped: readonly string[], reader: Reader): string[] {
  const first = reader.commands.length;
  readNode(node, piped, reader);
  return reader.commands.slice(first).flatMap(({ words }) => words.slice(1));
}

function readCommand(command: Command, piped: readonly string[], reader: Reader): void {
  const assignments = command.prefix.filter((each) => each.type === 'Assignment');
  for (const assignment of assignments) assign(assignment, command.name === undefined, reader);
  const words = [...(command.name ? [command.name] : []), ...command.args].flatMap((word) =>
    word.type === 'Word' ? valuesOf(word, reader) : assign(word, true, reader),
  );
  // What a loop reads line by line may be anything that the command before it names.
  if (words[0] === 'read') for (const name of words.slice(1)) reader.known.set(name, piped);
  reader.commands.push({
    ...redirectionsOf(command.redirects, reader),
    words,
    assigned: assignments.map(({ name }) => name),
    piped,
  });
}

/** Sets a variable, if it `stays` set, and returns the assignment as words. */
function assign({ name, value }: Assignment, stays: boolean, reader: Reader): string[] {
  const elements = value.type === 'Word' ? [value] : value.elements;
  const values = elements.flatMap((word) => valuesOf(word, reader));
  if (stays) reader.known.set(name, values);
  return values.map((each) => `${name}=${each}`);
}

function redirectionsOf(
  redirections: readonly Redirection[],
  reader: Reader,
): Pick<ShellCommand, 'outputs' | 'inputs'> {
  const outputs: string[] = [];
  const inputs: string[] = [];
  for (const redirection of redirections) {
    if (redirection.type === 'HereDoc') {
      inputs.push(redirection.body.text);
      forEachChild(redirection.body, (part) => readNode(part, [], reader));
      continue;
    }
    const targets = redirection.target ? valuesOf(redirection.target, reader) : [];
    if (redirection.type === 'HereString') inputs.push(...targets);
    else if (redirection.operator.includes('>')) {
      outputs.push(...targets.filter((target) => !/^(\d+|-)$/.test(target)));
    }
  }
  return { outputs, inputs };
}

/** Every value that a word may have. Commands in its substitutions are read on the way. */
function valuesOf(word: Word, reader: Reader, braceDepth = 0): string[] {
  const values = word.parts ? joined(word.parts, reader, braceDepth) : [word.value];
  for (const value of values) reader.budget.left -= value.length + 1;
  const home = /^~(?=\/|$)/.test(word.text) ? reader.known.get('HOME')?.[0] : undefined;
  return home === undefined ? values : values.map((value) => `${home}${value.slice(1)}`);
}

function joined(parts: readonly WordPart[], reader: Reader, braceDepth: number): string[] {
  let values = [''];
  for (const part of parts) {
    const found = partValues(part, reader, braceDepth);
    const endings = values.length * found.length > MAX_VALUES ? ['*'] : found;
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
      return ['*'];
    case 'BraceExpansion':
      return braceValues(part.text, reader, braceDepth);
    case 'SimpleExpansion':
      return variableValues(part.text.slice(1), reader);
    case 'ParameterExpansion':
      return parameterValues(part, reader);
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      // What it prints may be what its commands are given: `$(ls .claude/settings.json)`.
      return [UNKNOWN, ...(part.script ? operandsOf(part.script, [], reader) : [])];
    case 'ArithmeticExpansion':
      forEachChild(part, (child) => readNode(child, [], reader));
      return [UNKNOWN];
  }
}

function variableValues(name: string, { known }: Reader): readonly string[] {
  const values = known.get(name) ?? [];
  return values.length > 0 ? values : [UNKNOWN];
}

function parameterValues(part: ParameterExpansionPart, reader: Reader): readonly string[] {
  const { operation, parameter, prefix } = part;
  const values = prefix === undefined ? variableValues(parameter, reader) : [UNKNOWN];
  if (operation?.type !== 'Default') {
    forEachChild(part, (child) => readNode(child, [], reader));
    return values;
  }
  const others = valuesOf(operation.operand, reader);
  return values[0] === UNKNOWN && values.length === 1 ? others : [...values, ...others];
}

/** `{,.local}` is `` and `.local`; a sequence (`{1..9}`), or what is nested too deep, is `*`. */
function braceValues(text: string, reader: Reader, depth: number): readonly string[] {
  const elements = depth < MAX_BRACE_DEPTH ? elementsOf(text.slice(1, -1)) : [];
  if (elements.length < 2 || elements.length > MAX_VALUES) return ['*'];
  const values = elements.flatMap((element) => {
    if (!/[\\'"$`{~]/.test(element)) return [element];
    const command = parse(`_ ${element}`).commands[0]?.command;
    const word = command?.type === 'Command' ? command.args[0] : undefined;
    return word?.type === 'Word' ? valuesOf(word, reader, depth + 1) : [UNKNOWN];
  });
  return values.length > MAX_VALUES ? ['*'] : values;
}

/** Splits at the commas that are in no quotes and no inner braces. */
function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let [start, depth, quote] = [0, 0, ''];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\') at += 1;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '{' || char === '(') depth += 1;
    else if (char === '}' || char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      elements.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...elements, text.slice(start)];
}
