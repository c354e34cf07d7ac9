// Odd trees of folders: whatever lies among the transcripts, everything that can be read is counted once, and the rest is told.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { CLI } from '../support/tollgate.ts';
import { response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
let projects: string;

beforeEach(async () => {
  sandbox = await createSandbox();
  projects = join(sandbox.home, '.claude', 'projects');
});
afterEach(async () => {
  eachBelow(sandbox.home, (path, isFolder) => chmodSync(path, isFolder ? 0o755 : 0o644));
  await sandbox.cleanup();
});

interface Sync {
  readonly sessionCount: number;
  readonly newRequestCount: number;
  readonly unreadableCount: number;
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
}

/** What a sync of the sandbox answers; as nobody where the tests are root, whom no mode keeps out. */
function sync(env: Record<string, string> = {}, ...words: string[]) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    for (const folder of [sandbox.root, sandbox.home]) chownSync(folder, 65_534, 65_534);
    eachBelow(sandbox.home, (path) => chownSync(path, 65_534, 65_534));
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [CLI, 'sync', '--json', ...words],
    {
      ...{ env: sandbox.env(env), cwd: sandbox.home, encoding: 'utf8', timeout: 20_000 },
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    },
  );
  return { status, stderr, told: stdout === '' ? null : (JSON.parse(stdout) as Sync) };
}

function eachBelow(folder: string, act: (path: string, isFolder: boolean) => void): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isSymbolicLink() || stat.isSocket()) continue;
    act(path, stat.isDirectory());
    if (stat.isDirectory()) eachBelow(path, act);
  }
}

/** A transcript of so many requests, below `projects` unless it says where. */
function write(file: string, count = 1, folder = projects): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  const lines = Array.from({ length: count }, (_, at) =>
    response({ id: `${file}-${at}`, at, session: file }),
  );
  writeFileSync(path, lines.join(''));
  return path;
}

