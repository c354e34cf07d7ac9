// Our status line in a settings file: beside the one that was there, in the file that decides, and out again.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  installStatusLine,
  removeStatusLine,
  statusLinePath,
} from '../../../../../src/agents/claude-code/install/status-line.ts';
import {
  planStatusLine,
  planStatusLineRemoval,
  statusLineCommand,
} from '../../../../../src/agents/claude-code/install/status-line-text.ts';
import { personEnv } from '../../../../support/systems.ts';

const command = statusLineCommand('/usr/bin/node', "/opt/o'dd tollgate/dist/cli/main.js");
const settingsPath = '/x/settings.json';

const planned = (text: string | null, ours = command): string => {
  const plan = planStatusLine({ settingsPath, text, command: ours });
  if (!plan.ok) throw new Error(plan.problem.message);
  return plan.nextText;
};
const without = (text: string): string => {
  const plan = planStatusLineRemoval({ settingsPath, text });
  if (!plan.ok) throw new Error(plan.problem.message);
  return plan.nextText;
};
const commandIn = (text: string): string =>
  (JSON.parse(text) as { statusLine: { command: string } }).statusLine.command;

describe('the text', () => {
  test('is ours alone where there was none', () => {
    expect(JSON.parse(planned(null))).toEqual({ statusLine: { type: 'command', command } });
    expect(planned('{\n  "model": "opus" // mine\n}\n')).toMatch(
      /"model": "opus", \/\/ mine\n {2}"statusLine"/,
    );
  });

  test.each([
    ['a plain line', 'ccstatusline'],
    ['quotes of all kinds', `bash -c "echo 'it''s' \\"$HOME\\" \`date\`"`],
    ['our own words', `echo ' --beside nothing'`],
    ['several lines', 'echo a\necho b'],
  ])('keeps %s word for word', (_, theirs) => {
    const before = `{\n  // a remark\n  "statusLine": { "type": "command", "command": ${JSON.stringify(theirs)}, "padding": 0 }\n}\n`;
    const after = planned(before);
    expect(after).toContain('// a remark');
    expect(after).toContain('"padding": 0');
    expect(after).not.toBe(before);
    expect(planned(after)).toBe(after);
    expect(without(after)).toBe(before);
    // A node or a folder that moved: the line that was there is still the same.
    const moved = planned(after, statusLineCommand('/new/node', '/new/tollgate/dist/cli/main.js'));
    expect(without(moved)).toBe(before);
  });

  test('is gone again where it was alone', () => {
    const before = '{\n  "model": "opus"\n}\n';
    expect(without(planned(before))).toBe(before);
    expect(without(before)).toBe(before);
  });

  test('is refused where it cannot be understood', () => {
    expect(planStatusLine({ settingsPath, text: '{ "statusLine": "x" }', command }).ok).toBe(false);
    expect(planStatusLine({ settingsPath, text: '{ nonsense', command }).ok).toBe(false);
  });
});

describe('the file', () => {
  let root: string;
  const files = () => ({
    project: join(root, 'repo', '.claude', 'settings.json'),
    local: join(root, 'repo', '.claude', 'settings.local.json'),
    user: join(root, 'home', '.claude', 'settings.json'),
  });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const path = () => statusLinePath(join(root, 'repo'), personEnv(join(root, 'home')));
  const place = () => ({ settingsPath: path(), stateHome: join(root, 'state') });

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-line-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('is the one whose line is shown now', () => {
    expect(path()).toBe(files().user);
    write(files().project, '{ "statusLine": { "type": "command", "command": "theirs" } }');
    expect(path()).toBe(files().project);
    write(files().local, '{ "statusLine": { "type": "command", "command": "mine" } }');
    expect(path()).toBe(files().local);
    write(files().local, '{}');
    expect(path()).toBe(files().project);
  });

  test('is what it was, byte for byte, afterwards', () => {
    const before = '{"statusLine":{"type":"command","command":"ls \\u002fx"}, }\r\n';
    write(files().user, before);
    expect(installStatusLine({ ...place(), command }).kind).toBe('installed');
    expect(commandIn(readFileSync(files().user, 'utf8').replace(', }', '}'))).toContain(
      "--beside 'ls /x'",
    );
    expect(installStatusLine({ ...place(), command }).kind).toBe('unchanged');
    expect(removeStatusLine(place()).kind).toBe('restored');
    expect(readFileSync(files().user, 'utf8')).toBe(before);
    expect(removeStatusLine(place()).kind).toBe('nothing-to-remove');
  });

  test('keeps what somebody changed meanwhile', () => {
    write(files().user, '{\n  "model": "opus"\n}\n');
    installStatusLine({ ...place(), command });
    write(files().user, readFileSync(files().user, 'utf8').replace('opus', 'haiku'));
    expect(removeStatusLine(place()).kind).toBe('entries-removed');
    expect(readFileSync(files().user, 'utf8')).toBe('{\n  "model": "haiku"\n}\n');
  });

  test('is gone again when it was made for the line', () => {
    installStatusLine({ ...place(), command });
    expect(removeStatusLine(place())).toMatchObject({ kind: 'restored', fileRemoved: true });
    expect(path()).toBe(files().user);
  });
});
