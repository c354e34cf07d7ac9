// The JSON Schema of a configuration file, made from the zod schema. Rule: never edited by hand;
// `schema/tollgate.schema.json` is this text, and a test says so.
import * as z from 'zod';
import { ConfigInput } from './schema.ts';

/** The schema of what a person types, draft 7, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(ConfigInput, { target: 'draft-7', io: 'input' });
}

/** The text of `schema/tollgate.schema.json`. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
