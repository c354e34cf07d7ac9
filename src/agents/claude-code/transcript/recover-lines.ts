// Finds the JSON objects in text that is not one to a line: spread over lines, glued together, torn by a crash, with bytes in
// between. Rule: what is left over and may have used tokens is counted, never passed over in silence.

/** What was found from one place on. */
export interface Recovered {
  /** Objects and their places in the buffer. */
  readonly objects: readonly Found[];
  /** Where to read on. */
  readonly nextAt: number;
  /** An object begins at `nextAt` that may be still being written. */
  readonly isUnfinished: boolean;
  /** Pieces that may have used tokens and could not be read. */
  readonly unusableCount: number;
}

interface Found {
  readonly value: object;
  readonly at: number;
}

const OPEN = '{';
const CLOSE = '}';
const NEWLINE = '\n';
/** Bytes before an object that mean nothing: a hole, or a mark of byte order. */
const MARKS: ReadonlySet<number> = new Set([0, 0xef, 0xbb, 0xbf]);
/** Beginnings that are tried in one torn piece. */
const MAX_TRIES = 2_000;

const SPEAKS_OF_TOKENS = /"usage"|_tokens"|[cC]ostUSD"|"assistant"|"requestId"|"stop_reason"/;
const SAYS_WHAT_IT_IS = /"(?:type|role)"\s*:\s*"/;

/** Whether a piece of a line may be of one that used tokens: it says so, or is cut before it says anything. */
export function mayHaveSpent(piece: string): boolean {
  const text = piece.replaceAll('\0', '').trim();
  return SPEAKS_OF_TOKENS.test(text) || (text.startsWith(OPEN) && !SAYS_WHAT_IT_IS.test(text));
}

/** An object: whole up to `end`, torn there, or unfinished at the end of the text. */
interface Match {
  readonly end: number;
  readonly is: 'whole' | 'torn' | 'unfinished';
}

/** What begins at `at`. `text` has one unit for each byte. */
function matchObject(text: string, at: number): Match {
  let depth = 0;
  let isString = false;
  for (let index = at; index < text.length; index += 1) {
    const unit = text[index];
    if (isString) {
      if (unit === '\\') index += 1;
      else if (unit === '"') isString = false;
      // No string of JSON goes on behind the end of a line.
      else if (unit === NEWLINE) return { end: index, is: 'torn' };
    } else if (unit === '"') isString = true;
    else if (unit === OPEN) depth += 1;
    else if (unit === CLOSE) {
      depth -= 1;
      if (depth === 0) return { end: index + 1, is: 'whole' };
    }
  }
  return { end: text.length, is: 'unfinished' };
}

/**
 * Reads from `at` on, up to the next line that begins an object or to `until`, whichever comes first. `isOpen`: the last line has no
 * end yet, so that nothing in it is torn.
 */
export function recoverObjects(
  buffer: Buffer,
  at: number,
  until: number,
  isOpen: boolean,
): Recovered {
  const segmentEnd = nextObjectLine(buffer, at, until);
  const text = buffer.toString('latin1', at, segmentEnd);
  const parse = (from: number, to: number) => parseObject(buffer, at + from, at + to);
  const objects: Found[] = [];
  let unusableCount = 0;
  let leftOver = '';
  let index = 0;
  for (let start = text.indexOf(OPEN); start !== -1; start = text.indexOf(OPEN, index)) {
    leftOver += text.slice(index, start);
    const match = matchObject(text, start);
    const value = match.is === 'whole' ? parse(start, match.end) : null;
    if (value !== null) {
      objects.push({ value, at: at + start });
      index = match.end;
      continue;
    }
    const isLast = match.is === 'unfinished' && segmentEnd === until;
    const wholeEnd = isLast && !isOpen ? wholeLineEnd(text, start, parse) : null;
    // Where braces match by chance, the line does not end with them.
    const end = isLast ? wholeEnd : Math.max(match.end, lineEndAfter(text, start));
    if (end === null) {
      if (mayHaveSpent(leftOver)) unusableCount += 1;
      return { objects, nextAt: at + start, isUnfinished: true, unusableCount };
    }
    const torn = salvage(text, start, end, parse);
    for (const found of torn.objects) objects.push({ value: found.value, at: at + found.at });
    if (torn.isLost) unusableCount += 1;
    index = end;
  }
  leftOver += text.slice(index);
  if (mayHaveSpent(leftOver)) unusableCount += 1;
  return { objects, nextAt: segmentEnd, isUnfinished: false, unusableCount };
}

/** The end of the first line from `start` on that ends with a whole line of a transcript; `null`: it may still be written. */
function wholeLineEnd(text: string, start: number, parse: ParseSpan): number | null {
  for (let from = start; from < text.length; ) {
    const end = lineEndAfter(text, from);
    const { endsWhole, objects } = salvage(text, from, end, parse);
    // In its own line a message by itself will do; an object over several lines may have one inside.
    if (endsWhole && (from === start || objects.some(({ value }) => isLine(value)))) return end;
    from = end + 1;
  }
  return null;
}

function lineEndAfter(text: string, at: number): number {
  const end = text.indexOf(NEWLINE, at);
  return end === -1 ? text.length : end;
}

/** The line after `at` that begins with an object; `until` where there is none. */
function nextObjectLine(buffer: Buffer, at: number, until: number): number {
  for (let end = buffer.indexOf(NEWLINE, at); end !== -1; end = buffer.indexOf(NEWLINE, end + 1)) {
    let next = end + 1;
    while (next < until && MARKS.has(buffer[next] ?? 0)) next += 1;
    if (buffer[next] === OPEN.charCodeAt(0)) return end + 1;
  }
  return until;
}

/** The object in a part of the text; `null`: there is none. */
type ParseSpan = (from: number, to: number) => object | null;

interface Salvaged {
  readonly objects: readonly Found[];
  /** Nothing stands behind the last of them. */
  readonly endsWhole: boolean;
  /** What is left may have used tokens. */
  readonly isLost: boolean;
}

/** Whole lines, or whole messages, that stand in a torn piece. */
function salvage(text: string, start: number, end: number, parse: ParseSpan): Salvaged {
  const piece = text.slice(start, end);
  const objects: Found[] = [];
  let rest = '';
  let restAt = 0;
  let from = piece.indexOf(OPEN);
  for (let tries = 0; from !== -1 && tries < MAX_TRIES; tries += 1) {
    const match = matchObject(piece, from);
    const value = match.is === 'whole' ? parse(start + from, start + match.end) : null;
    if (value !== null && isLineLike(value)) {
      objects.push({ value, at: start + from });
      rest += piece.slice(restAt, from);
      restAt = match.end;
      from = piece.indexOf(OPEN, restAt);
    } else {
      from = piece.indexOf(OPEN, from + 1);
    }
  }
  const tail = piece.slice(restAt);
  const hasMessage = objects.some(({ value }) => !('timestamp' in value) && 'usage' in value);
  return {
    objects,
    endsWhole: tail.trim() === '',
    isLost: !hasMessage && mayHaveSpent(rest + tail),
  };
}

/** A line of a transcript, or the message of one. */
const isLineLike = (object: object): boolean =>
  isLine(object) || ('type' in object && 'usage' in object);

const isLine = (object: object): boolean =>
  'type' in object && ['message', 'sessionId', 'timestamp'].some((key) => key in object);

/** `null` for what is no JSON. */
function parseObject(buffer: Buffer, from: number, to: number): object | null {
  try {
    return JSON.parse(buffer.toString('utf8', from, to).replaceAll('\0', ''));
  } catch {
    return null;
  }
}
