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

/** Where an object that begins at `at` ends; what makes that impossible is told instead. */
type Match = { readonly endAt: number } | 'unfinished' | { readonly tornAt: number };

const endOf = (match: Match): number | null =>
  typeof match === 'object' && 'endAt' in match ? match.endAt : null;

/** `text` has one unit for each byte. */
function matchObject(text: string, at: number, until: number): Match {
  let depth = 0;
  let isString = false;
  for (let index = at; index < until; index += 1) {
    const unit = text[index];
    if (isString) {
      if (unit === '\\') index += 1;
      else if (unit === '"') isString = false;
      // No string of JSON goes on behind the end of a line.
      else if (unit === NEWLINE) return { tornAt: index };
    } else if (unit === '"') isString = true;
    else if (unit === OPEN) depth += 1;
    else if (unit === CLOSE) {
      depth -= 1;
      if (depth === 0) return { endAt: index + 1 };
    }
  }
  return 'unfinished';
}

/**
 * Reads from `at` on, up to the next line that begins an object or to `until`, whichever comes first. `isOpen`: the last line has no
 * end yet, so that nothing in it is torn.
 */
export function recoverObjects(
  buffer: Buffer,
  at: number,
  until: number,
  isOpen = false,
): Recovered {
  const segmentEnd = nextObjectLine(buffer, at, until);
  const text = buffer.toString('latin1', at, segmentEnd);
  const parse = (from: number, to: number) => parseObject(buffer, at + from, at + to);
  const objects: Found[] = [];
  let unusableCount = 0;
  let leftOver = '';
  let index = 0;
  while (index < text.length) {
    const start = text.indexOf(OPEN, index);
    if (start === -1) break;
    leftOver += text.slice(index, start);
    const match = matchObject(text, start, text.length);
    const endAt = endOf(match);
    const value = endAt === null ? null : parse(start, endAt);
    if (endAt !== null && value !== null) {
      objects.push({ value, at: at + start });
      index = endAt;
      continue;
    }
    const isLast = match === 'unfinished' && segmentEnd === until;
    const wholeEnd = isLast && !isOpen ? wholeLineEnd(text, start, parse) : null;
    const end = isLast ? wholeEnd : tornEnd(text, start, match);
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

/** Where a torn piece ends, which nothing is added to. */
function tornEnd(text: string, start: number, match: Match): number {
  if (match === 'unfinished') return text.length;
  return 'tornAt' in match ? match.tornAt : Math.max(match.endAt, lineEndAfter(text, start));
}

/** The end of the first line from `start` on that ends with a whole line of a transcript; `null`: it may still be written. */
function wholeLineEnd(text: string, start: number, parse: ParseSpan): number | null {
  for (let from = start; from < text.length; ) {
    const end = lineEndAfter(text, from);
    // In its own line a message by itself will do; an object over several lines may have one inside.
    const { isWhole, objects } = salvage(text, from === start ? start : from - 1, end, parse);
    if (isWhole && (from === start || objects.some(({ value }) => isLine(value)))) return end;
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
  for (let end = buffer.indexOf(NEWLINE, at); end !== -1 && end < until; ) {
    let next = end + 1;
    while (next < until && MARKS.has(buffer[next] ?? 0)) next += 1;
    if (next < until && buffer[next] === OPEN.charCodeAt(0)) return end + 1;
    end = buffer.indexOf(NEWLINE, end + 1);
  }
  return until;
}

/** The object in a part of the text; `null`: there is none. */
type ParseSpan = (from: number, to: number) => object | null;

interface Salvaged {
  readonly objects: readonly Found[];
  /** One of them is the last thing in the piece. */
  readonly isWhole: boolean;
  /** What is left may have used tokens. */
  readonly isLost: boolean;
}

/** Whole lines, or whole messages, that stand in a torn piece. */
function salvage(text: string, start: number, end: number, parse: ParseSpan): Salvaged {
  const objects: Found[] = [];
  let rest = '';
  let restAt = start;
  let from = text.indexOf(OPEN, start + 1);
  for (let tries = 0; from !== -1 && from < end && tries < MAX_TRIES; tries += 1) {
    const endAt = endOf(matchObject(text, from, end));
    const value = endAt === null ? null : parse(from, endAt);
    if (endAt !== null && value !== null && isLineLike(value)) {
      objects.push({ value, at: from });
      rest += text.slice(restAt, from);
      restAt = endAt;
      from = text.indexOf(OPEN, endAt);
    } else {
      from = text.indexOf(OPEN, from + 1);
    }
  }
  const tail = text.slice(restAt, end);
  const hasMessage = objects.some(({ value }) => !('timestamp' in value) && 'usage' in value);
  return {
    objects,
    isWhole: objects.length > 0 && tail.trim() === '',
    isLost: !hasMessage && mayHaveSpent(rest + tail),
  };
}

/** A line of a transcript, or the message of one. */
const isLineLike = (object: object): boolean =>
  isLine(object) || ('type' in object && 'usage' in object);

const isLine = (object: object): boolean =>
  'type' in object && ['message', 'sessionId', 'timestamp'].some((key) => key in object);

function parseObject(buffer: Buffer, from: number, to: number): object | null {
  const text = buffer.toString('utf8', from, to);
  try {
    const value: unknown = JSON.parse(text.includes('\0') ? text.replaceAll('\0', '') : text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
