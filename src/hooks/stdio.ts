// What a hook is told on stdin, and how it answers. Rule: everything is read before anything is said, and what is said is
// said whole, with the exit code beside it.
import { readSync, writeSync } from 'node:fs';

/** All of stdin. A stream would cost six milliseconds more. */
export function readStdin(): string {
  // Events mostly come in one piece, and what fits is not put together again.
  let room = Buffer.allocUnsafe(16 * 1024);
  let length = 0;
  for (;;) {
    if (length === room.length) room = Buffer.concat([room, Buffer.allocUnsafe(length)]);
    let read: number;
    try {
      read = readSync(0, room, length, room.length - length, null);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EAGAIN') continue; // a pipe that is not ready yet
      if (code === 'EOF') break;
      throw error;
    }
    if (read === 0) break;
    length += read;
  }
  return room.toString('utf8', 0, length);
}

/** Writes all of it, however small the pipe: output cut short would let a call through. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') return; // nobody listens: the exit code speaks
    }
  }
}
