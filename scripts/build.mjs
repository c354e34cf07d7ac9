// Builds `dist`: one small CommonJS file per hook (src/hooks/loader.ts), the fast path and the gate that hooks load, the parts those rarely
// need beside them, and the command line: a loader, and one file that it mostly has from V8's code cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { warm } from './warm.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The build that the coverage run (scripts/coverage.ts) asks for: the same code, in which each statement is still its own. */
const isForCoverage = process.env.TOLLGATE_SOURCE_MAPS === '1';

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  define: { TOLLGATE_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
  legalComments: 'none',
  sourcemap: isForCoverage ? 'external' : false,
  // Some libraries' CommonJS form hides its requires from a bundler; their module form does not.
  mainFields: ['module', 'main'],
};

/** Modules that hooks load only when something unusual happens; each becomes a file of its own. */
const rare = {
  'src/config/load.ts': './config-loader.cjs',
  'src/runtime/log.ts': './log.cjs',
  'src/alerts/wake-sender.ts': './wake-sender.cjs',
  'src/ingest/sync/background.ts': './background-sync.cjs',
  'src/hooks/command-hook-fallback.ts': './command-hook-fallback.cjs',
  'src/hooks/installation-watch.ts': './installation-watch.cjs',
  'src/hooks/model-switch-answer.ts': './model-switch-answer.cjs',
  'src/hooks/fast-path/protected-call.ts': './protected-call.cjs',
  'src/hooks/start-watchdog.ts': './start-watchdog.cjs',
  'src/watchdog/report.ts': './watchdog-report.cjs',
};
const rareApart = {
  name: 'rare-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.ts$/ }, ({ path, kind, importer }) => {
      const file = relative(root, join(dirname(importer), path)).replaceAll('\\', '/');
      return kind === 'require-call' && file in rare ? { path: rare[file], external: true } : null;
    });
  },
};

/** A watchdog is given little of the environment, so that nothing would tell it where to write what it ran. */
const watchdogIsCounted = {
  name: 'watchdog-is-counted',
  setup({ onLoad }) {
    if (!isForCoverage) return;
    onLoad({ filter: /[\\/]start-watchdog\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('|DISPLAY|', '|DISPLAY|NODE_V8_COVERAGE|'),
      loader: 'ts',
    }));
  },
};

/**
 * Functions that hooks seldom or never call; the file of each lies beside the gate and is loaded by the first call. What
 * they work on is handed to them, so that it does not matter which file holds them.
 */
const seldom = {
  'src/stores/sqlite/ledger-fault.ts': 'ledgerFault',
  'src/stores/sqlite/migrate.ts': 'migrate',
  'src/stores/sqlite/seal-repository.ts': 'sealRepository',
  'src/stores/sqlite/restore-lock.ts': 'whileRestoring',
  'src/stores/seal/append-seal.ts': 'appendSeal',
  'src/stores/sqlite/columns/column-cache.ts': 'columnCache',
  'src/stores/sqlite/report-reads.ts': 'reportRepository',
  'src/protection/command-guard.ts': 'refusedCommand',
  'src/agents/claude-code/events/new-content.ts': 'newContentTokens',
};
const seldomApart = {
  name: 'seldom-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer }) => {
      const file = relative(root, join(dirname(importer), path)).replaceAll('\\', '/');
      return file in seldom ? { path: file, namespace: 'seldom' } : null;
    });
    onResolve({ filter: /\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'seldom' }, ({ path }) => ({
      contents: `export const ${seldom[path]} = (...given) => require('./${basename(path, '.ts')}.cjs').${seldom[path]}(...given);`,
      loader: 'js',
    }));
  },
};

/** What the command line seldom loads: the libraries for mail, PDF, HTTP and PostgreSQL would make its one file twice as large. */
const librariesApart = {
  name: 'libraries-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/(email|pdf|serve-dashboard|open-team)\.ts$/ }, ({ path }) => ({
      path: `./${basename(path, '.ts')}.cjs`,
      external: true,
    }));
  },
};

/** The library asks for it at once, and uses it for commands that are programs of their own, which we have none of. */
const childProcessLate = {
  name: 'child-process-late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'child_process', namespace: 'late' } : null,
    );
    onLoad({ filter: /^child_process$/, namespace: 'late' }, () => ({
      contents:
        "exports.spawn = (...given) => process.getBuiltinModule('node:child_process').spawn(...given);",
      loader: 'js',
    }));
  },
};

