// Who may import whom, which package lives where, and how files begin. Each failure says the remedy.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, folderOf, type Import, importsOf, ROOT, stale } from './source.ts';

const PURE = ['domain', 'periods', 'pricing', 'breakers', 'routing', 'plan'];
const DECIDING = [...PURE, 'protection', 'ingest', 'gate', 'errors.ts'];
/** For each folder of `src`, the folders it may import beside itself and the contracts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  periods: ['domain'],
  pricing: ['domain'],
  breakers: ['domain'],
  routing: ['domain'],
  plan: ['domain'],
  'errors.ts': [],
  runtime: ['domain', 'errors.ts'],
  agents: [...PURE, 'runtime', 'errors.ts'],
  alerts: [...PURE, 'digest', 'runtime', 'errors.ts'],
  attribution: [...PURE, 'runtime', 'errors.ts'],
  config: [...PURE, 'runtime', 'errors.ts'],
  reports: [...PURE, 'runtime', 'errors.ts'],
  stores: [...PURE, 'runtime', 'errors.ts'],
  digest: [...PURE, 'reports', 'errors.ts'],
  statements: [...PURE, 'reports', 'runtime', 'errors.ts'],
  projects: [...PURE, 'reports'],
  metrics: ['domain', 'reports'],
  exchange: ['domain', 'errors.ts'],
  team: [...PURE, 'stores', 'runtime', 'errors.ts'],
  protection: ['domain'],
  ingest: [...PURE, 'runtime', 'errors.ts'],
  gate: [...PURE, 'protection', 'ingest', 'runtime', 'errors.ts'],
  reconcile: [...PURE, 'ingest', 'errors.ts'],
  doctor: [...PURE, 'errors.ts'],
  'wire.ts': [...DECIDING, 'agents', 'attribution', 'config', 'stores', 'runtime', 'reconcile'],
  hooks: [...DECIDING, 'agents', 'alerts', 'config', 'runtime', 'wire.ts'],
  watchdog: [...DECIDING, 'alerts', 'hooks', 'config', 'runtime', 'wire.ts'],
  resident: [...DECIDING, 'agents', 'alerts', 'hooks', 'config', 'runtime', 'wire.ts'],
  dashboard: ['domain', 'reports', 'errors.ts'],
  cli: [
    ...[...DECIDING, 'agents', 'alerts', 'attribution', 'config', 'reports', 'reconcile'],
    ...[
      'dashboard',
      'digest',
      'doctor',
      'metrics',
      'statements',
      'projects',
      'exchange',
      'team',
      'resident',
      'runtime',
    ],
    'wire.ts',
  ],
};
/** What any folder but the pure ones may import; those take types alone. */
const CONTRACTS = [
  'src/agents/agent.ts',
  'src/alerts/alert.ts',
  'src/alerts/channel.ts',
  'src/attribution/source.ts',
  'src/breakers/breaker.ts',
  'src/routing/rule.ts',
  'src/config/config.ts',
  'src/digest/digest.ts',
  'src/reports/report.ts',
  'src/stores/store.ts',
  'src/stores/team-store.ts',
];
/** Against the table today. This list may only shrink. */
const KNOWN: readonly string[] = [
  'src/ingest/sync/worker.ts -> src/agents/claude-code/transcript/scan-transcript.ts',
  'src/runtime/code-cache.ts -> src/config/state-file.ts',
];

