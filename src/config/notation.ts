// Values with a notation of their own, as zod types: how each is read, and how the JSON Schema describes it.
import * as z from 'zod';
import { parseSecretPlace } from './alert-parsers.ts';
import { parseLimit } from './plan-parsers.ts';
import { type ParsedValue, parseAmount } from './value-parsers.ts';

type SchemaNotes = Readonly<Record<string, unknown>>;

/** A value with its own notation: `parse` reads it, `notes` describe it in the JSON Schema. */
export function parsed<T>(parse: (value: unknown) => ParsedValue<T>, notes: SchemaNotes) {
  return z
    .unknown()
    .meta(notes)
    .transform((value, context): T => {
      const read = parse(value);
      if (read.ok) return read.value;
      const { message, hint } = read;
      context.issues.push({ code: 'custom', message, params: { hint }, input: value });
      return z.NEVER;
    });
}

const AMOUNT = '^\\s*\\$?(\\d{1,3}(,\\d{3})+|\\d+)(\\.\\d{1,9})?\\s*([Uu][Ss][Dd])?\\s*$';

/** Dollars as text. */
export const amount = (description: string) =>
  parsed(parseAmount, { description, type: 'string', pattern: AMOUNT, examples: ['5.00'] });

/** Dollars as text, or a percentage of a plan's window. */
export const limit = (description: string) =>
  parsed(parseLimit, {
    description,
    type: 'string',
    pattern: `(${AMOUNT})|^\\s*\\d{1,4}(\\.\\d{1,4})?\\s*%\\s*$`,
    examples: ['5.00', '90%'],
  });

/** Where a secret is. `variable`: the one of the example. */
export const secretPlace = (description: string, variable: string) =>
  parsed(parseSecretPlace, {
    description,
    anyOf: [
      { type: 'object', properties: { env: { type: 'string' } }, required: ['env'] },
      { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] },
      {
        type: 'object',
        properties: { command: { type: 'array', items: { type: 'string' } } },
        required: ['command'],
      },
    ],
    examples: [{ env: variable }],
  });
