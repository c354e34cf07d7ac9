// Damaged inputs have one valid answer each; `npm run fuzz` gives a hundred thousand.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('eight hundred damaged inputs have one valid answer each', () => {
  const words = ['scripts/run-ts.mjs', 'test/fuzz/run.ts', '800', '2'];
  const env = { PATH: process.env.PATH ?? '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status, stdout).toBe(0);
});
