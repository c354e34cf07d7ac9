// The text of a settings file with our hooks, and without them. Rule: pure; everything that is not ours stays as it is,
// byte for byte, and a text that cannot be understood is not touched.

import { isDeepStrictEqual } from 'node:util';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { isOurHook } from './hook-entries.ts';
import type { HookEntry } from './hook-entry.ts';
import { append, remove, replace } from './settings-splice.ts';

/** Why a settings file cannot be edited; nothing is written then. */
export interface SettingsProblem {
  readonly code:
    | 'INVALID_JSON'
    | 'NOT_AN_OBJECT'
    | 'HOOKS_OF_WRONG_TYPE'
    | 'NOT_UTF8'
    | 'READ_ONLY'
    | 'LOCKED'
    | 'CHANGED_MEANWHILE'
    | 'UNREADABLE'
    | 'UNWRITABLE'
    | 'UNEXPECTED';
  /** The settings file. */
  readonly path: string;
  /** Where in its text, from 1; `null` for the file as a whole. */
  readonly at: { readonly line: number; readonly column: number } | null;
  readonly message: string;
  readonly hint: string;
}

/** The text as it would be, or why there is none. */
export type PlannedText =
  | { readonly ok: true; readonly nextText: string; readonly changed: boolean }
  | { readonly ok: false; readonly problem: SettingsProblem };

/** A settings file as it is; `text` is `null` when there is none. */
export interface SettingsText {
  readonly settingsPath: string;
  readonly text: string | null;
}

/** The text with exactly these entries of ours; the same text again when they are there already. */
export function planInstall(
  settings: SettingsText & { readonly hookEntries: readonly HookEntry[] },
): PlannedText {
  return plan(settings, settings.hookEntries);
}

/** The text without any entry of ours; `changed` is false when there was none. */
export function planUninstall(settings: SettingsText): PlannedText {
  if (settings.text === null) return { ok: true, nextText: '', changed: false };
  return plan(settings, []);
}

/** Whether a text holds an entry of ours; false for a text that cannot be understood. */
export function holdsOurHooks(text: string): boolean {
  const root = parseTree(withoutMark(text).body, [], { allowTrailingComma: true });
  return root !== undefined && !isDeepStrictEqual(plainValue(root), foreignPart(root));
}

const BOM = '\uFEFF';
/** More steps than any honest file takes: one for each entry that is added, replaced or removed. */
const MAX_STEPS = 1_000;

function plan(settings: SettingsText, wanted: readonly HookEntry[]): PlannedText {
  const { settingsPath } = settings;
  const { mark, body } = withoutMark(settings.text ?? '');
  const before = body.trim() === '' ? '{}\n' : body;
  const problem = problemOf(settingsPath, before);
  if (problem) return { ok: false, problem };
  let text = before;
  for (let step = 0; ; step += 1) {
    const next = nextText(text, wanted);
    if (next === null) break;
    if (step > MAX_STEPS) return unexpected(settingsPath);
    text = next;
  }
  if (!holdsTheSameAndOurs(before, text, wanted)) return unexpected(settingsPath);
  if (text === before) return { ok: true, nextText: settings.text ?? '', changed: false };
  return { ok: true, nextText: mark + text, changed: true };
}

function withoutMark(text: string): { readonly mark: string; readonly body: string } {
  return text.startsWith(BOM) ? { mark: BOM, body: text.slice(1) } : { mark: '', body: text };
}

/** One step nearer to what is wanted, or `null` when nothing is left to do. */
function nextText(text: string, wanted: readonly HookEntry[]): string | null {
  const root = tree(text);
  const hooks = child(root, 'hooks');
  if (hooks === undefined) {
    if (wanted.length === 0) return null;
    const events = Object.fromEntries(wanted.map(({ event, group }) => [event, [group]]));
    return append({ text, root, container: root }, events, 'hooks');
  }
  for (const { event, group } of wanted) {
    const groups = child(hooks, event);
    if (groups === undefined) return append({ text, root, container: hooks }, [group], event);
    const next = withGroup(text, root, groups, group);
    if (next !== null) return next;
  }
  return withoutStrays(text, root, hooks, wanted);
}