/** Concrete members, and the only files outside of their folder that may know them. */
const MEMBERS: readonly { readonly of: RegExp; readonly knownTo: RegExp }[] = [
  { of: /^src\/stores\/sqlite\//, knownTo: /^src\/(wire\.ts|stores\/)/ },
  // Only commands talk to a team's database: what hooks load must not.
  { of: /^src\/stores\/postgres\//, knownTo: /^src\/(team\/open-team\.ts|stores\/postgres\/)/ },
  {
    of: /^src\/agents\/(agents|claude-code\/claude-code)\.ts/,
    knownTo: /^src\/(wire\.ts|agents\/)/,
  },
  // What sets an agent up, and what it tells its processes, is that agent's own, and so are the commands and processes.
  {
    of: /^src\/agents\/claude-code\/(install\/|environment\.ts|event-names\.ts)/,
    knownTo: /^src\/(wire\.ts|agents\/|cli\/|hooks\/|resident\/)/,
  },
  {
    of: /^src\/agents\/claude-code\/(?!install\/|environment\.ts|event-names\.ts)/,
    knownTo: /^src\/(wire\.ts|agents\/)/,
  },
  // Commands about branches ask git themselves; hooks read a folder's labels through wire.ts.
  { of: /^src\/attribution\/(?!source)/, knownTo: /^src\/(wire\.ts|attribution\/|cli\/)/ },
];
/** Against that today. This list may only shrink. */
const KNOWN_MEMBERS: readonly string[] = [
  'src/cli/commands/price.ts -> src/agents/claude-code/transcript/usage.ts',
  'src/cli/commands/statusline.ts -> src/agents/claude-code/events/status-input.ts',
  'src/cli/session-causes.ts -> src/agents/claude-code/transcript/tool-calls.ts',
  'src/hooks/foreign-host-answer.ts -> src/agents/claude-code/events/event.ts',
  'src/ingest/sync/worker.ts -> src/agents/claude-code/transcript/scan-transcript.ts',
];

/** The one place each package may be used in. */
const HOMES: Readonly<Record<string, RegExp>> = {
  'better-sqlite3': /^src\/stores\/sqlite\//,
  pg: /^src\/stores\/postgres\/connect\.ts$/,
  'simple-git': /^src\/attribution\/git\.ts$/,
  pino: /^src\/runtime\/log\.ts$/,
  zod: /^src\/(config\/(schema|json-schema|alert-schema|billing-schema|breaker-schema|budget-schema|otlp-schema|project-schema|routing-schema|notation)|agents\/claude-code\/[\w/-]+|periods\/[\w-]+|reconcile\/[\w-]+|exchange\/bundle)\.ts$/,
  commander: /^src\/cli\//,
  '@clack/prompts': /^src\/cli\//,
  pdfkit: /^src\/statements\/formats\/pdf\.ts$/,
  nodemailer: /^src\/alerts\/email\.ts$/,
  hono: /^src\/dashboard\//,
  '@hono/node-server': /^src\/dashboard\//,
  preact: /^src\/dashboard\/web\//,
  htm: /^src\/dashboard\/web\//,
  uplot: /^src\/dashboard\/web\//,
  unbash: /^src\/protection\//,
  'jsonc-parser': /^src\/(config\/|agents\/claude-code\/|cli\/)/,
};

const files = ['src', 'hooks'].flatMap(filesBelow);
const imports = files.flatMap(importsOf);
const isOurs = (to: string): boolean => to.startsWith('src/');
const list = (found: readonly Import[]): string[] => [
  ...new Set(found.map(({ from, to }) => `${from} -> ${to}`)),
];

describe('who may import whom', () => {
  const ours = imports.filter(({ from, to }) => from.startsWith('src/') && isOurs(to));

  test('every folder of src has its rule', () => {
    const folders = new Set(filesBelow('src').map(folderOf));
    expect(
      [...folders].filter((folder) => !(folder in MAY_IMPORT)),
      'say in MAY_IMPORT and in docs/architecture.md what the new folder may import',
    ).toEqual([]);
    expect(Object.keys(MAY_IMPORT).filter((folder) => !folders.has(folder))).toEqual([]);
  });

  test('folders import what the table allows', () => {
    const found = list(
      ours.filter(({ from, to, isType }) => {
        const [own, other] = [folderOf(from), folderOf(to)];
        if (own === other || MAY_IMPORT[own]?.includes(other)) return false;
        return !CONTRACTS.includes(to) || (PURE.includes(own) && !isType);
      }),
    );
    expect(
      found.filter((each) => !KNOWN.includes(each)),
      'take it as an argument that wire.ts hands in, or move it to the folder that both may import',
    ).toEqual([]);
    expect(stale(KNOWN, found), 'gone: take it off the list').toEqual([]);
  });

  test('doors get the ledger, the agent and git through wire.ts', () => {
    const found = list(
      ours.filter(
        ({ from, to, isType }) =>
          !isType && MEMBERS.some(({ of, knownTo }) => of.test(to) && !knownTo.test(from)),
      ),
    );
    expect(
      found.filter((each) => !KNOWN_MEMBERS.includes(each)),
      'put it behind the contract (Agent, Store, Place) or let wire.ts hand it in',
    ).toEqual([]);
    expect(stale(KNOWN_MEMBERS, found), 'gone: take it off the list').toEqual([]);
  });

  test('pure folders use no package and nothing of Node', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        PURE.includes(folderOf(from)) &&
        !isOurs(to) &&
        !(from.startsWith('src/periods/') && to === 'zod'),
    );
    expect(list(wrong), 'hand the value in as an argument instead').toEqual([]);
  });

  test('an event file of hooks/ imports the loader alone', () => {
    const wrong = imports.filter(
      ({ from, to }) => from.startsWith('hooks/') && to !== 'src/hooks/loader.ts',
    );
    expect(list(wrong), 'what it does belongs into src/hooks').toEqual([]);
  });
});

describe('packages', () => {
  test.each(Object.entries(HOMES))('%s has one home', (name, home) => {
    const wrong = imports.filter(
      ({ from, to, isType }) => to === name && !isType && !home.test(from),
    );
    expect(list(wrong), `use ${name} through the folder that owns it`).toEqual([]);
  });

  test('every package that is used is declared, and only what is not bundled is installed', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as { dependencies: object; devDependencies: object };
    const declared = Object.keys({ ...dependencies, ...devDependencies });
    const used = new Set(
      imports.map(({ to }) => to).filter((to) => !to.startsWith('node:') && !isOurs(to)),
    );
    const packageOf = (name: string) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
    expect([...used].filter((name) => !declared.includes(packageOf(name)))).toEqual([]);
    expect(Object.keys(dependencies), 'the build bundles it: make it a devDependency').toEqual([
      'better-sqlite3',
    ]);
  });
});

describe('files', () => {
  const texts = files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);

  test('open with a comment that says what lives there', () => {
    const wrong = texts.filter(([, text]) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(([file]) => file);
    expect(wrong, 'say in one to four lines what lives here and what rule it keeps').toEqual([]);
  });

  test('have at most 330 lines', () => {
    const wrong = texts
      .filter(([file, text]) => text.split('\n').length > 330 && !/rows\.ts$/.test(file))
      .map(([file]) => file);
    expect(wrong, 'split the file by what changes together').toEqual([]);
  });

  test('lie in folders named after what changes together', () => {
    const wrong = files.filter((file) =>
      /\/(utils?|helpers?|common|core|lib|misc|shared|services|managers)\/|\/index\.ts$/.test(file),
    );
    expect(wrong, 'name the folder after what changes together').toEqual([]);
  });

  test('hold no `any`, no suppressed error, no open task', () => {
    const wrong = texts
      .filter(([, text]) =>
        /\bas any\b|: any\b|@ts-(ignore|expect-error)|\b(FIXME|TODO)\b/.test(text),
      )
      .map(([file]) => file);
    expect(wrong).toEqual([]);
  });
});
