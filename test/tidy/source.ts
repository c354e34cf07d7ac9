// The source as a syntax tree, read once for all tidy tests: files, imports, functions and exports.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export const ROOT = join(import.meta.dirname, '..', '..');

/** One import, also `import('…')`, `require('…')` and `typeof import('…')`. */
export interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly to: string;
  readonly isType: boolean;
  /** Names taken from the other file; `null`: the whole of it. */
  readonly names: readonly string[] | null;
}

/** TypeScript and JavaScript below a folder, as paths from the root, in order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .sort();
}

const parsed = new Map<string, ts.SourceFile>();

/** A file's syntax tree; `file` is a path from the root. */
export function treeOf(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known) return known;
  const text = readFileSync(join(ROOT, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  parsed.set(file, tree);
  return tree;
}

/** Calls `visit` with every node below, outermost first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** All imports of a file. */
export function importsOf(from: string): Import[] {
  const found: Import[] = [];
  const add = (name: string, isType: boolean, names: readonly string[] | null) => {
    const to = name.startsWith('.') ? normalize(join(dirname(from), name)) : name;
    found.push({ from, to, isType, names });
  };
  walk(treeOf(from), (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const { importClause } = node;
      const bindings = importClause?.namedBindings;
      const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : null;
      const isType =
        importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ||
        (elements !== null && elements.length > 0 && elements.every((each) => each.isTypeOnly));
      const names = elements?.map(({ propertyName, name }) => (propertyName ?? name).text) ?? null;
      add(node.moduleSpecifier.text, isType, names);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      if (ts.isStringLiteral(node.moduleSpecifier)) {
        add(node.moduleSpecifier.text, node.isTypeOnly, null);
      }
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      const names = node.qualifier ? [node.qualifier.getText()] : null;
      if (ts.isStringLiteral(literal)) add(literal.text, true, names);
    } else if (ts.isCallExpression(node)) {
      const [argument] = node.arguments;
      const isImport =
        node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        node.expression.getText() === 'require';
      if (isImport && argument && ts.isStringLiteral(argument)) add(argument.text, false, null);
    }
  });
  return found;
}

/** The folder of `src` a file is in; a file directly in `src` is its own. */
export const folderOf = (file: string): string =>
  file.startsWith('src/') ? (file.split('/')[1] ?? '') : '';

/** A function with a name and its length in lines. */
export interface NamedFunction {
  readonly file: string;
  /** `outer.inner` for one inside another. */
  readonly name: string;
  readonly lineCount: number;
}

/** All functions of a file, also methods and those that a constant holds. */
export function functionsOf(file: string): NamedFunction[] {
  const tree = treeOf(file);
  const found: NamedFunction[] = [];
  const visit = (node: ts.Node, outer: string) => {
    let inner = outer;
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      inner = outer ? `${outer}.${nameOf(node)}` : nameOf(node);
      const [start, end] = [node.getStart(), node.getEnd()].map(
        (at) => tree.getLineAndCharacterOfPosition(at).line,
      );
      found.push({ file, name: inner, lineCount: (end ?? 0) - (start ?? 0) + 1 });
    }
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(tree, '');
  return found;
}

function nameOf(node: ts.Node): string {
  const named = node as { name?: ts.Node };
  if (named.name) return named.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) {
    return parent.name.getText();
  }
  return '(anonymous)';
}

/** What a file exports. */
export function exportsOf(file: string): { readonly name: string; readonly isType: boolean }[] {
  return treeOf(file).statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) {
      const { declarations } = statement.declarationList;
      return declarations.flatMap(({ name }) => {
        const names: readonly ts.Node[] = ts.isIdentifier(name) ? [name] : name.elements;
        return names.map((each) => ({ name: each.getText(), isType: false }));
      });
    }
    const { name } = statement as { name?: ts.Identifier };
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    return name ? [{ name: name.text, isType }] : [];
  });
}

/** What a list of offenders no longer needs: with this empty, a list can only shrink. */
export function stale(known: readonly string[], found: readonly string[]): string[] {
  return known.filter((each) => !found.includes(each));
}
