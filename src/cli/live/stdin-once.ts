// Reads stdin as a status line must: some hosts leave it open, so its end is never waited for.
// Rule: done as soon as the text is whole, or nothing has come for a while.

export interface OnceOptions {
  /** Quiet after which what has come is all that will come. */
  readonly idleMs: number;
  /** Whether the text so far is all of it. */
  readonly isWhole: (text: string) => boolean;
}

/** The text on stdin; empty when nothing comes. Lets go of the stream, so that the process can end. */
export function readStdinOnce(stdin: NodeJS.ReadStream, options: OnceOptions): Promise<string> {
  if (stdin.isTTY) return Promise.resolve('');
  return new Promise((resolve) => {
    let text = '';
    let timer = setTimeout(finish, options.idleMs);
    function finish(): void {
      clearTimeout(timer);
      stdin.removeAllListeners('data');
      stdin.destroy();
      resolve(text);
    }
    stdin.setEncoding('utf8');
    stdin.on('data', (chunk: string) => {
      text += chunk;
      clearTimeout(timer);
      if (/\}\s*$/.test(chunk) && options.isWhole(text)) finish();
      else timer = setTimeout(finish, options.idleMs);
    });
    stdin.once('end', finish);
    stdin.once('error', finish);
  });
}
