// What a person types about the collector that metrics are pushed to, as a zod schema. Rule: a header takes the place of its secret, never the secret.
import * as z from 'zod';
import { parseAddress } from './alert-parsers.ts';
import type { OtlpSettings } from './config.ts';
import { parsed, secretPlace } from './notation.ts';

/** The setting `otlp` of a file. */
export const OtlpInput = z
  .strictObject({
    endpoint: parsed(parseAddress, {
      description: 'The collector; without a path "/v1/metrics" is added.',
      type: 'string',
      examples: ['https://otel.example.com:4318'],
    }),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]+$/),
        secretPlace('Where the value is, not the value itself.', 'OTEL_AUTHORIZATION'),
      )
      .optional()
      .describe('Headers of each request, by name.'),
    allowPrivate: z
      .boolean()
      .optional()
      .describe(
        'Push to addresses of this machine and its networks, also without TLS. Default false.',
      ),
  })
  .describe("Where metrics are pushed (OTLP/HTTP). Only in your own file or the administrator's.");

export const otlpOf = ({
  endpoint,
  headers,
  allowPrivate,
}: z.output<typeof OtlpInput>): OtlpSettings => ({
  endpoint,
  headers: headers ?? {},
  allowPrivate: allowPrivate ?? false,
});