const folder = (...parts: string[]): string => {
  const path = join(projects, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
};
const elsewhere = (...parts: string[]): string => join(sandbox.home, 'elsewhere', ...parts);

/** What is made beside one good session of two requests; how many requests that adds, and the codes that are told. */
type Tree = readonly [
  name: string,
  make: () => unknown,
  requestCount: number,
  codes?: readonly string[],
];

const TREES: readonly Tree[] = [
  ['nothing else', () => {}, 0],
  [
    'a linked project',
    () => [
      write('-a/s2.jsonl', 3, elsewhere()),
      symlinkSync(elsewhere('-a'), join(projects, '-a')),
    ],
    3,
  ],
  [
    'a linked transcript',
    () => [
      write('s2.jsonl', 3, elsewhere()),
      symlinkSync(elsewhere('s2.jsonl'), join(folder('-a'), 's2.jsonl')),
    ],
    3,
  ],
  [
    'a linked transcript under another name',
    () => [
      write('blob', 3, elsewhere()),
      symlinkSync(elsewhere('blob'), join(folder('-a'), 's2.jsonl')),
    ],
    3,
  ],
  [
    'a linked transcript with subagents beside it',
    () => [
      write('s2.jsonl', 1, elsewhere()),
      write('s2/subagents/agent-1.jsonl', 2, elsewhere()),
      symlinkSync(elsewhere('s2.jsonl'), join(folder('-a'), 's2.jsonl')),
    ],
    3,
  ],
  [
    'projects as a link',
    () => [
      mkdirSync(elsewhere(), { recursive: true }),
      renameSync(projects, elsewhere('p')),
      symlinkSync(elsewhere('p'), projects),
    ],
    0,
  ],
  [
    'everything behind a link',
    () => [
      renameSync(join(sandbox.home, '.claude'), join(sandbox.home, 'c')),
      symlinkSync('c', join(sandbox.home, '.claude')),
    ],
    0,
  ],
  [
    'one folder by three links',
    () => [
      write('-a/s2.jsonl', 3, elsewhere()),
      ['x', 'y', 'z'].map((name) => symlinkSync(elsewhere('-a'), join(projects, name))),
    ],
    3,
  ],
  [
    'a link to a link',
    () => [
      write('-a/s2.jsonl', 3, elsewhere()),
      symlinkSync(elsewhere('-a'), elsewhere('b')),
      symlinkSync(elsewhere('b'), join(projects, 'c')),
    ],
    3,
  ],
  [
    'a transcript and a link to it',
    () => symlinkSync(join(projects, '-good', 's1.jsonl'), join(folder('-a'), 's1.jsonl')),
    0,
  ],
  [
    'a transcript under two names',
    () => linkSync(join(projects, '-good', 's1.jsonl'), join(folder('-a'), 'copy.jsonl')),
    0,
  ],
  [
    'a transcript that is a link to itself',
    () => symlinkSync('s2.jsonl', join(folder('-a'), 's2.jsonl')),
    0,
    ['ELOOP'],
  ],
  [
    'two links to each other',
    () => [symlinkSync('b', join(projects, 'a')), symlinkSync('a', join(projects, 'b'))],
    0,
    ['ELOOP', 'ELOOP'],
  ],
  ['a link to its own folder', () => symlinkSync('.', join(folder('-a'), 'again')), 0],
  ['a link to the folder above', () => symlinkSync('..', join(folder('-a'), 'up')), 0],
  [
    'a link out to the home folder',
    () => symlinkSync(sandbox.home, join(folder('-a'), 'home')),
    0,
    ['ELOOP'],
  ],
  [
    'a link to the root of the machine',
    () => symlinkSync('/', join(projects, 'root')),
    0,
    ['ELOOP'],
  ],
  [
    'a transcript that is a link to nothing',
    () => symlinkSync('/nowhere', join(folder('-a'), 's2.jsonl')),
    0,
    ['ENOENT'],
  ],
  [
    'a project that is a link to nothing',
    () => symlinkSync('/nowhere', join(projects, '-a')),
    0,
    ['ENOENT'],
  ],
  [
    'a project that cannot be opened',
    () => [write('-a/s2.jsonl'), chmodSync(folder('-a'), 0)],
    0,
    ['EACCES'],
  ],
  [
    'a project that can be listed and not entered',
    () => [write('-a/s2.jsonl'), chmodSync(folder('-a'), 0o444)],
    0,
    ['EACCES'],
  ],
  [
    'a project that can be entered and not listed',
    () => [write('-a/s2.jsonl'), chmodSync(folder('-a'), 0o111)],
    0,
    ['EACCES'],
  ],
  ['a transcript that cannot be read', () => chmodSync(write('-a/s2.jsonl'), 0), 0, ['EACCES']],
  [
    'a transcript that can only be written',
    () => chmodSync(write('-a/s2.jsonl'), 0o222),
    0,
    ['EACCES'],
  ],
  [
    'a session folder that cannot be opened',
    () => [write('-good/s1/subagents/agent-1.jsonl'), chmodSync(folder('-good', 's1'), 0)],
    0,
    ['EACCES'],
  ],
  [
    'subagents that cannot be listed',
    () => [
      write('-good/s1/subagents/agent-1.jsonl'),
      chmodSync(folder('-good', 's1', 'subagents'), 0),
    ],
    0,
    ['EACCES'],
  ],
  [
    'a subagent that cannot be read',
    () => [
      write('-good/s1/subagents/agent-1.jsonl', 2),
      chmodSync(write('-good/s1/subagents/agent-2.jsonl'), 0),
    ],
    2,
    ['EACCES'],
  ],
  [
    'a subagent that is a link to itself',
    () => symlinkSync('agent-1.jsonl', join(folder('-good', 's1', 'subagents'), 'agent-1.jsonl')),
    0,
    ['ELOOP'],
  ],
  [
    'subagents behind a link',
    () => [
      write('agent-1.jsonl', 2, elsewhere('sub')),
      symlinkSync(elsewhere('sub'), join(folder('-good', 's1'), 'subagents')),
    ],
    2,
  ],
  [
    'nested subagents with a loop',
    () => [
      write('-good/s1/subagents/flow/agent-1.jsonl', 2),
      symlinkSync('..', join(folder('-good', 's1', 'subagents', 'flow'), 'up')),
    ],
    2,
  ],
  ['an empty folder that is named like a transcript', () => folder('-a', 's2.jsonl'), 0],
  ['a transcript in a folder that is named like one', () => write('-a/s2.jsonl/s3.jsonl', 3), 3],
  [
    'a folder in the place of a main transcript',
    () => [folder('-a', 's2.jsonl'), write('-a/s2/subagents/agent-1.jsonl', 2)],
    2,
    ['NOT_A_FILE'],
  ],
  [
    'a pipe that is named like a transcript',
    () => spawnSync('mkfifo', [join(folder('-a'), 's2.jsonl')]),
    0,
    ['NOT_A_FILE'],
  ],
  [
    'a pipe among the subagents',
    () => spawnSync('mkfifo', [join(folder('-good', 's1', 'subagents'), 'agent-1.jsonl')]),
    0,
    ['NOT_A_FILE'],
  ],
  [
    'a link to a pipe',
    () => [
      spawnSync('mkfifo', [join(folder('-a'), 'pipe')]),
      symlinkSync('pipe', join(projects, '-a', 's2.jsonl')),
    ],
    0,
    ['NOT_A_FILE'],
  ],
  ['a pipe of another name', () => spawnSync('mkfifo', [join(folder('-a'), 'pipe')]), 0],
  ['only subagents left of a session', () => write('-a/s2/subagents/agent-1.jsonl', 2), 2],
  ['a packed transcript', () => write('-a/s2.jsonl.gz', 2), 0, ['PACKED_OR_RENAMED']],
  ['a transcript in capital letters', () => write('-a/S2.JSONL', 2), 0, ['PACKED_OR_RENAMED']],
  ['an empty transcript', () => writeFileSync(join(folder('-a'), 's2.jsonl'), ''), 0],
  [
    'names with anything in them',
    () => [
      write('-a b/s "2".jsonl', 1),
      write("-c\n'd/ß🙂.jsonl", 1),
      write('.hidden/s3.jsonl', 1),
    ],
    3,
  ],
  [
    'a name that is no text',
    () =>
      writeFileSync(
        Buffer.concat([
          Buffer.from(`${folder('-a')}/`),
          Buffer.from([0xff, 0xfe]),
          Buffer.from('.jsonl'),
        ]),
        response({ id: 'x' }),
      ),
    0,
    ['EILSEQ'],
  ],
  ['sixty folders deep', () => write(`${'d/'.repeat(60)}s2.jsonl`, 3), 3],
  [
    'a hundred links to one folder',
    () => [
      write('-a/s2.jsonl', 3, elsewhere()),
      Array.from({ length: 100 }, (_, at) =>
        symlinkSync(elsewhere('-a'), join(projects, `l${at}`)),
      ),
    ],
    3,
  ],
];

test('there are enough trees', () => expect(TREES.length).toBeGreaterThanOrEqual(30));

const CASES = TREES.map(([name, make, requestCount, codes = []]) => ({
  ...{ name, make, requestCount, codes },
}));

test.each(CASES)('$name', ({ make, requestCount, codes }) => {
  write('-good/s1.jsonl', 2);
  make();
  const { status, stderr, told } = sync();
  expect({ stderr: codes.length > 0 ? '' : stderr, told }).toMatchObject({
    stderr: '',
    told: { newRequestCount: 2 + requestCount, unreadableCount: codes.length },
  });
  expect(told?.unreadable.map(({ code }) => code)).toEqual(codes);
  expect(status).toBe(codes.length > 0 ? 1 : 0);
  for (const code of codes) expect(stderr).toContain(code);
  expect(stderr).not.toContain('bug');
  expect(sync().told).toMatchObject({ newRequestCount: 0, unreadableCount: codes.length });
});

test('a socket that is named like a transcript', async () => {
  write('-good/s1.jsonl', 2);
  // The path of a socket must be short.
  const server = createServer().listen(join(folder('-a'), 's.jsonl'));
  await new Promise((resolve) => server.once('listening', resolve));
  const { status, told } = sync();
  server.close();
  expect([status, told?.newRequestCount, told?.unreadable[0]?.code]).toEqual([1, 2, 'NOT_A_FILE']);
});

describe('what cannot be entered at the top', () => {
  test.each([
    ['projects', () => chmodSync(projects, 0), ['EACCES']],
    ['the folder of Claude Code', () => chmodSync(join(sandbox.home, '.claude'), 0), ['EACCES']],
  ])('%s', (_name, make, codes) => {
    write('-good/s1.jsonl', 2);
    make();
    const { status, told } = sync();
    expect(told?.unreadable.map(({ code }) => code)).toEqual(codes);
    expect(status).toBe(1);
  });

  test('a file in the place of projects is no folder with transcripts', () => {
    mkdirSync(dirname(projects), { recursive: true });
    writeFileSync(projects, '');
    const { status, stderr } = sync();
    expect([status, stderr]).toEqual([
      0,
      `tollgate: there are no transcripts below ${dirname(projects)}; CLAUDE_CONFIG_DIR names another folder\n`,
    ]);
  });
});

describe('CLAUDE_CONFIG_DIR', () => {
  const forms: readonly (readonly [string, number])[] = [
    ['HOME/a', 1],
    ['HOME/a/', 1],
    ['HOME/a/projects', 1],
    ['HOME/a/projects/', 1],
    ['~/a', 1],
    ['a', 1],
    ['./a', 1],
    ['b/../a', 1],
    ['HOME/a,HOME/b', 3],
    [' ~/a , b/ ,', 3],
    ['HOME/a,HOME/a,a,~/a/', 1],
    ['HOME/a/projects,~/b', 3],
    ['HOME/c,d', 4],
    ['HOME/a:HOME/b', 3],
    ['HOME/a;HOME/b\nHOME/flat', 8],
    ['HOME/flat', 5],
    ['HOME/linked', 1],
    ['HOME/a,HOME/linked', 1],
    ['', 6],
  ];
  test.each(forms)('%s', (form, requestCount) => {
    write('projects/-p/s1.jsonl', 1, join(sandbox.home, 'a'));
    write('projects/-p/s2.jsonl', 2, join(sandbox.home, 'b'));
    write('projects/-p/s4.jsonl', 4, join(sandbox.home, 'c,d'));
    write('-p/s5.jsonl', 5, join(sandbox.home, 'flat'));
    write('-p/s6.jsonl', 6);
    symlinkSync('a', join(sandbox.home, 'linked'));
    const { status, stderr, told } = sync({
      CLAUDE_CONFIG_DIR: form.replaceAll('HOME', sandbox.home),
    });
    expect([status, stderr, told?.newRequestCount]).toEqual([0, '', requestCount]);
  });

  test('a folder that is not there is named, and the others are read', () => {
    write('projects/-p/s1.jsonl', 1, join(sandbox.home, 'a'));
    const { status, stderr, told } = sync({ CLAUDE_CONFIG_DIR: '~/a,~/nope' });
    expect([status, told?.newRequestCount]).toEqual([0, 1]);
    expect(stderr).toBe(
      `tollgate: there are no transcripts below ${join(sandbox.home, 'nope')}, which is not there; CLAUDE_CONFIG_DIR names another folder\n`,
    );
  });
});

test('a folder named with --from that cannot be read is told as such', () => {
  const path = write('-a/s2.jsonl', 2, elsewhere());
  chmodSync(dirname(path), 0);
  const { status, told } = sync({}, '--from', elsewhere());
  expect([status, told?.unreadable[0]?.code]).toEqual([1, 'EACCES']);
  rmSync(elsewhere(), { recursive: true, force: true });
});
