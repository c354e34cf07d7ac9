// All channels. To add one: a file, its settings in the configuration, and a line here.
import type { ChannelSettings } from '../config/config.ts';
import type { ChannelDeps, Message, SendResult } from './channel.ts';
import { chat } from './chat.ts';
import { command } from './command.ts';
import { desktop } from './desktop.ts';
import { ntfy } from './ntfy.ts';
import { terminal } from './terminal.ts';
import { webhook } from './webhook.ts';

/** Sends one message on one channel. Throws `TollgateError` where a secret is not there. */
export async function send(
  message: Message,
  settings: ChannelSettings,
  deps: ChannelDeps,
): Promise<SendResult> {
  switch (settings.type) {
    case 'terminal':
      return terminal(message, settings, deps);
    case 'desktop':
      return desktop(message, settings, deps);
    case 'slack':
    case 'teams':
    case 'discord':
      return chat(message, settings, deps);
    case 'ntfy':
      return ntfy(message, settings, deps);
    case 'webhook':
      return webhook(message, settings, deps);
    case 'email':
      // The library for mail is large, and loaded when a mail is sent.
      return (await import('./email.ts')).email(message, settings, deps);
    case 'command':
      return command(message, settings, deps);
  }
}
