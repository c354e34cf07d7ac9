// The hand-off note: what is kept, and who may read it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HandOff } from '../../../src/domain/hand-off.ts';
import { sessionId } from '../../../src/domain/ids.ts';
import { handOffFile, readHandOff, writeHandOff } from '../../../src/gate/hand-off.ts';
import { posixTest } from '../../support/systems.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-hand-off-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the note', () => {
  const note: HandOff = {
    schema: 'tollgate/hand-off@1',
    sessionId: sessionId('s1'),
    writtenAt: Date.UTC(2026, 10, 21),
    costNanoUsd: 1_250_000_000,
    budget: 'session',
    lastWords: 'Half done.',
    openTodos: ['test'],
    filesTouched: ['/r/a.ts'],
  };

  posixTest('is kept for its owner alone, and read again', () => {
    writeHandOff(folder, note);
    expect(readHandOff(folder, note.sessionId)).toEqual(note);
    const file = handOffFile(folder, note.sessionId);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'hand-offs')).mode & 0o777).toBe(0o700);
    expect(readHandOff(folder, sessionId('s2'))).toBeNull();
  });

  test('a session’s name leads nowhere else', () => {
    const file = handOffFile(folder, sessionId('../../etc/x'));
    expect(file.startsWith(join(folder, 'hand-offs'))).toBe(true);
  });

  test('one that cannot be written or read stops nothing', () => {
    writeFileSync(join(folder, 'hand-offs'), 'in the way');
    expect(() => writeHandOff(folder, note)).not.toThrow();
    expect(readHandOff(folder, note.sessionId)).toBeNull();
  });
});
