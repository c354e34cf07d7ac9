// The HTTP side of the provider's report, against a loopback stub: pages, retries, refusals, and a key nobody sees.
import { afterEach, expect, test } from 'vitest';
import { TollgateError } from '../../../src/errors.ts';
import { readCostReport } from '../../../src/reconcile/cost-api.ts';
import {
  type CostApiStub,
  type CostApiStubOptions,
  startCostApiStub,
} from '../../support/cost-api-stub.ts';

const KEY = 'sk-ant-admin-not-a-key';
const range = { startAt: Date.UTC(2026, 10, 1), endAt: Date.UTC(2026, 10, 21) };
const days = {
  '2026-11-02': [{ amount: '100', model: 'claude-opus-4-7' }],
  '2026-11-03': [{ amount: '200.5', model: 'claude-opus-4-7' }],
  '2026-11-04': [{ amount: '1', model: null, cost_type: 'web_search' }],
};
let stub: CostApiStub | null = null;

async function start(more: Partial<CostApiStubOptions> = {}): Promise<CostApiStub> {
  stub = await startCostApiStub({ key: KEY, days, ...more });
  return stub;
}
afterEach(async () => {
  await stub?.close();
  stub = null;
});

const failure = (promise: Promise<unknown>): Promise<TollgateError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => {
      if (error instanceof TollgateError) return error;
      throw error;
    },
  );

test('reads all pages, by day and model', async () => {
  const { url, queries } = await start({ pageDays: 2 });
  const pages = await readCostReport({ apiUrl: url, adminKey: KEY, keyName: 'K' }, range);
  expect(pages.flatMap(({ lines }) => lines.map(({ costNanoUsd }) => costNanoUsd))).toEqual([
    1_000_000_000, 2_005_000_000, 10_000_000,
  ]);
  expect(queries).toHaveLength(2);
  expect(Object.fromEntries(queries[0] ?? [])).toEqual({
    starting_at: '2026-11-01T00:00:00Z',
    ending_at: '2026-11-21T00:00:00Z',
    bucket_width: '1d',
    'group_by[]': 'description',
    limit: '31',
  });
  expect(queries[1]?.get('page')).toBe('page_2');
});

test('tries again when the provider is busy', async () => {
  const { url, queries } = await start({ failFirst: [529, 429] });
  const pages = await readCostReport({ apiUrl: url, adminKey: KEY, keyName: 'K' }, range);
  expect(pages).toHaveLength(1);
  expect(queries).toHaveLength(3);
});

test('says what to do about a wrong key, and never says the key', async () => {
  const { url, queries } = await start();
  const wrong = 'sk-ant-api03-secret';
  const error = await failure(
    readCostReport({ apiUrl: url, adminKey: wrong, keyName: 'MY_KEY' }, range),
  );
  expect(error.code).toBe('COST_API_REFUSED');
  expect(error.hint).toContain('MY_KEY');
  expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(wrong);
  expect(queries).toHaveLength(1);
});

test('gives up on a server that stays broken, or is not there', async () => {
  const { url } = await start({ failFirst: [500, 500, 500] });
  const api = { apiUrl: url, adminKey: KEY, keyName: 'K' };
  expect((await failure(readCostReport(api, range))).message).toContain('500');
  await stub?.close();
  expect((await failure(readCostReport(api, range))).message).toContain('ECONNREFUSED');
});
