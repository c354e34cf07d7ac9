// What a person types about alerts, as a zod schema. Rule: a field that holds a secret takes the place of it, never the secret.
import * as z from 'zod';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';
import {
  parseAddress,
  parseCommand,
  parseFactor,
  parseQuietHours,
  parseThresholds,
} from './alert-parsers.ts';
import type { ChannelSettings } from './config.ts';
import type { LayerAlerts } from './layer.ts';
import { amount, parsed, secretPlace } from './notation.ts';
import { type ParsedValue, parseSpanWithin } from './value-parsers.ts';

const secret = (description: string) =>
  secretPlace(`${description}: where it is, not the secret itself.`, 'SLACK_WEBHOOK_URL');

const address = (description: string) =>
  parsed(parseAddress, { description, type: 'string', examples: ['https://example.com/hook'] });

const allowPrivate = z
  .boolean()
  .optional()
  .describe('Send to addresses of this machine and its networks, also without TLS. Default false.');

const webAddress = { url: secret('The address of the incoming webhook'), allowPrivate };

const TYPES = [
  z.strictObject({ type: z.literal('terminal') }),
  z.strictObject({ type: z.literal('desktop') }),
  z.strictObject({ type: z.literal('slack'), ...webAddress }),
  z.strictObject({ type: z.literal('teams'), ...webAddress }),
  z.strictObject({ type: z.literal('discord'), ...webAddress }),
  z.strictObject({
    type: z.literal('ntfy'),
    server: address('Default "https://ntfy.sh".').optional(),
    topic: secret('The topic, which whoever knows it can read'),
    token: secret('An access token').optional(),
    allowPrivate,
  }),
  z.strictObject({
    type: z.literal('webhook'),
    url: address('Where to post.'),
    secret: secret('The key of the signature'),
    allowPrivate,
  }),
  z.strictObject({
    type: z.literal('email'),
    host: z.string().min(1).describe('The mail server.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Default 587; 465 with "tls": "implicit".'),
    tls: z
      .enum(['starttls', 'implicit', 'none'])
      .optional()
      .describe(
        'Default "starttls", without which nothing is sent. "none" is for a server on this machine.',
      ),
    user: z.string().min(1).optional(),
    password: secret('The password').optional(),
    from: z.email().describe('The sender.'),
    to: z.union([z.email(), z.array(z.email()).min(1)]).describe('One address, or a list.'),
  }),
  z.strictObject({
    type: z.literal('command'),
    run: parsed(parseCommand, {
      description: 'A program and its arguments; it gets the message as JSON on its stdin.',
      type: 'array',
      items: { type: 'string' },
      examples: [['/usr/local/bin/page-me', '--from', 'tollgate']],
    }),
  }),
] as const;

const orNever =
  <T>(parse: (value: unknown) => ParsedValue<T>) =>
  (value: unknown): ParsedValue<T | null> =>
    value === 'never' ? { ok: true, value: null } : parse(value);

/** The setting `alerts` of a file. */
export const AlertsInput = z.strictObject({
  thresholds: parsed(parseThresholds, {
    description: 'Shares of a limit that are told, of every budget. Default 50, 80 and 100 %.',
    type: 'array',
    items: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    examples: [['50%', '80%', '100%']],
  }).optional(),
  runOut: parsed(
    orNever((value) => parseSpanWithin(value, MINUTE_MS, DAY_MS)),
    {
      description: 'Tell when a ceiling will be met within this time. Default "15m"; "never".',
      type: 'string',
      examples: ['15m'],
    },
  ).optional(),
  burnRate: amount('Tell when this machine spends more than this in an hour.').optional(),
  pace: parsed(parseFactor, {
    description: 'Tell when a window spends so many times faster than would just last. No default.',
    anyOf: [{ type: 'number', exclusiveMinimum: 1 }, { type: 'string' }],
    examples: [2],
  }).optional(),
  spike: parsed(parseFactor, {
    description:
      'Tell when an hour costs so many times what this hour of the week has cost before. No default.',
    anyOf: [{ type: 'number', exclusiveMinimum: 1 }, { type: 'string' }],
    examples: [3],
  }).optional(),
  quietHours: parsed(parseQuietHours, {
    description:
      'What comes meanwhile is told when they end, in one message; a lost guard is told at once.',
    type: 'string',
    examples: ['22:00-07:00'],
  }).optional(),
  channels: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9][\w.-]*$/)
        .max(40),
      z.discriminatedUnion('type', TYPES),
    )
    .optional()
    .describe('Where alerts are sent: a name of your choice, and what it is.'),
});

type ChannelInput = z.output<(typeof TYPES)[number]>;

/** The canonical shape of the setting. */
export function alertsOf(input: z.output<typeof AlertsInput>): LayerAlerts {
  const { thresholds, runOut, burnRate, pace, spike, quietHours, channels } = input;
  return {
    ...{ thresholds, runOutMs: runOut, burnNanoUsdPerHour: burnRate, quietHours },
    ...{ paceRatio: pace, spikeRatio: spike },
    channels: Object.entries(channels ?? {}).map(([name, given]) => channelOf(name, given)),
  };
}

function channelOf(name: string, given: ChannelInput): ChannelSettings {
  switch (given.type) {
    case 'terminal':
    case 'desktop':
      return { name, type: given.type };
    case 'slack':
    case 'teams':
    case 'discord':
      return { name, type: given.type, url: given.url, allowPrivate: given.allowPrivate ?? false };
    case 'ntfy': {
      const {
        topic,
        token = null,
        server = 'https://ntfy.sh',
        allowPrivate: isAllowed = false,
      } = given;
      return { name, type: 'ntfy', server, topic, token, allowPrivate: isAllowed };
    }
    case 'webhook':
      return {
        ...{ name, type: 'webhook', url: given.url, secret: given.secret },
        allowPrivate: given.allowPrivate ?? false,
      };
    case 'email': {
      const { host, tls = 'starttls', user = null, password = null, from, to } = given;
      const port = given.port ?? (tls === 'implicit' ? 465 : 587);
      return { name, type: 'email', host, port, tls, user, password, from, to: [to].flat() };
    }
    case 'command':
      return { name, type: 'command', run: given.run };
  }
}
