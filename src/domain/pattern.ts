// Patterns that people write for names: `*` stands for anything, `?` for one character. PURE.

/** Whether a text stands for more than itself. */
export const isPattern = (text: string): boolean => text.includes('*') || text.includes('?');

/** Whether `pattern` (`*`, `?`) matches the whole of `text`; in time of at most one length times the other. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (!isPattern(pattern)) return pattern === text;
  return matchesPieces(pattern, text, (piece, letter) => piece === '?' || piece === letter);
}

/** The same for a pattern in pieces: `*`, and others that stand for one letter each, as `isOne` tells. */
export function matchesPieces(
  pattern: ArrayLike<string>,
  text: string,
  isOne: (piece: string, letter: string) => boolean,
): boolean {
  let at = 0;
  let from = 0;
  // The latest star, and where what it stands for ends as far as tried.
  let star = -1;
  let starEnd = 0;
  while (from < text.length) {
    const piece = pattern[at];
    if (piece === '*') {
      star = at;
      starEnd = from;
      at += 1;
    } else if (piece !== undefined && isOne(piece, text[from] ?? '')) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      starEnd += 1;
      from = starEnd;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
