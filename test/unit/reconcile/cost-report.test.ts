// The provider's report: cents as text become nano-dollars, and what is not a report is refused by name.
import { expect, test } from 'vitest';
import { parseCostReportPage, parseCostReportText } from '../../../src/reconcile/cost-report.ts';
import { costReportPage } from '../../support/cost-api-stub.ts';

const page = (amount: string) => costReportPage({ '2026-11-20': [{ amount, model: 'm' }] });

test.each([
  ['123.45', 1_234_500_000],
  ['0', 0],
  ['0.00000005', 1],
  ['0.00000004', 0],
  ['2.5509', 25_509_000],
  ['-1.5', -15_000_000],
])('%s cents are %i nano-dollars', (amount, nano) => {
  expect(parseCostReportPage(page(amount), 'x').lines[0]?.costNanoUsd).toBe(nano);
});

test('days without a line are known, too', () => {
  const { dayAts, nextPage } = parseCostReportPage(costReportPage({ '2026-11-20': [] }, 'p2'), 'x');
  expect(dayAts).toEqual([Date.UTC(2026, 10, 20)]);
  expect(nextPage).toBe('p2');
});

test.each([
  ['not JSON', '{', /not JSON/],
  ['no report', '{"a":1}', /data/],
  ['another currency', JSON.stringify(page('1')).replace('USD', 'EUR'), /EUR/],
  ['no amount', JSON.stringify(page('1e3')), /1e3/],
  ['not whole', JSON.stringify(costReportPage({}, 'p2')), /more pages/],
])('refuses what is %s', (_, text, why) => {
  expect(() => parseCostReportText(text, 'f.json')).toThrow(why);
});

test('takes a list of pages', () => {
  const pages = [costReportPage({ '2026-11-19': [] }, 'p2'), page('1')];
  expect(
    parseCostReportText(JSON.stringify(pages), 'f').flatMap(({ lines }) => lines),
  ).toHaveLength(1);
});
