import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { diffText } from '../../../../../src/agents/claude-code/install/diff.ts';
import {
  type EntryFacts,
  hookEntries,
  hookFilesIn,
  isOurHook,
} from '../../../../../src/agents/claude-code/install/hook-entries.ts';
import {
  planInstall,
  planUninstall,
} from '../../../../../src/agents/claude-code/install/settings-text.ts';
import { runs } from '../../../../support/runs.ts';
import { posixTest } from '../../../../support/systems.ts';

const facts: EntryFacts = {
  hookFiles: hookFilesIn('/opt/tollgate/dist/hooks'),
  nodePath: '/usr/bin/node',
  nodeVersion: '24.0.0',
  hostVersion: [2, 1, 330],
  envPath: '/usr/bin/env',
  extraCaCerts: false,
};
const entries = hookEntries(facts);
const place = { settingsPath: '/s/settings.json' };

function install(text: string | null, wanted = entries): string {
  const plan = planInstall({ ...place, text, hookEntries: wanted });
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  return plan.nextText;
}
function uninstall(text: string): string {
  const plan = planUninstall({ ...place, text });
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  return plan.nextText;
}
interface Settings {
  readonly hooks: Record<
    string,
    { matcher?: string; hooks: { command: string; args?: string[] }[] }[]
  >;
}
const read = (text: string) =>
  parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true }) as Settings;
const commands = (text: string, event: string) =>
  (read(text).hooks[event] ?? []).flatMap(({ hooks }) => hooks.map(({ command }) => command));

const own = (command: string) => ({ type: 'command', command });

