// Each circuit breaker: what trips it, what does not, and what ends it.
import { describe, expect, test } from 'vitest';
import type { Activity, BreakerRules, CallFact, Step } from '../../../src/breakers/breaker.ts';
import { watchStep } from '../../../src/breakers/breakers.ts';
import { callFact, type RawCall } from '../../../src/breakers/call-fact.ts';
import { USUAL_BREAKERS } from '../../../src/breakers/usual.ts';
import type { BreakerName, BreakerTrip } from '../../../src/domain/breaker-trip.ts';

const CENT = 10_000_000;

const call = (fields: Partial<RawCall> = {}): CallFact =>
  callFact({
    ...{ tool: 'Bash', input: { command: 'npm test' }, result: 'ok' },
    ...{ kind: 'other', path: null, hasFailed: false, ...fields },
  });
const edit = (text: string) =>
  call({ tool: 'Edit', input: { text }, result: 'updated', kind: 'edit', path: '/w/shop/cart.ts' });
const read = (path: string, offset = 0) =>
  call({
    ...{ tool: 'Read', input: { path, offset }, result: `lines of ${path} from ${offset}` },
    ...{ kind: 'read', path },
  });
const failure = (result: string, command = 'npm test') =>
  call({ input: { command }, result, hasFailed: true });

type Happening = readonly CallFact[] | 'response' | 'person' | 'machine';

/** All trips on the way, each with the number of the step it came at. */
function run(steps: readonly Happening[], rules: Partial<BreakerRules>, costNanoUsd = CENT) {
  const found: (BreakerTrip & { step: number })[] = [];
  let activity: Activity | null = null;
  steps.forEach((happening, index) => {
    const mark = { at: index * 10_000, spentNanoUsd: index * costNanoUsd, contextTokens: 0 };
    const step: Step =
      typeof happening === 'object'
        ? { ...mark, kind: 'calls', calls: happening }
        : happening === 'response'
          ? { ...mark, kind: 'response' }
          : { ...mark, kind: 'prompt', isAttended: happening === 'person' };
    const spentSince = (at: number) => mark.spentNanoUsd - Math.max(0, at / 10_000) * costNanoUsd;
    const watched = watchStep(activity, step, { ...USUAL_BREAKERS, ...rules }, spentSince);
    activity = JSON.parse(JSON.stringify(watched.activity)) as Activity;
    found.push(...watched.trips.map((trip) => ({ ...trip, step: index })));
  });
  return found;
}
const on = (name: BreakerName, fields = {}): Partial<BreakerRules> => ({
  [name]: { ...USUAL_BREAKERS[name], mode: 'enforce', ...fields },
});
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('repeated calls', () => {
  test('the same call trips at the configured count, and tells it once', () => {
    const found = run(
      times(12, () => [call()]),
      on('repeatedCalls', { times: 5 }),
    );
    expect(found[0]).toMatchObject({
      breaker: 'repeatedCalls',
      step: 4,
      count: 5,
      subject: 'Bash',
    });
    expect(found[0]?.costNanoUsd).toBe(4 * CENT);
    expect(found.filter(({ isNew }) => isNew)).toHaveLength(1);
  });
  test('times and counters in what comes back make no difference', () => {
    const poll = (n: number) =>
      call({
        input: { command: `sleep ${n}; ci status` },
        result: `run 4711 in progress for ${n} s`,
      });
    expect(
      run(
        times(10, (n) => [poll(n)]),
        {},
      )[0],
    ).toMatchObject({ step: 9, count: 10 });
  });
  test('several calls in turn are a loop, too', () => {
    const turn = (n: number) => [read(`/w/${n % 5}.ts`)];
    expect(run(times(30, turn), {})[0]).toMatchObject({ breaker: 'repeatedCalls', step: 24 });
  });
  test('an expensive loop trips sooner', () => {
    const found = run(
      times(8, () => [call()]),
      {},
      25 * CENT,
    );
    expect(found[0]).toMatchObject({ step: 3, costNanoUsd: 75 * CENT });
  });
  test('an edit, another result or a person between ends it', () => {
    const between = (happening: (n: number) => Happening) =>
      run(
        times(20, (n): Happening => (n % 2 ? happening(n) : [call()])),
        {},
      );
    expect(between((n) => [edit(`edit ${n}`)])).toEqual([]);
    expect(between(() => 'person')).toEqual([]);
    expect(between(() => 'machine')).not.toEqual([]);
    const changing = times(20, (n) => [
      call({ result: `${'x'.repeat(30)} test ${'abcdefghijklmnopqrst'[n]} fails` }),
    ]);
    expect(run(changing, {})).toEqual([]);
  });
  test('edits through the same states are a loop once they have cost enough', () => {
    const states = ['a', 'b', 'c'];
    const found = run(
      times(14, (n) => [edit(states[n % 3] as string)]),
      on('repeatedCalls', { times: 30 }),
      10 * CENT,
    );
    expect(found[0]).toMatchObject({ step: 8, count: 7, costNanoUsd: 80 * CENT });
  });
  test('the same edit again and again has been undone each time', () => {
    const found = run(
      times(10, (n) => [edit(n % 2 ? 'a to b' : 'b to a'), call({ result: `run ${n}` })]),
      {},
    );
    expect(found[0]).toMatchObject({ breaker: 'repeatedCalls', subject: 'Edit shop/cart.ts' });
  });
});