/** Puts the group where ours is, or at the end of the list. */
function withGroup(text: string, root: Node, groups: Node, group: HookEntry['group']) {
  const all = groups.children ?? [];
  if (all.some((one) => isDeepStrictEqual(plainValue(one), group))) return null;
  const place = { text, root, container: groups };
  const ours = all.find((one) => ourHooks(one).length > 0 && isOnlyOurs(one));
  return ours === undefined ? append(place, group) : replace(place, ours, group);
}

/** Removes one entry of ours that is not wanted where it is. */
function withoutStrays(text: string, root: Node, hooks: Node, wanted: readonly HookEntry[]) {
  for (const property of hooks.children ?? []) {
    const groups = property.children?.[1];
    if (groups?.type !== 'array') continue;
    const event = String(property.children?.[0]?.value);
    const group = wanted.find((entry) => entry.event === event)?.group;
    const all = groups.children ?? [];
    const kept = all.find((one) => isDeepStrictEqual(plainValue(one), group));
    const stray = all.find((one) => one !== kept && ourHooks(one).length > 0);
    if (stray === undefined) continue;
    if (!isOnlyOurs(stray)) return withoutHook(text, root, stray);
    // What our leaving makes empty goes too, outwards, as long as nobody has written a remark into it.
    const own = hooks.parent;
    const inList = { container: groups, node: stray };
    const inHooks = { container: hooks, node: property };
    const alone = all.length === 1 && !hasRemark(text, property, stray);
    const last = alone && hooks.children?.length === 1 && own && !hasRemark(text, own, property);
    const cut = last ? { container: root, node: own } : alone ? inHooks : inList;
    return remove({ text, root, container: cut.container }, cut.node);
  }
  return null;
}