// Built aside and moved into place: a session that runs meanwhile finds the old hooks or the new ones.
const aside = `dist.${process.pid}`;
const hooks = readdirSync(join(root, 'hooks')).filter((name) => name.endsWith('.ts'));
const commonJs = {
  ...common,
  define: { ...common.define, 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
  format: 'cjs',
  minify: !isForCoverage,
  outExtension: { '.js': '.cjs' },
  outdir: `${aside}/hooks`,
};
/** What `compileFile` runs: a function of what Node gives a CommonJS file, so that the text need not be put together. */
const asFunction = {
  banner: { js: '(function(exports,require,module,__filename,__dirname){' },
  footer: { js: '})' },
};
await build({
  ...commonJs,
  ...asFunction,
  entryPoints: [
    { in: 'src/hooks/run-hook.ts', out: 'gate' },
    { in: 'src/hooks/fast-path/fast-path.ts', out: 'fast-path' },
  ],
  plugins: [rareApart, seldomApart],
});
await build({
  ...commonJs,
  ...asFunction,
  entryPoints: { tollgate: 'src/cli/main.ts' },
  plugins: [childProcessLate, librariesApart, watchdogIsCounted],
  // What is run from the code cache has no loader of modules, and `require` needs none.
  supported: { 'dynamic-import': false },
  outdir: `${aside}/cli`,
});
const fingerprintOf = (name) =>
  createHash('sha256')
    .update(readFileSync(join(root, aside, name)))
    .digest('hex')
    .slice(0, 16);

await Promise.all([
  build({
    ...commonJs,
    define: {
      ...commonJs.define,
      GATE_FINGERPRINT: JSON.stringify(fingerprintOf('hooks/gate.cjs')),
      FAST_PATH_FINGERPRINT: JSON.stringify(fingerprintOf('hooks/fast-path.cjs')),
    },
    entryPoints: hooks.map((name) => ({ in: `hooks/${name}`, out: basename(name, '.ts') })),
  }),
  build({
    ...commonJs,
    entryPoints: [
      { in: 'src/config/load.ts', out: 'config-loader' },
      { in: 'src/runtime/log.ts', out: 'log' },
      { in: 'src/alerts/wake-sender.ts', out: 'wake-sender' },
      { in: 'src/ingest/sync/background.ts', out: 'background-sync' },
      { in: 'src/hooks/command-hook-fallback.ts', out: 'command-hook-fallback' },
      { in: 'src/hooks/start-watchdog.ts', out: 'start-watchdog' },
      { in: 'src/hooks/installation-watch.ts', out: 'installation-watch' },
      ...Object.keys(seldom).map((file) => ({ in: file, out: basename(file, '.ts') })),
    ],
    plugins: [watchdogIsCounted],
  }),
  build({
    ...commonJs,
    entryPoints: [
      'src/alerts/email.ts',
      'src/statements/formats/pdf.ts',
      'src/dashboard/serve-dashboard.ts',
      'src/team/open-team.ts',
    ],
    // Asked for by pg where somebody has it; we have not.
    external: ['pg-native'],
    entryNames: '[name]',
    outdir: `${aside}/cli`,
  }),
  build({
    ...commonJs,
    entryPoints: [{ in: 'src/hooks/fast-path/protected-call.ts', out: 'protected-call' }],
    plugins: [seldomApart],
  }),
  build({
    ...commonJs,
    entryPoints: [
      { in: 'src/watchdog/main.ts', out: 'watchdog' },
      { in: 'src/watchdog/report.ts', out: 'watchdog-report' },
      { in: 'src/hooks/model-switch-answer.ts', out: 'model-switch-answer' },
    ],
    plugins: [rareApart, seldomApart],
  }),
  build({
    ...commonJs,
    entryPoints: [{ in: 'src/ingest/sync/worker.ts', out: 'scan-worker' }],
    outdir: aside,
  }),
  build({
    ...commonJs,
    define: {
      ...commonJs.define,
      CLI_FINGERPRINT: JSON.stringify(fingerprintOf('cli/tollgate.cjs')),
    },
    entryPoints: { main: 'src/cli/loader.ts' },
    outExtension: { '.js': '.js' },
    outdir: `${aside}/cli`,
  }),
]);
// The dashboard's front end: one script and one style sheet, for browsers.
await build({
  ...common,
  platform: 'browser',
  target: ['es2022', 'chrome110', 'firefox115', 'safari16'],
  format: 'esm',
  minify: !isForCoverage,
  mainFields: ['browser', 'module', 'main'],
  entryPoints: { app: 'src/dashboard/web/main.ts' },
  outdir: `${aside}/dashboard`,
});
for (const name of ['index.html', 'icon.svg']) {
  copyFileSync(join(root, 'src/dashboard/web', name), join(root, aside, 'dashboard', name));
}
// Letters of the PDFs that `statement` makes.
mkdirSync(join(root, aside, 'fonts'));
for (const name of ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf']) {
  copyFileSync(
    join(root, 'node_modules/dejavu-fonts-ttf/ttf', name),
    join(root, aside, 'fonts', name),
  );
}
copyFileSync(
  join(root, 'node_modules/dejavu-fonts-ttf/LICENSE'),
  join(root, aside, 'fonts/LICENSE'),
);
// `init` puts it into projects as it is.
copyFileSync(
  join(root, 'src/agents/claude-code/install/project-launcher.cjs'),
  join(root, aside, 'project-launcher.cjs'),
);
execFileSync(process.execPath, [
  join(root, 'scripts/run-ts.mjs'),
  join(root, 'scripts/man-page.ts'),
  join(root, aside, 'tollgate.1'),
]);
// The package is of modules; these files are not.
writeFileSync(join(root, aside, 'cli/package.json'), '{ "type": "commonjs" }\n');
chmodSync(join(root, aside, 'cli/main.js'), 0o755);
const dist = join(root, 'dist');
const old = join(root, `${aside}.old`);
if (existsSync(dist)) renameSync(dist, old);
renameSync(join(root, aside), dist);
rmSync(old, { recursive: true, force: true });
warm(dist, join(root, 'test/fixtures/transcripts'));
const kilobytes = Math.ceil(statSync(join(root, 'dist/hooks/gate.cjs')).size / 1024);
console.log(`built ${hooks.length} hooks (their gate: ${kilobytes} KB) and the command line`);
