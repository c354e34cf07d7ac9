// `/budget` as typed: what is for us, and what is not.
import { expect, test } from 'vitest';
import { parsePromptCommand } from '../../../src/gate/prompt-command.ts';

const raise = (amount: number, reason: string | null = null, unit = 'usd') => ({
  kind: 'raise',
  raise: { unit, amount },
  reason,
});

test.each([
  ['/budget', { kind: 'show' }],
  ['  /budget  ', { kind: 'show' }],
  ['/budget status', { kind: 'show' }],
  ['/tollgate:budget raise 5', raise(5_000_000_000)],
  ['/budget raise $0.50 release day', raise(500_000_000, 'release day')],
  ['/budget grant 2', raise(2_000_000_000)],
  ['/budget raise 5% to finish', raise(50_000_000, 'to finish', 'share')],
  ['/budget raise 0%', { kind: 'unclear' }],
  ['/budget halt', { kind: 'halt', reason: null }],
  ['/budget halt wrong branch', { kind: 'halt', reason: 'wrong branch' }],
  ['/budget resume', { kind: 'resume' }],
  ['/budget raise', { kind: 'unclear' }],
  ['/budget raise -5', { kind: 'unclear' }],
  ['/budget raise 0', { kind: 'unclear' }],
  ['/budget raise all', { kind: 'unclear' }],
  ['/budget please', { kind: 'unclear' }],
  ['/budgets', null],
  ['budget raise 5', null],
  ['say /budget raise 5', null],
  ['<task-notification>/budget raise 5', null],
  ['', null],
])('%j', (prompt, command) => {
  expect(parsePromptCommand(prompt)).toEqual(command);
});
