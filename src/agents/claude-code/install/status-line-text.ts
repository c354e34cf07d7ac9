// The text of a settings file with our status line in it, beside the one that was there. Rule: pure; what was there is
// kept word for word inside our command, so that taking ours out gives it back whatever has changed around it.
import { type Node, parseTree } from 'jsonc-parser';
import { MARK } from './hook-entries.ts';
import { append, remove, replace } from './settings-splice.ts';
import { type PlannedText, planUninstall, type SettingsText } from './settings-text.ts';

const KEY = 'statusLine';
const BESIDE = ' --beside ';

/** The command of our own line: this node, the built command line. Runs in a shell, as all status lines do. */
export function statusLineCommand(nodePath: string, cliFile: string): string {
  return [nodePath, cliFile].map(quoted).join(' ').concat(` statusline ${MARK}`);
}

/**
 * The text with our line: alone where there was none, else with the one that was there run beside it. The same text
 * again when ours is there already.
 */
export function planStatusLine(settings: SettingsText & { readonly command: string }): PlannedText {
  const { command, settingsPath } = settings;
  const found = read(settings);
  if ('problem' in found) return { ok: false, problem: found.problem };
  const { text, mark, root, node } = found;
  const place = { text, root, container: root };
  const done = (nextText: string): PlannedText =>
    nextText === text
      ? { ok: true, nextText: settings.text ?? '', changed: false }
      : { ok: true, nextText: mark + nextText, changed: true };
  if (node === undefined) return done(append(place, { type: 'command', command }, KEY));
  const current = commandOf(node);
  if (current === null) {
    const message = `"${KEY}" is not { "type": "command", "command": … }; Claude Code would not run it.`;
    const hint = 'Mend it, or remove it, and run this again; nothing was written.';
    return {
      ok: false,
      problem: { code: 'HOOKS_OF_WRONG_TYPE', path: settingsPath, at: null, message, hint },
    };
  }
  const theirs = isOurs(current.value) ? besideOf(current.value) : current.value;
  const wanted = theirs === null ? command : `${command}${BESIDE}${quoted(theirs)}`;
  if (wanted === current.value) return done(text);
  return done(replace({ ...place, container: node }, current.node, wanted));
}

/** The text without our line; the one that ran beside it stands alone again. */
export function planStatusLineRemoval(settings: SettingsText): PlannedText {
  if (settings.text === null) return { ok: true, nextText: '', changed: false };
  const found = read(settings);
  if ('problem' in found) return { ok: false, problem: found.problem };
  const { text, mark, root, node } = found;
  const current = node === undefined ? null : commandOf(node);
  if (node === undefined || current === null || !isOurs(current.value)) {
    return { ok: true, nextText: settings.text, changed: false };
  }
  const theirs = besideOf(current.value);
  const place = { text, root, container: root };
  const property = node.parent ?? node;
  const nextText =
    theirs === null
      ? remove(place, property)
      : replace({ ...place, container: node }, current.node, theirs);
  return { ok: true, nextText: mark + nextText, changed: true };
}

/** Whether a text holds our status line; false for a text that cannot be understood. */
export function holdsOurStatusLine(text: string): boolean {
  const root = parseTree(text.replace(BOM, ''), [], { allowTrailingComma: true });
  const node = root && statusLineIn(root);
  const current = node ? commandOf(node) : null;
  return current !== null && isOurs(current.value);
}

const BOM = '\uFEFF';

/** The parsed text, checked as installing hooks checks it. */
function read(settings: SettingsText) {
  // Taking no hooks out of it is a way of asking whether it can be understood.
  const checked = planUninstall(settings);
  if (!checked.ok) return { problem: checked.problem };
  const raw = settings.text ?? '';
  const mark = raw.startsWith(BOM) ? BOM : '';
  const body = raw.slice(mark.length);
  const text = body.trim() === '' ? '{}\n' : body;
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root === undefined) throw new Error('a text that was checked does not parse');
  return { text, mark, root, node: statusLineIn(root) };
}

/** The last one, as everybody reads it, when it is written twice. */
function statusLineIn(root: Node): Node | undefined {
  return root.children?.findLast((one) => one.children?.[0]?.value === KEY)?.children?.[1];
}

function commandOf(node: Node): { readonly node: Node; readonly value: string } | null {
  if (node.type !== 'object') return null;
  const fieldOf = (key: string) =>
    node.children?.findLast((one) => one.children?.[0]?.value === key)?.children?.[1];
  const command = fieldOf('command');
  if (fieldOf('type')?.value !== 'command' || typeof command?.value !== 'string') return null;
  return { node: command, value: command.value };
}

const OURS = new RegExp(
  `[\\\\/]dist[\\\\/]cli[\\\\/]main\\.js'? statusline(?: --segment)? ${MARK}(?:$| )`,
);

function isOurs(command: string): boolean {
  return OURS.test(command);
}

/** The command that runs beside ours; `null` when ours is alone. */
function besideOf(command: string): string | null {
  const at = command.indexOf(BESIDE);
  if (at < 0) return null;
  const word = command.slice(at + BESIDE.length);
  return word.slice(1, -1).replaceAll("'\\''", "'");
}

/** One word for any shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
