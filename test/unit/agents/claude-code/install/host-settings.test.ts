import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  readHookObstacles,
  refusalIn,
} from '../../../../../src/agents/claude-code/install/host-settings.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-settings-'));
  mkdirSync(join(root, '.claude'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const OURS =
  '{ "hooks": { "Stop": [ { "hooks": [ { "type": "command", "command": "node", "args": ["/x/.claude/tollgate-hook.cjs", "stop", "--tollgate"] } ] } ] } }';
function codes(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const env = { HOME: join(root, 'home') };
  return readHookObstacles(root, env, join(root, 'managed.json')).map(({ code }) => code);
}

test.each([
  [{}, []],
  [{ '.claude/settings.json': OURS }, []],
  [{ '.claude/settings.json': `${OURS} // ours` }, ['SETTINGS_SKIPPED']],
  [{ '.claude/settings.json': '{} // not ours' }, []],
  [{ '.claude/settings.local.json': '{"disableAllHooks":true}' }, ['HOOKS_DISABLED']],
  [{ 'managed.json': '{"allowManagedHooksOnly":true}' }, ['MANAGED_HOOKS_ONLY']],
  [{ '.claude/settings.json': '{"allowManagedHooksOnly":true}' }, []],
])('%j: %j', (files, expected) => {
  expect(codes(files as Record<string, string>)).toEqual(expected);
});

// As client 2.1.330 prints it.
const ANSWER = `Claude Code doctor

Running: native (2.1.330)

Invalid settings
- /repo/.claude/settings.json: Invalid or malformed JSON
- /home/dev/.claude/settings.json: model: Expected string

4 warnings found
- /repo/.claude/settings.local.json: no matter
`;

test('what claude doctor says of a file is found in its own section', () => {
  expect(refusalIn(ANSWER, '/repo/.claude/settings.json')).toBe('Invalid or malformed JSON');
  expect(refusalIn(ANSWER, '/home/dev/.claude/settings.json')).toBe('model: Expected string');
  expect(refusalIn(ANSWER, '/repo/.claude/settings.local.json')).toBeNull();
  expect(refusalIn('', '/repo/.claude/settings.json')).toBeNull();
});
