// Builds `dist`: one CommonJS file per hook (what a hook rarely needs lies beside them), and the command
// line as modules whose commands load one by one.
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  define: { TOLLGATE_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
  legalComments: 'none',
  // Some libraries' CommonJS form hides its requires from a bundler; their module form does not.
  mainFields: ['module', 'main'],
};

/** Modules that hooks load only when something unusual happens; each becomes a file of its own. */
const rare = { './config/load.ts': './config-loader.cjs', './log.ts': './log.cjs' };
const rareApart = {
  name: 'rare-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(config\/load|log)\.ts$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path: rare[path], external: true } : null,
    );
  },
};

// Built aside and moved into place: a session that runs meanwhile finds the old hooks or the new ones.
const aside = `dist.${process.pid}`;
const hooks = readdirSync(join(root, 'hooks')).filter((name) => name.endsWith('.ts'));
const commonJs = {
  ...common,
  define: { ...common.define, 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
  format: 'cjs',
  minify: true,
  outExtension: { '.js': '.cjs' },
  outdir: `${aside}/hooks`,
};
await Promise.all([
  build({
    ...commonJs,
    entryPoints: hooks.map((name) => ({ in: `hooks/${name}`, out: basename(name, '.ts') })),
    plugins: [rareApart],
  }),
  build({
    ...commonJs,
    entryPoints: [
      { in: 'src/config/load.ts', out: 'config-loader' },
      { in: 'src/log.ts', out: 'log' },
    ],
  }),
  build({
    ...commonJs,
    entryPoints: [{ in: 'src/scan-worker.ts', out: 'scan-worker' }],
    outdir: aside,
  }),
  build({
    ...common,
    entryPoints: { main: 'src/cli/main.ts' },
    format: 'esm',
    splitting: true,
    outdir: `${aside}/cli`,
    chunkNames: 'parts/[name]-[hash]',
    // Libraries written as CommonJS ask for `require`, which a module does not have.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  }),
]);
chmodSync(join(root, aside, 'cli/main.js'), 0o755);
const dist = join(root, 'dist');
const old = join(root, `${aside}.old`);
if (existsSync(dist)) renameSync(dist, old);
renameSync(join(root, aside), dist);
rmSync(old, { recursive: true, force: true });
const largest = Math.max(
  ...hooks.map((name) => statSync(join(root, 'dist/hooks', name.replace('.ts', '.cjs'))).size),
);
console.log(
  `built ${hooks.length} hooks (${Math.ceil(largest / 1024)} KB each) and the command line`,
);
