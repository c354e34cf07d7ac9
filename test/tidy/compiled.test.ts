// What is compiled once and committed is what its source says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileJsonFields, target } from '../../scripts/json-fields.mjs';

test('json-fields-code.ts is compiled of json-fields.as.ts (node scripts/json-fields.mjs)', async () => {
  expect(readFileSync(target, 'utf8')).toBe(await compileJsonFields());
});
