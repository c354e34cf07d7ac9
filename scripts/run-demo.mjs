// Bundles the demonstration (it shares the tests' stub and client driver) and runs it.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(root, 'node_modules', '.cache', 'tollgate', 'demo.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['scripts/demo.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'warning',
});
process.env.TOLLGATE_DEMO_ROOT = root;
await import(pathToFileURL(outfile).href);