describe('install', () => {
  test('into nothing', () => {
    const text = install(null);
    expect(Object.keys(read(text).hooks)).toEqual(entries.map(({ event }) => event));
    expect(text).toMatch(/^\{\n {2}"hooks": \{\n {4}"SessionStart": \[\n/);
    expect(text.endsWith('}\n')).toBe(true);
    expect(install('')).toBe(text);
  });

  test.each([
    ['comments', '{\n  // mine\n  "a": 1 // one\n  /* end */\n}\n'],
    ['CRLF', '{\r\n  "a": 1\r\n}\r\n'],
    ['tabs', '{\n\t"a": 1\n}\n'],
    ['four spaces', '{\n    "a": {\n        "b": []\n    }\n}'],
    ['trailing commas', '{\n  "a": [1,],\n}\n'],
    ['a byte order mark', '\uFEFF{\n  "a": 1\n}\n'],
    ['one line', '{"a":1,"b":{"c":2}}'],
    ['an empty list', '{\n  "hooks": {\n    "PreToolUse": []\n  }\n}'],
    ['empty hooks', '{ "hooks": {} }'],
    ['a comment in an empty object', '{\n  // nothing yet\n}\n'],
    ['a remark in a line', '{ /* nothing yet */ }'],
    ['a remark to the end', '{ "a": 1, // one\n  // more\n}'],
    [
      'another hook',
      `{\n  "hooks": {\n    "PreToolUse": [\n      {\n        "matcher": "Bash",\n        "hooks": [${JSON.stringify(own('./check'))}]\n      }\n    ]\n  }\n}\n`,
    ],
    [
      'another event',
      `{ "hooks": { "Notification": [ { "hooks": [${JSON.stringify(own('bell'))}] } ] } }`,
    ],
  ])('keeps %s', (_, text) => {
    const next = install(text);
    // All the characters of the original are there still, in their order.
    let at = 0;
    for (const char of text) {
      at = next.indexOf(char, at) + 1;
      expect(at).toBeGreaterThan(0);
    }
    expect(next.includes('\r\n')).toBe(text.includes('\r\n'));
    if (text.includes('\r\n')) expect(next.replaceAll('\r\n', '')).not.toContain('\n');
    for (const { event } of entries) expect(commands(next, event)).toContain('/usr/bin/node');
    expect(install(next)).toBe(next);
  });

  test('takes over the indentation that is there', () => {
    expect(install('{\n\t"a": 1\n}\n')).toContain(
      '\n\t"hooks": {\n\t\t"SessionStart": [\n\t\t\t{\n',
    );
    expect(install('{\r\n    "a": 1\r\n}')).toContain(
      '\r\n    "hooks": {\r\n        "SessionStart": [\r\n',
    );
    expect(install('{"a":1}')).not.toContain('\n');
  });

  test('a remark stays with the entry it stands behind', () => {
    expect(install('{\n  "a": 1 // one\n}')).toContain('"a": 1, // one\n  "hooks"');
    expect(install('{\n  "a": 1, // one\n}')).toContain('"a": 1, // one\n  "hooks"');
  });

  posixTest('a moved node or hook replaces our entries, in their place, and nothing else', () => {
    const foreign = JSON.stringify(own('./check'));
    const before = install(`{\n  "hooks": { "Stop": [ { "hooks": [${foreign}] } ] }\n}`);
    const moved = hookEntries({
      ...facts,
      nodePath: '/new/node',
      hookFiles: hookFilesIn('/new/dist/hooks'),
    });
    const after = install(before, moved);
    expect(after).toBe(
      before.replaceAll('/usr/bin/node', '/new/node').replaceAll('/opt/tollgate/dist', '/new/dist'),
    );
    expect(install(after, moved)).toBe(after);
  });

  test('an older client gets its own set; what it does not know goes', () => {
    const older = hookEntries({ ...facts, hostVersion: [2, 1, 140] });
    const text = install(install(null), older);
    expect(read(text).hooks).not.toHaveProperty('PostToolBatch');
    expect(text).not.toContain('onFailure');
    expect(commands(text, 'PostToolUse').length).toBe(1);
  });

  test('our hook in a list with another is renewed without touching the other', () => {
    const mixed = {
      hooks: {
        PreToolUse: [{ matcher: 'Bash', hooks: [own('a'), entries[2]?.group.hooks[0], own('b')] }],
      },
    };
    const text = install(JSON.stringify(mixed, null, 2));
    expect(read(text).hooks.PreToolUse).toEqual([
      { matcher: 'Bash', hooks: [own('a'), own('b')] },
      entries[2]?.group,
    ]);
  });

  test('entries of ours that stand there twice become one', () => {
    const group = entries[0]?.group;
    const text = install(JSON.stringify({ hooks: { SessionStart: [group, group, group] } }));
    expect(read(text).hooks.SessionStart).toEqual([group]);
  });

  test.each([
    ['cut off', '{\n  "a": 1', 'INVALID_JSON', 2],
    ['no comma', '{"a": 1\n"b": 2}', 'INVALID_JSON', 2],
    ['only a comment', '// nothing\n', 'INVALID_JSON', 2],
    ['a list', '[]', 'NOT_AN_OBJECT', 1],
    ['hooks as a list', '{\n "hooks": []}', 'HOOKS_OF_WRONG_TYPE', 2],
    ['hooks twice', '{"hooks": {},\n"hooks": {}}', 'HOOKS_OF_WRONG_TYPE', 2],
    ['an event as an object', '{"hooks": {\n"Stop": {}}}', 'HOOKS_OF_WRONG_TYPE', 2],
    ['a group as text', '{"hooks": {"Stop": [\n"x"]}}', 'HOOKS_OF_WRONG_TYPE', 2],
    ['a group without hooks', '{"hooks": {"Stop": [\n{"matcher":"*"}]}}', 'HOOKS_OF_WRONG_TYPE', 2],
  ])('refuses %s, with path, line and hint', (_, text, code, line) => {
    for (const plan of [
      planInstall({ ...place, text, hookEntries: entries }),
      planUninstall({ ...place, text }),
    ]) {
      expect(plan).toMatchObject({
        ok: false,
        problem: { code, path: place.settingsPath, at: { line } },
      });
      if (!plan.ok) expect(plan.problem.hint).not.toBe('');
    }
  });
});

describe('uninstall', () => {
  test('nothing of ours, nothing done', () => {
    expect(planUninstall({ ...place, text: null })).toMatchObject({ changed: false });
    expect(planUninstall({ ...place, text: '{ "hooks": { } }' })).toMatchObject({ changed: false });
  });

  test('another hook, added since, stays', () => {
    const text = install('{\n  "a": 1\n}\n').replace(
      '"Stop": [',
      `"Stop": [ // mine\n      { "hooks": [${JSON.stringify(own('./mine'))}] },`,
    );
    expect(uninstall(text)).toBe(
      `{\n  "a": 1,\n  "hooks": {\n    "Stop": [ // mine\n      { "hooks": [${JSON.stringify(own('./mine'))}] }\n    ]\n  }\n}\n`,
    );
  });

  test('a remark in what becomes empty stays', () => {
    expect(uninstall(install('{ "hooks": /* x */ {} }'))).toBe('{ "hooks": /* x */ {} }');
    const text = '{\n  "hooks": {\n    "Stop": [\n      // mine\n    ]\n  }\n}\n';
    expect(uninstall(install(text))).toBe(text);
  });

  test('entries written by hand, without the mark, are ours too when they lie in our folder', () => {
    expect(
      isOurHook({ type: 'command', command: 'node', args: ['/x/tollgate/dist/hooks/stop.cjs'] }),
    ).toBe(true);
    expect(isOurHook(own("'/usr/bin/node' '/my dir/dist/hooks/stop.cjs' --tollgate"))).toBe(true);
    expect(
      isOurHook({ type: 'command', command: 'node', args: ['/x/other/dist/hooks/stop.cjs'] }),
    ).toBe(false);
    expect(isOurHook(own('node /x/other/dist/hooks/stop.cjs'))).toBe(false);
    expect(isOurHook(own('tollgate status'))).toBe(false);
    expect(isOurHook({ type: 'http', url: 'tollgate/dist/hooks/stop.cjs' })).toBe(false);
    for (const odd of [null, 'x', 5, [], {}]) expect(isOurHook(odd)).toBe(false);
  });
});

/** Values as they stand in settings, printed in any formatting that is still JSON with comments. */
const space = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\n  ',
  '\r\n\t',
  ' /* x */ ',
  ' // y\n',
  '\n    // z "q", {\n  ',
);
const command = fc.constantFrom('./lint', 'echo "hi"', 'node /x/dist/hooks/stop.cjs').map(own);
const group = fc.record(
  { matcher: fc.constantFrom('Bash', '*'), hooks: fc.array(command, { maxLength: 2 }) },
  { requiredKeys: ['hooks'] },
);
const settings = fc.record(
  {
    model: fc.string(),
    permissions: fc.record({ deny: fc.array(fc.string()) }),
    hooks: fc.dictionary(
      fc.constantFrom('PreToolUse', 'Stop', 'Notification', 'PostToolUse'),
      fc.array(group, { maxLength: 3 }),
    ),
    env: fc.dictionary(fc.string(), fc.string()),
  },
  { requiredKeys: [] },
);
function print(value: unknown, next: () => string, trailing: boolean): string {
  const list = (open: string, items: string[], close: string) => {
    const body = items.map((item) => next() + item + next()).join(',');
    return open + body + (trailing && items.length > 0 ? `,${next()}` : next()) + close;
  };
  if (Array.isArray(value))
    return list(
      '[',
      value.map((item) => print(item, next, trailing)),
      ']',
    );
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}${next()}:${next()}${print(item, next, trailing)}`,
  );
  return list('{', pairs, '}');
}
const settingsText = fc
  .tuple(settings, fc.infiniteStream(space), fc.boolean(), fc.boolean())
  .map(([value, spaces, trailing, mark]) => {
    const next = () => spaces.next().value as string;
    return (mark ? '\uFEFF' : '') + next() + print(value, next, trailing) + next();
  });

test('whatever the formatting: ours go in once, come out again, and nothing else changes', () => {
  fc.assert(
    fc.property(settingsText, (text) => {
      const next = install(text);
      expect(install(next)).toBe(next);
      const found = Object.values(read(next).hooks).flatMap((groups) =>
        groups.flatMap(({ hooks }) => hooks.filter(isOurHook)),
      );
      expect(found.length).toBe(entries.length);
      const left = uninstall(next);
      expect(planUninstall({ ...place, text: left })).toMatchObject({ changed: false });
      expect(withoutEmpty(read(left))).toEqual(withoutEmpty(read(text)));
      for (const remark of text.match(/\/\* x \*\/|\/\/ [yz]/g) ?? [])
        expect(left).toContain(remark);
      // A remark never swallows what follows it.
      expect(next.split('// y').length).toBe(text.split('// y').length);
    }),
    { numRuns: runs(300) },
  );
});

function withoutEmpty(value: Partial<Settings>) {
  const { hooks = {}, ...rest } = value;
  const left = Object.entries(hooks).filter(([, groups]) => groups.length > 0);
  return { ...rest, hooks: Object.fromEntries(left) };
}

describe('entries', () => {
  const of = (more: Partial<EntryFacts>) => hookEntries({ ...facts, ...more });
  const hook = (event: string, more: Partial<EntryFacts> = {}) =>
    of(more).find((entry) => entry.event === event)?.group;

  posixTest('an entry is node, the hook, the mark, a timeout, and a stop when it fails', () => {
    expect(hook('PreToolUse')).toEqual({
      matcher: '*',
      hooks: [
        {
          type: 'command',
          command: '/usr/bin/node',
          args: ['/opt/tollgate/dist/hooks/pre-tool-use.cjs', '--tollgate'],
          timeout: 10,
          onFailure: 'block',
        },
      ],
    });
  });

  test('onFailure only where it does no harm and is heeded', () => {
    const blocking = of({}).filter(({ group: { hooks } }) => hooks[0].onFailure === 'block');
    expect(blocking.map(({ event }) => event)).toEqual([
      'UserPromptSubmit',
      'PreToolUse',
      'PostToolBatch',
      'SubagentStart',
      'PreCompact',
      'ConfigChange',
    ]);
    for (const hostVersion of [
      [2, 1, 144],
      [2, 1, 49],
    ] as const) {
      expect(JSON.stringify(of({ hostVersion }))).not.toContain('onFailure');
    }
    expect(hook('PreToolUse', { hostVersion: null })?.hooks[0].onFailure).toBe('block');
    expect(hook('PreToolUse', { hostVersion: [2, 1, 295] })?.hooks[0].onFailure).toBe('block');
  });

  test('PostToolBatch where it is known, else PostToolUse, never both', () => {
    for (const [hostVersion, event] of [
      [[2, 1, 330], 'PostToolBatch'],
      [[2, 1, 144], 'PostToolUse'],
      [null, 'PostToolUse'],
    ] as const) {
      const gates = of({ hostVersion }).filter((entry) => entry.event.startsWith('PostTool'));
      expect(gates.map((entry) => entry.event)).toEqual([event]);
    }
  });

  test('a matcher only where the event takes one', () => {
    const matched = of({ hostVersion: null }).filter((entry) => 'matcher' in entry.group);
    expect(matched.map(({ event }) => event)).toEqual(['PreToolUse', 'PostToolUse']);
  });

  posixTest('the shell form, quoted, for clients that know no other', () => {
    const hookFiles = hookFilesIn("/it's here/dist/hooks");
    const group = hook('Stop', { hostVersion: [2, 1, 100], hookFiles });
    expect(group?.hooks[0].command).toBe(
      "/usr/bin/node '/it'\\''s here/dist/hooks/stop.cjs' --tollgate",
    );
    expect(group?.hooks[0]).not.toHaveProperty('args');
    expect(isOurHook(group?.hooks[0])).toBe(true);
    expect(hook('Stop', { hostVersion: [2, 1, 139] })?.hooks[0]).toHaveProperty('args');
  });

  posixTest('Node 20 is kept from reading certificates at every start, where they are set', () => {
    const slow = { nodeVersion: '20.20.2', extraCaCerts: true };
    expect(hook('Stop', slow)?.hooks[0]).toMatchObject({
      command: '/usr/bin/env',
      args: [
        '-u',
        'NODE_EXTRA_CA_CERTS',
        '/usr/bin/node',
        '/opt/tollgate/dist/hooks/stop.cjs',
        '--tollgate',
      ],
    });
    for (const fine of [{ nodeVersion: '22.1.0' }, { extraCaCerts: false }, { envPath: null }]) {
      expect(hook('Stop', { ...slow, ...fine })?.hooks[0].command).toBe('/usr/bin/node');
    }
  });
});

test('a diff shows what changes, with three lines around it', () => {
  expect(diffText('a\n', 'a\n')).toBe('');
  const before = `${[1, 2, 3, 4, 5, 6, 7, 8, 9].join('\n')}\n`;
  expect(diffText(before, before.replace('5\n', 'five\nsix\n'), 'f')).toBe(
    '--- f\n+++ f\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+six\n 6\n 7\n 8\n',
  );
  expect(diffText('', 'a\nb\n', 'f')).toBe('--- f\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n');
  const far = diffText(before, before.replace('1\n', '').replace('9\n', ''), 'f');
  expect(far.match(/^@@/gm)?.length).toBe(2);
});
