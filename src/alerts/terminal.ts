// The channel of the terminal a session runs in: a bell, and a notification where the terminal knows the sequence (OSC 9: iTerm2, kitty,
// WezTerm, Ghostty, Windows Terminal). Rule: nothing is printed, since the screen is Claude Code's.
import { open } from 'node:fs/promises';
import { type Channel, failed, SENT } from './channel.ts';

const BELL = '\x07';
const NOTIFICATION = '\x1b]9;';

/** Rings where the sessions run. */
export const terminal: Channel = async (message, _settings, { terminalsOf }) => {
  const devices = terminalsOf(message);
  const text = [message.title, message.texts[0]?.where, message.texts[0]?.amount]
    .filter(Boolean)
    .join(', ');
  const results = await Promise.all(
    devices.map((device) => write(device, `${NOTIFICATION}${printable(text)}${BELL}${BELL}`)),
  );
  return results.includes(true) ? SENT : failed('no terminal of a session was found');
};

/** A semicolon would begin another of the terminal's commands. */
const printable = (text: string): string => text.replace(/[\p{Cc};]/gu, ' ');

async function write(device: string, text: string): Promise<boolean> {
  try {
    const file = await open(device, 'w');
    try {
      await file.write(text);
      return true;
    } finally {
      await file.close();
    }
  } catch {
    return false; // closed, or another person's
  }
}
