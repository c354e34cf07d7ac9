import { expect, test } from 'vitest';
import { prometheusText } from '../../../src/metrics/prometheus.ts';

const spend = (value: string, amount = 1.5) =>
  prometheusText([
    {
      ...{ name: 'tollgate.spend', unit: 'USD', help: 'Spent \\ so far.' },
      points: [{ labels: { label: 'branch', value }, value: amount }],
    },
  ]);

test('a metric is its help, its type and a line for each point', () => {
  expect(spend('main')).toBe(
    '# HELP tollgate_spend_usd Spent \\\\ so far.\n# TYPE tollgate_spend_usd gauge\ntollgate_spend_usd{label="branch",value="main"} 1.5\n',
  );
});

test.each([
  ['"} 9\ntollgate_spend_usd{label="x', '\\"} 9\\ntollgate_spend_usd{label=\\"x'],
  ['back\\slash', 'back\\\\slash'],
  ['\u0000\u001b[31m', '\ufffd\ufffd[31m'],
  ['lone \ud800', 'lone \ufffd'],
  ['Grüße 🦊', 'Grüße 🦊'],
])('%j ends neither its quotes nor its line', (value, escaped) => {
  const lines = spend(value).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[2]).toBe(`tollgate_spend_usd{label="branch",value="${escaped}"} 1.5`);
});
