// What a person would see: a small terminal emulator, as much of ECMA-48 and xterm as the interactive client uses.
// The client draws by moving the cursor, so words can only be found on the screen, never in the stream of bytes.

/** A screen of characters. Colours are dropped. */
export interface TerminalScreen {
  /** Takes output in pieces of any size, also when one ends inside an escape sequence. */
  write(chunk: string): void;
  /** All lines joined by newlines, trailing blanks cut. No-break spaces read as spaces. */
  text(): string;
}

// One escape sequence or one other control character. Capture 1/2: CSI parameters and final byte.
const sequence =
  /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[\]P_^X][\s\S]*?(?:\x07|\x1b\\)|\x1b[()*+#%][\s\S]|\x1b[78=>cDEHMNOZ]|[\x00-\x1f\x7f]/y;
const mayBeUnfinished = /\x1b(?:|\[[0-?]*[ -/]*|[()*+#%]|[\]P_^X](?:(?!\x07|\x1b\\)[\s\S])*)$/;

/** A blank screen of the given size. */
export function createTerminalScreen(rows: number, columns: number): TerminalScreen {
  const blankLine = () => Array.from({ length: columns }, () => ' ');
  let lines = Array.from({ length: rows }, blankLine);
  let pending = '';
  let row = 0;
  let column = 0;
  let saved = { row: 0, column: 0 };
  let top = 0;
  let bottom = rows - 1;

  const scrollUp = () => {
    lines.splice(top, 1);
    lines.splice(bottom, 0, blankLine());
  };
  const scrollDown = () => {
    lines.splice(bottom, 1);
    lines.splice(top, 0, blankLine());
  };
  const lineFeed = () => {
    if (row === bottom) scrollUp();
    else row = Math.min(row + 1, rows - 1);
  };
  const moveTo = (toRow: number, toColumn: number) => {
    row = Math.max(0, Math.min(toRow, rows - 1));
    column = Math.max(0, Math.min(toColumn, columns - 1));
  };
  const eraseInLine = (from: number, to: number, at = row) => {
    lines[at]?.fill(' ', from, to);
  };
  const eraseInScreen = (how: number) => {
    if (how === 0) eraseInLine(column, columns);
    if (how === 1) eraseInLine(0, column + 1);
    const from = how === 0 ? row + 1 : 0;
    const to = how === 1 ? row : rows;
    for (let at = from; at < to; at += 1) eraseInLine(0, columns, at);
  };
  const put = (character: string) => {
    if (column >= columns) {
      column = 0;
      lineFeed();
    }
    const line = lines[row];
    if (line) line[column] = character;
    column += 1;
  };

  const control = (parameters: string, final: string) => {
    const numbers = parameters.split(';').map((part) => Number.parseInt(part, 10) || 0);
    const first = numbers[0] ?? 0;
    const count = Math.max(1, first);
    const at = (n: number) => Math.max(1, numbers[n] ?? 1) - 1;
    if (parameters.startsWith('?')) {
      // Entering or leaving the alternate screen: either way what comes next is drawn afresh.
      if (parameters === '?1049') lines = Array.from({ length: rows }, blankLine);
      return;
    }
    if (final === 'A') moveTo(row - count, column);
    else if (final === 'B') moveTo(row + count, column);
    else if (final === 'C') moveTo(row, column + count);
    else if (final === 'D') moveTo(row, column - count);
    else if (final === 'E') moveTo(row + count, 0);
    else if (final === 'F') moveTo(row - count, 0);
    else if (final === 'G') moveTo(row, at(0));
    else if (final === 'd') moveTo(at(0), column);
    else if (final === 'H' || final === 'f') moveTo(at(0), at(1));
    else if (final === 'J') eraseInScreen(first);
    else if (final === 'K' && first === 0) eraseInLine(column, columns);
    else if (final === 'K' && first === 1) eraseInLine(0, column + 1);
    else if (final === 'K') eraseInLine(0, columns);
    else if (final === 'X') eraseInLine(column, Math.min(column + count, columns));
    else if (final === 'S') for (let n = 0; n < count; n += 1) scrollUp();
    else if (final === 'T') for (let n = 0; n < count; n += 1) scrollDown();
    else if (final === 'r') {
      top = at(0);
      bottom = (numbers[1] || rows) - 1;
      moveTo(0, 0);
    } else if (final === 's' && parameters === '') saved = { row, column };
    else if (final === 'u' && parameters === '') moveTo(saved.row, saved.column);
  };

  const simple = (found: string) => {
    if (found === '\r') column = 0;
    else if (found === '\n') lineFeed();
    else if (found === '\b') moveTo(row, column - 1);
    else if (found === '\t') moveTo(row, (Math.floor(column / 8) + 1) * 8);
    else if (found === '\x1b7') saved = { row, column };
    else if (found === '\x1b8') moveTo(saved.row, saved.column);
    else if (found === '\x1bM' && row === top) scrollDown();
    else if (found === '\x1bM') moveTo(row - 1, column);
  };

  return {
    write(chunk) {
      const input = pending + chunk;
      const cut = mayBeUnfinished.exec(input)?.index ?? input.length;
      pending = input.slice(cut);
      for (let at = 0; at < cut; ) {
        sequence.lastIndex = at;
        const found = sequence.exec(input);
        if (found) {
          if (found[2] === undefined) simple(found[0]);
          else control(found[1] ?? '', found[2]);
          at = sequence.lastIndex;
        } else {
          const character = String.fromCodePoint(input.codePointAt(at) ?? 32);
          put(character === '\u00a0' ? ' ' : character);
          at += character.length;
        }
      }
    },
    text: () =>
      lines
        .map((line) => line.join('').trimEnd())
        .join('\n')
        .trimEnd(),
  };
}
