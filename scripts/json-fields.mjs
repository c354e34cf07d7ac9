// Compiles `json-fields.as.ts` to WebAssembly, as a text that can be imported: `node scripts/json-fields.mjs`. What it
// writes is committed, so that nobody but who changes that file waits for a compiler; a test holds the two together.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../src/agents/claude-code/transcript/', import.meta.url));
const source = 'json-fields.as.ts';
export const target = join(folder, 'json-fields-code.ts');

/** The text of `json-fields-code.ts`. */
export async function compileJsonFields() {
  let code = null;
  const flags = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '1'];
  const { error, stderr } = await asc.main([source, ...flags, '--outFile', 'code.wasm'], {
    readFile: (name) => (name === source ? readFileSync(join(folder, name), 'utf8') : null),
    writeFile: (_, bytes) => {
      code = Buffer.from(bytes);
    },
    listFiles: () => [],
  });
  if (error || code === null) throw new Error(`${source}: ${stderr.toString() || error}`);
  const text = code.toString('base64');
  return `// Made of ${source} by scripts/json-fields.mjs: WebAssembly in base64. Rule: never changed by hand.\nexport const CODE =\n  '${text}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(target, await compileJsonFields());
}
