// Runs a script written in TypeScript: `node scripts/run-ts.mjs scripts/demo.ts …`. Node 20 reads no
// types, and the demonstration and the benches share the tests' stub and client driver.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [entry, ...words] = process.argv.slice(2);
const name = relative(root, resolve(entry)).replace(/[\\/]/g, '-').replace(/\.ts$/, '.mjs');
const outfile = join(root, 'node_modules', '.cache', 'tollgate', name);
await build({
  absWorkingDir: root,
  entryPoints: [resolve(entry)],
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  // JavaScript modules stay where they are, so that they still find their own folder.
  plugins: [
    {
      // Each source finds its own folder, wherever the bundle lies.
      name: 'own-folder',
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.ts$/ }, ({ path }) => ({
          contents: readFileSync(path, 'utf8').replaceAll(
            'import.meta.dirname',
            JSON.stringify(dirname(path)),
          ),
          loader: 'ts',
        })),
    },
    {
      name: 'modules-stay',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^\..*\.mjs$/ }, ({ path, resolveDir }) => ({
          path: pathToFileURL(resolve(resolveDir, path)).href,
          external: true,
        })),
    },
  ],
  outfile,
  logLevel: 'warning',
});
process.argv = [process.argv[0], outfile, ...words];
process.env.TOLLGATE_CHECKOUT = root;
await import(pathToFileURL(outfile).href);
