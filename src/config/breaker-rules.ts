// How what files say about circuit breakers becomes one. Rule: pure; an inner file may make a breaker stricter than an outer one set it (a
// stricter mode, a lower limit), never looser; what no file has set is free.
import type { BreakerRules, BreakerSettings } from '../breakers/breaker.ts';
import { BREAKER_NAMES, type BreakerName } from '../domain/breaker-trip.ts';
import type { Finding, Layer } from './layer.ts';

/** How each setting is written in a file. */
export const BREAKER_WORDS: { readonly [K in keyof BreakerSettings]: string } = {
  mode: 'mode',
  times: 'times',
  costNanoUsd: 'cost',
  overMs: 'over',
  perMinuteNanoUsd: 'perMinute',
  tokens: 'tokens',
};

const MODES: readonly string[] = ['enforce', 'warn', 'observe', 'off'];

/** How loose a value is. A rate over a shorter window is another rule, not a stricter one; it counts as such. */
const looseness = (value: string | number | null): number =>
  typeof value === 'number' ? value : value === null ? Number.MAX_VALUE : MODES.indexOf(value);

/** Takes over what a file says, or refuses it. `origins` gains the path of each value that it set. */
export function mergeBreakers(
  outer: BreakerRules,
  layer: Layer,
  origins: Record<string, string>,
): { readonly breakers: BreakerRules; readonly findings: readonly Finding[] } {
  const { file, settings, intact } = layer;
  const findings: Finding[] = [];
  const merged: Record<BreakerName, BreakerSettings> = { ...outer };
  for (const name of BREAKER_NAMES) {
    const said = settings.breakers?.[name] ?? {};
    const values: Record<string, string | number | null> = { ...outer[name] };
    for (const key of Object.keys(BREAKER_WORDS) as (keyof BreakerSettings)[]) {
      const next = said[key];
      if (next === undefined) continue;
      const now = outer[name][key];
      const path = `breakers.${name}.${BREAKER_WORDS[key]}`;
      const setBy = origins[path];
      const isStricter = looseness(next) < looseness(now);
      if (
        isStricter ||
        next === now ||
        (setBy === undefined && intact && layer.kind !== 'project')
      ) {
        values[key] = next;
        origins[path] = setBy !== undefined && next === now ? setBy : file;
      } else if (intact) findings.push(refused(file, name, BREAKER_WORDS[key], setBy));
    }
    merged[name] = values as unknown as BreakerSettings;
  }
  return { breakers: merged, findings };
}

const refused = (file: string, name: string, word: string, setBy?: string): Finding => ({
  ...{ file, segments: ['breakers', name, word], kind: 'refused' },
  message: `"${word}" of the breaker "${name}" stays as it is${setBy === undefined ? '' : ` set in ${setBy}`}.`,
  hint: `This file may make a breaker stricter only; to loosen it, change ${setBy ?? 'your own file, ~/.config/tollgate/config.json'}.`,
});
