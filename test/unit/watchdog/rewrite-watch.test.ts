// Transcripts that are changed while a turn goes on: what the watchdog sees, and what is no change.
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionId } from '../../../src/domain/ids.ts';
import { createRewriteWatch } from '../../../src/watchdog/rewrite-watch.ts';
import { response } from '../../support/transcript-lines.ts';

let folder: string;
let path: string;
let seen: string[];
let now: number;
let look: () => readonly string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-rewrite-'));
  path = join(folder, 's1.jsonl');
  seen = [];
  now = 0;
  writeFileSync(path, lines);
  const watch = createRewriteWatch((_, paths) => seen.push(...paths));
  look = () => {
    now += 3_600_000;
    watch([{ sessionId: sessionId('s1'), transcriptPath: path }], now);
    return seen.splice(0);
  };
  expect(look()).toEqual([]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = ['m1', 'm2', 'm3'].map((id) => response({ id, output: 2_000 })).join('');
const cheaper = lines.replace('"output_tokens":2000', '"output_tokens":1000');

test('a number in the middle, in place, with its times set back', () => {
  writeFileSync(path, cheaper);
  utimesSync(path, 1, 1);
  expect(look()).toEqual([path]);
  expect(look()).toEqual([]);
});

test('another file under its name', () => {
  writeFileSync(`${path}.x`, cheaper);
  renameSync(`${path}.x`, path);
  expect(look()).toEqual([path]);
});

test('cut, and grown again', () => {
  writeFileSync(path, '');
  expect(look()).toEqual([]);
  appendFileSync(path, response({ id: 'm9' }).repeat(4));
  expect(look()).toEqual([path]);
});

test('what only goes on, torn lines and equal copies are no change', () => {
  appendFileSync(path, '{"type":"user","mess');
  expect(look()).toEqual([]);
  appendFileSync(path, 'age":{}}\n');
  expect(look()).toEqual([]);
  writeFileSync(`${path}.x`, `${lines}{"type":"user","message":{}}\n`);
  renameSync(`${path}.x`, path);
  expect(look()).toEqual([]);
});