/** Whether somebody's remark stands in `outer` beside `inner`; then `outer` stays, though it be empty. */
function hasRemark(text: string, outer: Node, inner: Node): boolean {
  const before = text.slice(outer.offset, inner.offset);
  const after = text.slice(inner.offset + inner.length, outer.offset + outer.length);
  return /\/[/*]/.test(before + after);
}

function withoutHook(text: string, root: Node, group: Node): string | null {
  const list = child(group, 'hooks');
  const [hook] = ourHooks(group);
  return list && hook ? remove({ text, root, container: list }, hook) : null;
}

function ourHooks(group: Node): Node[] {
  const hooks = child(group, 'hooks');
  if (hooks?.type !== 'array') return [];
  return (hooks.children ?? []).filter((hook) => isOurHook(plainValue(hook)));
}

function isOnlyOurs(group: Node): boolean {
  return ourHooks(group).length === (child(group, 'hooks')?.children ?? []).length;
}

function tree(text: string): Node {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root === undefined) throw new Error('a text that was checked does not parse');
  return root;
}

/** The value of a node, in plain objects, so that values can be compared with ours. */
function plainValue(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plainValue);
  if (node.type !== 'object') return node.value;
  const pairs = (node.children ?? []).map(({ children = [] }): [string, unknown] => {
    const [key, value] = children;
    return [String(key?.value), value === undefined ? undefined : plainValue(value)];
  });
  return Object.fromEntries(pairs);
}

/** The value of a key; the last one, as everybody reads it, when it is there twice. */
function child(object: Node, key: string): Node | undefined {
  if (object.type !== 'object') return undefined;
  return object.children?.findLast((one) => one.children?.[0]?.value === key)?.children?.[1];
}

/** The value without our hooks and without what their absence leaves empty. */
function foreignPart(root: Node): unknown {
  const value: unknown = plainValue(root);
  if (typeof value !== 'object' || value === null) return value;
  const { hooks, ...rest } = value as { hooks?: unknown };
  if (typeof hooks !== 'object' || hooks === null) return value;
  const events = Object.entries(hooks).map(([event, groups]) => [event, foreignGroups(groups)]);
  const left = events.filter(([, groups]) => !(Array.isArray(groups) && groups.length === 0));
  return left.length === 0 ? rest : { ...rest, hooks: Object.fromEntries(left) };
}

function foreignGroups(groups: unknown): unknown {
  if (!Array.isArray(groups)) return groups;
  return groups.flatMap((group: unknown) => {
    const hooks = (group as { hooks?: unknown } | null)?.hooks;
    if (!Array.isArray(hooks) || !hooks.some(isOurHook)) return [group];
    const left = hooks.filter((hook) => !isOurHook(hook));
    return left.length === 0 ? [] : [{ ...(group as object), hooks: left }];
  });
}

/** The last look before anything is written: all that is foreign is there still, and ours exactly once. */
function holdsTheSameAndOurs(before: string, after: string, wanted: readonly HookEntry[]): boolean {
  const errors: ParseError[] = [];
  const root = parseTree(after, errors, { allowTrailingComma: true });
  if (root === undefined || errors.length > 0) return false;
  if (!isDeepStrictEqual(foreignPart(tree(before)), foreignPart(root))) return false;
  const hooks = child(root, 'hooks');
  const found = (hooks?.children ?? []).flatMap((property) =>
    (property.children?.[1]?.children ?? []).flatMap(ourHooks),
  );
  return (
    found.length === wanted.length &&
    wanted.every(({ event, group }) =>
      (hooks && child(hooks, event)?.children)?.some((one) =>
        isDeepStrictEqual(plainValue(one), group),
      ),
    )
  );
}

function problemOf(path: string, text: string): SettingsProblem | null {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (root === undefined || first !== undefined) {
    const what = first ? printParseErrorCode(first.error) : 'NoValue';
    const reason = what.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    const hint = 'Mend the file by hand and run this again; nothing was written.';
    const at = positionAt(text, first?.offset ?? 0);
    return { code: 'INVALID_JSON', path, at, message: `Not valid JSON: ${reason}.`, hint };
  }
  if (root.type !== 'object') {
    const message = 'The settings are not an object.';
    const hint = 'A settings file is { … }; nothing was written.';
    return { code: 'NOT_AN_OBJECT', path, at: positionAt(text, root.offset), message, hint };
  }
  const wrong = nodeOfWrongType(root);
  if (wrong === null) return null;
  const at = positionAt(text, wrong.node.offset);
  const message = `"${wrong.name}" is not ${wrong.expected}; Claude Code would ignore the whole file.`;
  const hint = 'Mend it, or remove it, and run this again; nothing was written.';
  return { code: 'HOOKS_OF_WRONG_TYPE', path, at, message, hint };
}

function nodeOfWrongType(root: Node) {
  const twice = (root.children ?? []).filter((one) => one.children?.[0]?.value === 'hooks');
  if (twice[1]) return { node: twice[1], name: 'hooks', expected: 'written once only' };
  const hooks = child(root, 'hooks');
  if (hooks === undefined) return null;
  if (hooks.type !== 'object') return { node: hooks, name: 'hooks', expected: 'an object' };
  for (const property of hooks.children ?? []) {
    const [key, groups] = property.children ?? [];
    const name = `hooks.${String(key?.value)}`;
    if (groups?.type !== 'array') return { node: property, name, expected: 'a list' };
    const bad = groups.children?.find((group) => child(group, 'hooks')?.type !== 'array');
    if (bad) return { node: bad, name, expected: 'a list of { "hooks": [ … ] }' };
  }
  return null;
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function unexpected(path: string): PlannedText {
  const message = 'The hooks could not be placed without touching something else.';
  const hint = 'Nothing was written. Add the hooks by hand: settings.example.json shows them.';
  return { ok: false, problem: { code: 'UNEXPECTED', path, at: null, message, hint } };
}
