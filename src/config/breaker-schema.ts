// What a person types about circuit breakers, as a zod schema: for each a mode, or an object of mode and limits.
import * as z from 'zod';
import { BREAKER_NAMES, type BreakerName } from '../domain/breaker-trip.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import type { LayerBreakers } from './layer.ts';
import { amount, parsed } from './notation.ts';
import { parseSpanWithin } from './value-parsers.ts';

const mode = z
  .enum(['off', 'observe', 'warn', 'enforce'])
  .describe('What it leads to: nothing, a record, a word, or a halt.');

const times = z.int().min(3).max(60).optional().describe('Trips at so many.');
const cost = amount('Trips earlier where so much was spent on it. Dollars as text.').optional();
const span = (description: string, least: number) =>
  parsed((value) => parseSpanWithin(value, least, 7 * DAY_MS), {
    description,
    type: 'string',
    examples: ['2m'],
  }).optional();

const breaker = <Shape extends z.ZodRawShape>(description: string, shape: Shape) =>
  z
    .union([mode, z.strictObject({ mode: mode.optional(), ...shape })])
    .optional()
    .describe(description);

const often = { times, cost };

export const BreakersInput = z.strictObject({
  repeatedCalls: breaker(
    'The same tool call with the same input and result again, without a change between. Default "warn", 10 times or "0.75".',
    often,
  ),
  failingCalls: breaker('A streak of failing calls. Default "warn", 8 times or "0.75".', often),
  repeatedReads: breaker(
    'The same files read again and again. Default "off"; 10 times or "0.75".',
    often,
  ),
  requestsWithoutTools: breaker(
    'Requests without tools while no person says anything. Default "warn", 6 times or "0.75".',
    often,
  ),
  spendRate: breaker('Dollars per minute over a window. Default "off"; "0.75" over "2m".', {
    perMinute: amount('Dollars per minute, as text.').optional(),
    over: span('The window.', MINUTE_MS),
  }),
  unattended: breaker('A session with nobody attending. Default "off"; "2h".', {
    over: span('For how long.', MINUTE_MS),
  }),
  growingContext: breaker(
    'A context that grows without edits. Default "off"; 100000 tokens or "1.25".',
    { tokens: z.int().min(1_000).optional().describe('Trips at so much growth.'), cost },
  ),
});

interface Written {
  readonly mode?: z.output<typeof mode> | undefined;
  readonly times?: number | undefined;
  readonly cost?: number | undefined;
  readonly over?: number | undefined;
  readonly perMinute?: number | undefined;
  readonly tokens?: number | undefined;
}

/** The canonical shape of the setting. */
export function breakersOf(input: z.output<typeof BreakersInput>): LayerBreakers {
  const written = input as Readonly<Partial<Record<BreakerName, string | Written>>>;
  const entries = BREAKER_NAMES.flatMap((name) => {
    const given = written[name];
    if (given === undefined) return [];
    const said = (typeof given === 'string' ? { mode: given } : given) as Written;
    const settings = {
      ...{ mode: said.mode, times: said.times, costNanoUsd: said.cost, overMs: said.over },
      ...{ perMinuteNanoUsd: said.perMinute, tokens: said.tokens },
    };
    return [[name, settings] as const];
  });
  return Object.fromEntries(entries);
}
