// The channel of the terminal a session runs in: a bell, and a notification where the terminal knows the sequence (OSC 9: iTerm2, kitty,
// WezTerm, Ghostty, Windows Terminal). Rule: nothing is printed, since the screen is Claude Code's.
import { open } from 'node:fs/promises';
import { type Channel, failed, type Message, SENT } from './channel.ts';

const BELL = '\x07';
const NOTIFICATION = '\x1b]9;';

/** What is written: a notification and a bell. */
export function terminalText({ title, texts: [first] }: Message): string {
  const text = [title, first?.amount, first?.where].filter(Boolean).join(', ');
  return `${NOTIFICATION}${printable(text)}${BELL}${BELL}`;
}

/** Rings where the sessions run. */
export const terminal: Channel = async (message, _settings, { terminalsOf }) => {
  const devices = terminalsOf(message);
  const text = terminalText(message);
  const results = await Promise.all(devices.map((device) => write(device, text)));
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
