// What a person types about statements, as a zod schema.
import * as z from 'zod';
import { type Charge, type ClientTerms, LANGUAGES, LINE_GROUPS } from '../domain/billing.ts';
import {
  parseAbsolutePath,
  parseCurrency,
  parseMoney,
  parseNumberPattern,
  parseRate,
  parseSharePpm,
} from './billing-parsers.ts';
import type { LayerStatements } from './layer.ts';
import { parsed } from './notation.ts';
import { parseTimeZone } from './setting-parsers.ts';
import { parseIsoDate } from './value-parsers.ts';

const share = (description: string) =>
  parsed(parseSharePpm, { description, type: 'string', examples: ['15%'] });
const money = (description: string) =>
  parsed(parseMoney, { description, type: 'string', examples: ['1250.00'] });
const date = (description: string) =>
  parsed(parseIsoDate, { description, type: 'string', examples: ['2026-10-31'] });
const lines = (description: string) => z.array(z.string().min(1)).max(10).describe(description);

const ClientInput = z
  .strictObject({
    title: z.string().min(1).optional().describe('The name on the document.'),
    address: lines('Lines of the address.').optional(),
    reference: z.string().min(1).optional().describe('An order number or the like.'),
    language: z.enum(LANGUAGES).optional().describe('Default "en".'),
    timeZone: parsed(parseTimeZone, {
      description: 'IANA zone of its months and days. Default: the configured one.',
      type: 'string',
      examples: ['Europe/Berlin'],
    }).optional(),
    currency: parsed(parseCurrency, {
      description: 'ISO 4217. Default "USD"; any other takes a dated rate.',
      type: 'string',
      examples: ['EUR'],
    }).optional(),
    markUp: share('A share on top of the cost.').optional(),
    developers: z
      .record(z.string().min(1), share('The share on top of what this developer has cost.'))
      .optional()
      .describe('Another mark-up, by developer.'),
    flatFee: money('One amount for a period, instead of the cost.').optional(),
    perDeveloper: z
      .record(z.string().min(1), money('The amount for this developer; "*" for those not named.'))
      .optional()
      .describe('An amount for each developer who has worked, instead of the cost.'),
    discounts: z
      .array(
        z
          .strictObject({
            text: z.string().min(1).describe('What the line says.'),
            share: share('A share of the sum of the lines.').optional(),
            amount: money('An amount.').optional(),
          })
          .refine(
            ({ share: part, amount: fixed }) => (part === undefined) !== (fixed === undefined),
            {
              message: 'A discount is a share or an amount.',
            },
          ),
      )
      .optional(),
    taxes: z
      .array(z.strictObject({ name: z.string().min(1), share: share('Of the net sum.') }))
      .optional(),
    rounding: z
      .enum(['line', 'total'])
      .optional()
      .describe('Where amounts are rounded: each line, or the net sum once. Default "total".'),
    lines: z.enum(LINE_GROUPS).optional().describe('What the lines are. Default "repository".'),
  })
  .refine(
    ({ markUp, developers, flatFee, perDeveloper }) =>
      [markUp ?? developers, flatFee, perDeveloper].filter((each) => each !== undefined).length <=
      1,
    { message: 'Cost with a mark-up, a flat fee, and amounts per developer exclude each other.' },
  );

/** The setting `statements` of a file. */
export const StatementsInput = z
  .strictObject({
    sender: z
      .strictObject({
        name: z.string().min(1),
        address: lines('Lines of the address.').optional(),
        taxId: z.string().min(1).optional(),
        logo: parsed(parseAbsolutePath, {
          description: 'Absolute path of a PNG or JPEG file.',
          type: 'string',
        }).optional(),
        footer: z.string().min(1).optional().describe('Terms of payment and the like.'),
      })
      .optional()
      .describe('Who sends statements.'),
    number: parsed(parseNumberPattern, {
      description: 'Pattern of numbers. Default "{year}-{sequence:4}".',
      type: 'string',
      examples: ['{client}-{year}{month}-{sequence:2}'],
    }).optional(),
    rates: z
      .array(
        z.strictObject({
          currency: parsed(parseCurrency, { type: 'string', examples: ['EUR'] }),
          on: date('The day from which it holds.'),
          rate: parsed(parseRate, {
            description: 'What one dollar costs in the currency.',
            type: 'string',
            examples: ['0.9215'],
          }),
          source: z.string().min(1).optional().describe('Who says so; it is on the statement.'),
        }),
      )
      .optional()
      .describe('Exchange rates; the latest that is not after the end of a period counts.'),
    clients: z
      .record(z.string().min(1), ClientInput)
      .optional()
      .describe(
        'How clients are billed, by name; "*": what holds for those that say nothing else.',
      ),
  })
  .describe("How clients are billed. Only in your own file or the administrator's.");

/** The canonical shape of the setting. */
export function statementsOf(input: z.output<typeof StatementsInput>): LayerStatements {
  const { sender, number, rates, clients } = input;
  return {
    sender: sender && {
      name: sender.name,
      address: sender.address ?? [],
      taxId: sender.taxId ?? null,
      logo: sender.logo ?? null,
      footer: sender.footer ?? null,
    },
    numberPattern: number,
    rates: rates?.map(({ rate, source, ...each }) => ({
      ...each,
      rateNano: rate,
      source: source ?? null,
    })),
    clients:
      clients &&
      Object.fromEntries(Object.entries(clients).map(([name, each]) => [name, termsOf(each)])),
  };
}

function termsOf(input: z.output<typeof ClientInput>): Partial<ClientTerms> {
  const { markUp, developers, flatFee, perDeveloper, discounts, taxes, ...rest } = input;
  const terms = {
    ...rest,
    charge: chargeOf({ markUp, developers, flatFee, perDeveloper }),
    discounts: discounts?.map(({ text, share: part, amount: fixed }) =>
      part === undefined ? { text, amountNano: fixed ?? 0 } : { text, sharePpm: part },
    ),
    taxes: taxes?.map(({ name, share: part }) => ({ name, sharePpm: part })),
  };
  // What is not said is not there, so that the terms of all clients show through.
  return Object.fromEntries(
    Object.entries(terms).filter(([, value]) => value !== undefined),
  ) as Partial<ClientTerms>;
}

function chargeOf({
  markUp,
  developers,
  flatFee,
  perDeveloper,
}: Pick<z.output<typeof ClientInput>, 'markUp' | 'developers' | 'flatFee' | 'perDeveloper'>):
  | Charge
  | undefined {
  if (flatFee !== undefined) return { kind: 'flat', amountNano: flatFee };
  if (perDeveloper !== undefined) return { kind: 'developer', amountsNano: perDeveloper };
  if (markUp === undefined && developers === undefined) return undefined;
  return { kind: 'cost', markUpPpm: markUp ?? 0, developers: developers ?? {} };
}
