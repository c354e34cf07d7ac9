// The words of a hand-off note.
import { expect, test } from 'vitest';
import { type HandOff, handOffText } from '../../../src/domain/hand-off.ts';
import { sessionId } from '../../../src/domain/ids.ts';

const note: HandOff = {
  ...{ schema: 'tollgate/hand-off@1', sessionId: sessionId('s1'), costNanoUsd: 4_870_000_000 },
  ...{ writtenAt: Date.UTC(2026, 10, 21, 12), budget: null, lastWords: null },
  ...{ openTodos: [], filesTouched: [] },
};

test('what is not known is left out', () => {
  expect(handOffText(note)).toBe(
    'Hand-off from 2026-11-21T12:00:00.000Z: this session had spent $4.87.',
  );
});

test('what ended it, its last words, what is to do and what was written', () => {
  expect(
    handOffText({
      ...{ ...note, budget: 'day 2026-11-21', lastWords: 'Tests pass.\nDocs are open.' },
      ...{ openTodos: ['write the docs', 'tag'], filesTouched: ['/a.ts', '/b.ts'] },
    }).split('\n'),
  ).toEqual([
    'Hand-off from 2026-11-21T12:00:00.000Z: this session had spent $4.87 and was ended by day 2026-11-21.',
    ...['Last words:', 'Tests pass.', 'Docs are open.'],
    ...['Still to do:', '- write the docs', '- tag'],
    ...['Files written:', '- /a.ts', '- /b.ts'],
  ]);
});
