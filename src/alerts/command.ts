// The channel of a command of one's own: the message as JSON on its stdin.
import type { CommandSettings } from '../config/config.ts';
import type { Channel } from './channel.ts';
import { messageJson } from './message-json.ts';
import { runProgram } from './run-program.ts';

/** Runs the command. */
export const command: Channel<CommandSettings> = (message, settings, { env, signal }) => {
  const [file = '', ...words] = settings.run;
  const own = { ...env, TOLLGATE_DELIVERY_ID: message.deliveryId };
  return runProgram({ file, words, env: own, stdin: messageJson(message), signal });
};
