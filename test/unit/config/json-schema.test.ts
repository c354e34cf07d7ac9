import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { configJsonSchema, configJsonSchemaText } from '../../../src/config/json-schema.ts';
import { loadConfig } from '../../../src/config/load.ts';

const root = join(import.meta.dirname, '../../..');
const examples = ['solo', 'plan', 'team', 'ci', 'alerts'] as const;

test('the shipped schema is up to date (npx vitest run test/unit/config/schema.test.ts -u)', async () => {
  await expect(configJsonSchemaText()).toMatchFileSnapshot(
    join(root, 'schema/tollgate.schema.json'),
  );
});

describe('the schema says the same as the reader', () => {
  const schema = z.fromJSONSchema(configJsonSchema() as z.core.JSONSchema.JSONSchema);

  test.each([
    [{}, true],
    [{ budgets: [{ id: 'a', hard: '5.00', scope: 'all', period: '5h', wrapUp: '90%' }] }, true],
    [{ budgets: [{ id: 'a', hard: '$1,250 usd', scope: { per: ['branch'] } }] }, true],
    [{ budgets: [{ id: 'a', period: { session: { followChain: true } } }] }, true],
    [{ pricing: { multiplier: '0.85', models: { m: { input: '3' } } } }, true],
    [{ budgets: [{ id: 'a', hard: 5 }] }, false],
    [{ budgets: [{ hard: '5' }] }, false],
    [{ budgets: [{ id: 'a', hrad: '5' }] }, false],
    [{ budgets: [{ id: 'a', hard: '-5' }] }, false],
    [{ safety: 'loose' }, false],
    [{ planet: 1 }, false],
    [{ pricing: { models: { m: { input: 3 } } } }, false],
  ])('%j: %s', (value, valid) => expect(schema.safeParse(value).success).toBe(valid));

  test.each(examples)('the example %s is valid', (name) => {
    const text = readFileSync(join(root, 'examples', name, 'config.json'), 'utf8');
    expect(schema.safeParse(JSON.parse(text)).error).toBeUndefined();
  });
});

test('every setting is described', () => {
  const { properties } = configJsonSchema() as {
    properties: Record<string, { description?: string }>;
  };
  for (const [name, { description }] of Object.entries(properties)) {
    expect(description, name).toBeTruthy();
  }
});

describe('examples', () => {
  const load = (name: string) => {
    const file = join(root, 'examples', name, 'config.json');
    return loadConfig([{ kind: 'user', file }], { timeZone: 'UTC' });
  };

  test.each(examples)('%s has no problems and a README', (name) => {
    const { problems, config } = load(name);
    expect(problems).toEqual([]);
    expect(config.budgets.length).toBeGreaterThan(0);
    expect(readFileSync(join(root, 'examples', name, 'README.md'), 'utf8')).toContain(
      'config.json',
    );
  });

  test('they mean what their READMEs say', () => {
    expect(load('solo').config.budgets).toMatchObject([
      { id: 'session', softNanoUsd: 4e9, hardNanoUsd: 5e9, wrapUpRatio: 0.9, mode: 'enforce' },
      { id: 'day', period: { kind: 'day', timeZone: 'UTC' } },
      { id: 'month', softNanoUsd: 200e9, hardNanoUsd: null, mode: 'warn' },
    ]);
    expect(load('team').config).toMatchObject({
      safety: 'strict',
      fanOutNanoUsd: 4e9,
      budgets: [
        { id: 'session', wrapUpRatio: 0.85 },
        { id: 'branch', scope: { per: ['repository', 'branch'] }, period: { kind: 'forever' } },
        { id: 'developer-day', scope: { per: ['developer'] } },
        { id: 'subagent', period: { kind: 'subagent' } },
      ],
    });
    expect(load('ci').config).toMatchObject({
      haltOnUnknownModel: true,
      reservationMs: 300_000,
      budgets: [
        { period: { kind: 'session', followChain: true } },
        { period: { lengthMs: 86_400_000 } },
      ],
    });
  });
});