describe('failing calls', () => {
  const only = { ...on('failingCalls'), ...on('repeatedCalls', { mode: 'off' }) };
  test('a streak trips; one success ends it', () => {
    const streak = (n: number) => [failure(`no such host ${'abcdefghijklmnop'[n]}`, `try ${n}`)];
    expect(run(times(12, streak), only)[0]).toMatchObject({ breaker: 'failingCalls', step: 11 });
    expect(run([...times(11, streak), [call()], ...times(11, streak)], only)).toEqual([]);
  });
  test('the same failure after every edit is a loop, another one after each may be progress', () => {
    const cycle = (result: (n: number) => string) =>
      run(
        times(24, (n) => (n % 2 ? [failure(result(n))] : [edit(`edit ${n}`)])),
        only,
      );
    expect(cycle(() => 'FAIL cart.test.ts: expected 3, got 4')[0]).toMatchObject({ step: 15 });
    const cases = 'abcdefghijklmnopqrstuvwxyz';
    expect(cycle((n) => `FAIL the case of ${cases[n]}: expected another`)).toEqual([]);
  });
});

test('files that are read again and again, whichever part', () => {
  const paging = (n: number) => [read(`/w/${n % 2}.ts`, n * 100)];
  const found = run(times(30, paging), on('repeatedReads'));
  expect(found[0]).toMatchObject({ breaker: 'repeatedReads', step: 18, subject: 'Read w/0.ts' });
  expect(
    run(
      times(9, (n) => [read('/w/0.ts', n * 100)]),
      on('repeatedReads'),
    ),
  ).toEqual([]);
});

test('responses without tools, until a tool or a person comes between', () => {
  const found = run(
    times(6, (): Happening => 'response'),
    {},
  );
  expect(found).toMatchObject([{ breaker: 'requestsWithoutTools', step: 5, count: 6 }]);
  const calm = times(20, (n): Happening => (n % 2 ? 'response' : 'person'));
  expect(run(calm, {})).toEqual([]);
});

test('dollars per minute, hours without a person, and a context that only grows', () => {
  const busy = times(14, (n) => [call({ input: { command: `step ${n}` }, result: `did ${n}` })]);
  expect(run(busy, on('spendRate'), 13 * CENT)[0]).toMatchObject({
    breaker: 'spendRate',
    step: 12,
  });
  expect(run(busy, on('spendRate'), 12 * CENT)).toEqual([]);
  expect(run(busy, on('unattended', { overMs: 60_000 }))[0]).toMatchObject({ step: 6, count: 1 });
  expect(run(busy, on('growingContext'), 13 * CENT)[0]).toMatchObject({ step: 10 });
});

test('nothing of an input or a result is kept', () => {
  const kept = JSON.stringify(call({ input: { command: 'echo hunter2' }, result: 'hunter3' }));
  expect(kept).not.toMatch(/hunter|echo/);
});
