// What is needed of a parsed JSON text: values, positions, lines, repeated keys.
// Rule: pure; offsets are characters of the text that was parsed, lines and columns start at 1.
import type { Node } from 'jsonc-parser';
import type { Segments } from './layer.ts';

/** The value of a node. Objects have no prototype, so that a key `__proto__` is a key like any other. */
export function nodeValue(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(nodeValue);
  if (node.type !== 'object') return node.value;
  const object: Record<string, unknown> = Object.create(null);
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value !== undefined) object[String(key.value)] = nodeValue(value);
  }
  return object;
}

/** The node at a path, or the innermost one on the way to it; a mistake about what is missing is there. */
export function nodeAt(root: Node, segments: Segments): Node {
  let here = root;
  for (const segment of segments) {
    const next =
      typeof segment === 'number'
        ? here.type === 'array' && here.children?.[segment]
        : property(here, segment);
    if (!next) return here;
    here = next;
  }
  return here;
}

function property(object: Node, name: string): Node | undefined {
  if (object.type !== 'object') return undefined;
  return object.children?.findLast((child) => child.children?.[0]?.value === name)?.children?.[1];
}

/** Keys that stand twice in the same object, with the path of the second. */
export function repeatedKeys(
  node: Node,
  segments: Segments = [],
): { readonly segments: Segments; readonly key: string }[] {
  const children = node.children ?? [];
  if (node.type === 'array') {
    return children.flatMap((child, index) => repeatedKeys(child, [...segments, index]));
  }
  const seen = new Set<string>();
  return children.flatMap((child) => {
    const key = String(child.children?.[0]?.value);
    const value = child.children?.[1];
    const path = [...segments, key];
    const own = seen.has(key) ? [{ segments: path, key }] : [];
    seen.add(key);
    return value === undefined ? own : [...own, ...repeatedKeys(value, path)];
  });
}

/** Line and column of an offset. */
export function positionAt(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
