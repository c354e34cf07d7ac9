// Circuit breakers in a configuration: both notations, mistakes with path and hint, and who may change what.
import { expect, test } from 'vitest';
import { USUAL_BREAKERS } from '../../../src/breakers/usual.ts';
import { mergeBreakers } from '../../../src/config/breaker-rules.ts';
import type { Layer, LayerKind } from '../../../src/config/layer.ts';
import { parseConfigInput } from '../../../src/config/schema.ts';

const layerOf = (kind: LayerKind, breakers: unknown): Layer => {
  const { settings, findings } = parseConfigInput({ breakers }, `${kind}.json`);
  expect(findings).toEqual([]);
  return { kind, file: `${kind}.json`, settings, intact: true };
};
function merged(...layers: readonly Layer[]) {
  const origins: Record<string, string> = {};
  let breakers = USUAL_BREAKERS;
  const refused: string[] = [];
  for (const layer of layers) {
    const next = mergeBreakers(breakers, layer, origins);
    breakers = next.breakers;
    refused.push(...next.findings.map(({ file, segments }) => `${file} ${segments.join('.')}`));
  }
  return { breakers, origins, refused };
}

test('a word is a mode, an object sets mode and limits, and the rest stays as it is', () => {
  const { breakers, origins } = merged(
    layerOf('user', {
      repeatedCalls: 'off',
      failingCalls: { mode: 'enforce', times: 20, cost: '2.50' },
      spendRate: { mode: 'warn', perMinute: '1.5', over: '5m' },
    }),
  );
  expect(breakers.repeatedCalls).toEqual({ ...USUAL_BREAKERS.repeatedCalls, mode: 'off' });
  expect(breakers.failingCalls).toMatchObject({ mode: 'enforce', times: 20, costNanoUsd: 2.5e9 });
  expect(breakers.spendRate).toMatchObject({ perMinuteNanoUsd: 1.5e9, overMs: 300_000 });
  expect(origins['breakers.failingCalls.cost']).toBe('user.json');
  expect(breakers.unattended).toEqual(USUAL_BREAKERS.unattended);
});

test('a repository may make a breaker stricter, never looser', () => {
  const user = layerOf('user', { failingCalls: { mode: 'warn', times: 6 } });
  const stricter = merged(
    user,
    layerOf('project', { failingCalls: { mode: 'enforce', times: 4 } }),
  );
  expect(stricter.breakers.failingCalls).toMatchObject({ mode: 'enforce', times: 4 });
  const looser = merged(
    user,
    layerOf('project', { failingCalls: { mode: 'off', times: 9 }, repeatedCalls: 'off' }),
  );
  expect(looser.breakers.failingCalls).toMatchObject({ mode: 'warn', times: 6 });
  expect(looser.breakers.repeatedCalls.mode).toBe('warn');
  expect(looser.refused).toEqual([
    'project.json breakers.repeatedCalls.mode',
    'project.json breakers.failingCalls.mode',
    'project.json breakers.failingCalls.times',
  ]);
});

test.each([
  [{ failingCalls: 'always' }, ['breakers', 'failingCalls']],
  [{ failingCalls: { times: 1 } }, ['breakers', 'failingCalls', 'times']],
  [{ spendRate: { over: '2 moons' } }, ['breakers', 'spendRate', 'over']],
  [{ failingCalls: { cost: 1 } }, ['breakers', 'failingCalls', 'cost']],
  [{ loops: 'warn' }, ['breakers']],
])('%j is a mistake', (breakers, segments) => {
  const { findings, settings } = parseConfigInput({ breakers }, 'user.json');
  expect(findings[0]).toMatchObject({ kind: 'mistake', hint: expect.stringMatching(/\S/) });
  expect(findings[0]?.segments.slice(0, segments.length)).toEqual(segments);
  expect(settings.breakers).toBeUndefined();
});
