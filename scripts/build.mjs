// Builds `dist`: one small CommonJS file per hook, the gate that all of them load (what it rarely needs lies
// beside it), and the command line: one file for its door and `sync`, and modules that the other commands load.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
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

/** Parts of the library that no hook uses; it opens, prepares, runs and closes. */
const unusedParts = {
  name: 'unused-parts',
  setup({ onLoad }) {
    const parts =
      /better-sqlite3\/lib\/methods\/(table|aggregate|function|backup|serialize|inspect)\.js$|\/bindings\/bindings\.js$/;
    const contents = "module.exports = () => { throw new Error('not part of a hook'); };";
    onLoad({ filter: parts }, () => ({ contents, loader: 'js' }));
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
  minify: true,
  outExtension: { '.js': '.cjs' },
  outdir: `${aside}/hooks`,
};
await build({
  ...commonJs,
  entryPoints: [{ in: 'src/hook.ts', out: 'gate' }],
  plugins: [rareApart, unusedParts],
});
const gate = readFileSync(join(root, aside, 'hooks/gate.cjs'));
const fingerprint = createHash('sha256').update(gate).digest('hex').slice(0, 16);

/** A hook file holds no gate of its own: it loads the one beside it, from a code cache where there is one. */
const gateApart = {
  name: 'gate-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/src\/hook\.ts$/ }, () => ({
      path: join(root, 'src/hook-loader.ts'),
    }));
  },
};

/**
 * Commands that are loaded as modules. Not `sync`: that runs again and again where there is little to do, and loading
 * twenty modules would take longer than doing it.
 */
const apart = readdirSync(join(root, 'src/cli/commands'))
  .map((name) => basename(name, '.ts'))
  .filter((name) => name !== 'commands' && name !== 'sync');
const commandsApart = {
  name: 'commands-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ path, kind }) => {
      const name = basename(path, '.ts');
      const isApart = kind === 'dynamic-import' && apart.includes(name);
      return isApart ? { path: `./parts/${name}.mjs`, external: true } : null;
    });
  },
};

await Promise.all([
  build({
    ...commonJs,
    define: { ...commonJs.define, GATE_FINGERPRINT: JSON.stringify(fingerprint) },
    entryPoints: hooks.map((name) => ({ in: `hooks/${name}`, out: basename(name, '.ts') })),
    plugins: [gateApart],
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
    ...commonJs,
    entryPoints: [{ in: 'src/cli/main.ts', out: 'main' }],
    outExtension: {},
    outdir: `${aside}/cli`,
    plugins: [commandsApart, unusedParts, childProcessLate],
  }),
  build({
    ...common,
    entryPoints: apart.map((name) => ({ in: `src/cli/commands/${name}.ts`, out: name })),
    format: 'esm',
    splitting: true,
    outdir: `${aside}/cli/parts`,
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    // Libraries written as CommonJS ask for `require`, which a module does not have.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  }),
]);
// The package is one of modules; its command line's door is not, because that starts sooner.
writeFileSync(join(root, aside, 'cli/package.json'), '{ "type": "commonjs" }\n');
chmodSync(join(root, aside, 'cli/main.js'), 0o755);
const dist = join(root, 'dist');
const old = join(root, `${aside}.old`);
if (existsSync(dist)) renameSync(dist, old);
renameSync(join(root, aside), dist);
rmSync(old, { recursive: true, force: true });
const kilobytes = Math.ceil(statSync(join(root, 'dist/hooks/gate.cjs')).size / 1024);
console.log(`built ${hooks.length} hooks (their gate: ${kilobytes} KB) and the command line`);
