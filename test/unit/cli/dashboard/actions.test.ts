// What a page asks for is checked before anything is done: names, amounts, texts.
import { expect, test } from 'vitest';
import { pageActions } from '../../../../src/cli/dashboard/actions.ts';
import type { WatchActions } from '../../../../src/cli/live/watch-loop.ts';

/** What doing it comes to. */
function askedOf(name: string, asked: Readonly<Record<string, unknown>>): unknown[] {
  const done: unknown[] = [];
  const keep =
    (what: string) =>
    (...given: unknown[]) => {
      done.push([what, ...given]);
      return what;
    };
  const actions = {
    ...{ read: () => [], readPlanBudgets: () => [], halt: keep('halt') },
    ...{ resume: keep('resume'), grant: keep('grant') },
  } as WatchActions;
  const action = pageActions(() => actions).get(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  action(asked);
  return done;
}

const SESSION = { sessionId: 's1' };

test('a halt, a resume and a raise are handed on, without what moves a cursor', () => {
  expect(askedOf('halt', { ...SESSION, reason: ' wrong\u001b[2J\nbranch ' })).toEqual([
    ['halt', 's1', 'wrong [2J branch'],
  ]);
  expect(askedOf('halt', { ...SESSION, reason: ' \n ' })).toEqual([['halt', 's1', null]]);
  expect(askedOf('resume', SESSION)).toEqual([['resume', 's1']]);
  expect(askedOf('raise', { ...SESSION, amount: '2.50', reason: 'go', budgetId: 'day' })).toEqual([
    [
      'grant',
      's1',
      { raise: expect.objectContaining({ amount: 2.5e9 }), reason: 'go', budget: 'day' },
    ],
  ]);
});

test.each([
  ['resume', {}, 'no session is named'],
  ['resume', { sessionId: '' }, 'no session is named'],
  ['halt', { sessionId: 7 }, 'sessionId is no text'],
  ['halt', { ...SESSION, reason: 'x'.repeat(501) }, 'too long'],
  ['raise', { ...SESSION, amount: '2' }, 'a raise needs a reason'],
  ['raise', { ...SESSION, reason: 'go' }, 'nothing is not an amount'],
  ['raise', { ...SESSION, reason: 'go', amount: '0' }, '0 is not an amount'],
  ['raise', { ...SESSION, reason: 'go', amount: '-2' }, '-2 is not an amount'],
  ['raise', { ...SESSION, reason: 'go', amount: 'much' }, 'much is not an amount'],
])('%s of %j is refused', (name, asked, told) => {
  const refuse = () => askedOf(name, asked);
  expect(refuse).toThrow(told);
  expect(refuse).toThrow(expect.objectContaining({ code: 'REQUEST_UNREADABLE' }));
});
