import { describe, expect, test } from 'vitest';
import { BudgetInput } from '../../../src/config/budget-schema.ts';
import { dottedPath } from '../../../src/config/layer.ts';
import { ConfigInput, parseConfigInput } from '../../../src/config/schema.ts';
import { nearestWord } from '../../../src/domain/did-you-mean.ts';

const found = (value: unknown) =>
  parseConfigInput(value, '/f').findings.map(({ segments, hint }) => [dottedPath(segments), hint]);
const budget = { id: 'a', hard: '5' };

describe('what a person types', () => {
  test('every setting, in canonical units', () => {
    const { settings, findings } = parseConfigInput(
      {
        $schema: 'x',
        budgets: [
          { ...budget, soft: '4', scope: 'repo', period: '5h', wrapUp: '80%', mode: 'warn' },
        ],
        safety: 'strict',
        timeZone: 'Europe/Berlin',
        onFailure: 'warn',
        waitMs: 250,
        reservation: '10m',
        unknownModel: 'claude-opus-5-5',
        fanOut: '2.00',
        pricing: {
          multiplier: '0.85',
          models: { 'claude-x': { input: '3', cacheWrite5m: '3.75' } },
        },
        clients: [{ repository: 'git@github.com:Acme/Shop.git', client: 'Acme' }],
        ticketPattern: '([A-Z]+-[0-9]+)',
        labels: { team: 'web' },
      },
      '/f',
    );
    expect(findings).toEqual([]);
    expect(settings).toEqual({
      budgets: [
        {
          segments: ['budgets', 0],
          id: 'a',
          scope: { where: {}, per: ['repository'] },
          period: { kind: 'rolling', lengthMs: 18_000_000 },
          softNanoUsd: 4e9,
          hardNanoUsd: 5e9,
          wrapUpRatio: 0.8,
          mode: 'warn',
        },
      ],
      safety: 'strict',
      timeZone: 'Europe/Berlin',
      onFailure: 'warn',
      waitMs: 250,
      reservationMs: 600_000,
      unknownModel: 'claude-opus-5-5',
      fanOutNanoUsd: 2e9,
      multiplierMillionths: 850_000,
      prices: { 'claude-x': { input: 3_000_000, cacheWrite5m: 3_750_000 } },
      clients: [{ repository: 'github.com/Acme/Shop', client: 'Acme', costCentre: null }],
      ticketPattern: '([A-Z]+-[0-9]+)',
      labels: { team: 'web' },
    });
  });

  test.each<[string, unknown, string, string]>([
    ['a key of the file', { budgest: [] }, 'budgest', 'Did you mean "budgets"?'],
    [
      'a key of a budget',
      { budgets: [{ ...budget, hrad: '5' }] },
      'budgets[0].hrad',
      'Did you mean "hard"?',
    ],
    [
      'another name',
      { budgets: [{ ...budget, limit: '5' }] },
      'budgets[0].limit',
      'Did you mean "hard"?',
    ],
    ['a far word', { planet: 1 }, 'planet', 'Known here: $schema, budgets, safety'],
    [
      'a far word in a channel',
      { alerts: { channels: { log: { type: 'command', run: ['true'], planet: 1 } } } },
      'alerts.channels.log.planet',
      'A channel looks like',
    ],
    ['a case slip', { timezone: 'UTC' }, 'timezone', 'Did you mean "timeZone"?'],
    [
      'a price key',
      { pricing: { models: { m: { inptu: '3' } } } },
      'pricing.models.m.inptu',
      'Did you mean "input"?',
    ],
    [
      'a client key',
      { clients: [{ repository: '*', costCenter: '1' }] },
      'clients[0].costCenter',
      'Did you mean "costCentre"?',
    ],
    ['a value', { safety: 'stritc' }, 'safety', 'Did you mean "strict"?'],
    [
      'a far value',
      { safety: 'loose' },
      'safety',
      'Write "expected", "cautious", "strict", "none".',
    ],
    [
      'a number for dollars',
      { budgets: [{ id: 'a', hard: 5 }] },
      'budgets[0].hard',
      'Put it in quotes: "5".',
    ],
    ['no id', { budgets: [{ hard: '5' }] }, 'budgets[0].id', 'Write an id'],
    ['a bad id', { budgets: [{ id: 'ä b', hard: '5' }] }, 'budgets[0].id', 'Write an id'],
    [
      'a repeated id',
      { budgets: [budget, { ...budget, id: 'A' }] },
      'budgets[1].id',
      'Give each budget',
    ],
    [
      'soft above hard',
      { budgets: [{ ...budget, soft: '6' }] },
      'budgets[0].soft',
      'at most "hard"',
    ],
    ['zero', { fanOut: '0' }, 'fanOut', 'above zero'],
    ['a scope', { budgets: [{ ...budget, scope: 'planet' }] }, 'budgets[0].scope', '"all"'],
    ['a period', { budgets: [{ ...budget, period: 'eon' }] }, 'budgets[0].period', '"month"'],
    ['a share', { budgets: [{ ...budget, wrapUp: '90' }] }, 'budgets[0].wrapUp', '"90%"'],
    ['too long a wait', { waitMs: 60_000 }, 'waitMs', 'At most 5000.'],
    ['part of a millisecond', { waitMs: 1.5 }, 'waitMs', 'schema'],
    ['both reservations', { reservation: '5m', reservationMs: 1000 }, 'reservation', 'Keep one'],
    ['an empty client rule', { clients: [{ repository: '*' }] }, 'clients[0]', 'Add "client"'],
    ['a label with a comma', { labels: { a: 'b,c' } }, 'labels.a', 'no comma'],
    ['a label with a space', { labels: { 'a b': 'c' } }, 'labels["a b"]', 'no comma'],
    ['a list for the file', [], '', 'JSON object'],
    ['text for the file', 'x', '', 'JSON object'],
    ['text for budgets', { budgets: 'x' }, 'budgets', 'A budget looks like'],
    ['null for a limit', { budgets: [{ id: 'a', hard: null }] }, 'budgets[0].hard', '"5.00"'],
  ])('%s is a finding with path and hint', (_, value, path, hint) => {
    const [first] = found(value);
    expect(first?.[0]).toBe(path);
    expect(first?.[1]).toContain(hint);
  });

  test('of a file with mistakes, what is right by itself is kept', () => {
    const { settings, findings } = parseConfigInput(
      {
        budgets: [budget, { id: 'b', hard: 5 }, { id: 'c', soft: '1' }],
        safety: 'strict',
        waitMs: 'x',
      },
      '/f',
    );
    expect(findings.length).toBe(2);
    expect(settings.budgets.map(({ id, segments }) => [id, segments])).toEqual([
      ['a', ['budgets', 0]],
      ['c', ['budgets', 2]],
    ]);
    expect(settings.safety).toBe('strict');
    expect(settings.waitMs).toBeUndefined();
  });
});

test('what is named as known is what the schema knows', () => {
  const known = `Known here: ${Object.keys(ConfigInput.shape).join(', ')}.`;
  expect(found({ planet: 1 })).toEqual([['planet', known]]);
  const ofBudget = `Known here: ${Object.keys(BudgetInput.shape).join(', ')}.`;
  expect(found({ budgets: [{ ...budget, planet: 1 }] })).toEqual([['budgets[0].planet', ofBudget]]);
});

test('the nearest word is near, or none', () => {
  expect(nearestWord('hrad', ['hard', 'soft'])).toBe('hard');
  expect(nearestWord('on_failure', ['onFailure'])).toBe('onFailure');
  expect(nearestWord('zzz', ['hard', 'soft'])).toBeNull();
});
