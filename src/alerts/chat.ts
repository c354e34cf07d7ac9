// The channels of chats that take a JSON body at an address of their own: Slack, Microsoft Teams, Discord. Rule: nothing an agent wrote becomes
// a mention, a link or markup.
// Source: api.slack.com/messaging/webhooks, learn.microsoft.com (Workflows webhooks with adaptive cards), discord.com/developers (execute webhook), 2026-11-28.
import type { ChatSettings } from '../config/config.ts';
import type { Channel, Message } from './channel.ts';
import { httpPost } from './http-post.ts';
import { bodyText, cutText, plainText } from './wording.ts';

/** Discord refuses longer messages. */
const DISCORD_MAX_LENGTH = 2_000;

const BODIES: Readonly<Record<ChatSettings['type'], (message: Message) => object>> = {
  slack: (message) => ({
    text: escapedForSlack(message.title),
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: message.title, emoji: false } },
      {
        type: 'section',
        text: { type: 'plain_text', text: cutText(bodyText(message), 3_000), emoji: false },
      },
    ],
  }),
  teams: (message) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'TextBlock',
              text: escapedForMarkdown(message.title),
              weight: 'Bolder',
              wrap: true,
            },
            { type: 'TextBlock', text: escapedForMarkdown(bodyText(message)), wrap: true },
          ],
        },
      },
    ],
  }),
  discord: (message) => ({
    content: cutText(escapedForMarkdown(plainText(message)), DISCORD_MAX_LENGTH),
    allowed_mentions: { parse: [] },
  }),
};

/** What a chat of this kind is sent. */
export const chatBody = (type: ChatSettings['type'], message: Message): object =>
  BODIES[type](message);

/** Posts to a chat. */
export const chat: Channel<ChatSettings> = async (message, settings, { readSecret, signal }) =>
  httpPost({
    url: await readSecret(settings.url),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(chatBody(settings.type, message)),
    allowPrivate: settings.allowPrivate,
    signal,
  });

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapedForSlack = (text: string): string =>
  text.replace(/[&<>]/g, (letter) => ENTITIES[letter] ?? letter);

/** Lines stay lines: two blanks at a line's end, or an empty line. */
const escapedForMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]()<>#|~]/g, '\\$&').replace(/(?<!\n)\n(?!\n)/g, '  \n');
