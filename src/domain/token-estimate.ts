// How many tokens text, images and PDFs are for a model. PURE. Estimates: no tokenizer of today's models is public.
// Sources: text as Anthropic's own tokenizer of the earlier models (npm @anthropic-ai/tokenizer 0.0.4) counts it, and what published
// comparisons with the later ones found (prose +45 %, code +13 to +33 %, JSON +30 %, other scripts and digits none); images by Anthropic's
// vision page, PDFs by published counts of 1 to 10 pages. Read 2026-11-28; see docs/decisions/0012-forecast.md.

/** The generations of models that count alike. */
export type TokenGeneration = 'earlier' | 'current';

/** The same content in tokens of either generation. */
export type TokenEstimate = Readonly<Record<TokenGeneration, number>>;

export const NO_TOKENS: TokenEstimate = { earlier: 0, current: 0 };

/** What several contents are together. */
export const sumOfEstimates = (estimates: readonly TokenEstimate[]): TokenEstimate =>
  estimates.reduce(
    (sum, each) => ({
      earlier: sum.earlier + each.earlier,
      current: sum.current + each.current,
    }),
    NO_TOKENS,
  );

/** Letters of the Latin alphabet became more tokens with the current generation, everything else hardly. */
const CURRENT_PER_EARLIER = { letters: 1.4, other: 1.03 };

type CharKind =
  | 'lower'
  | 'upper'
  | 'digit'
  | 'space'
  | 'sign'
  | 'accent'
  | 'script'
  | 'wide'
  | 'rare';

/** Tokens of a text: its runs of letters, digits, signs and space, each by its length. Takes a millisecond for some 200 kB. */
export function textTokens(text: string): TokenEstimate {
  let letters = 0;
  let other = 0;
  let before: CharKind = 'space';
  for (let at = 0; at < text.length; ) {
    const start = at;
    const code = text.charCodeAt(start);
    const kind = kindOf(code);
    at = endOfRun(text, start + 1, kind);
    let length = at - start;
    // A capital belongs to the letters that follow it.
    const isWord = kind === 'lower' || (kind === 'upper' && length === 1);
    if (kind === 'upper' && isWord) {
      at = endOfRun(text, at, 'lower');
      length = at - start;
    }
    const isGlued = isAlphanumeric(before) && isAlphanumeric(kind);
    if (isWord) letters += tokensOfWord(length);
    else if (kind === 'upper') letters += Math.max(1, length / 3);
    else if (kind !== 'space' || length > 1 || code !== SPACE)
      other += tokensOfRun(kind, length, code);
    // Keys, hashes and base64 are short pieces without anything between them.
    if (isGlued && kind === 'digit') other += 0.2;
    else if (isGlued && isWord && length <= 3) other += 0.45;
    before = at > start + 1 && kind === 'upper' && isWord ? 'lower' : kind;
  }
  return {
    earlier: Math.ceil(letters + other),
    current: Math.ceil(letters * CURRENT_PER_EARLIER.letters + other * CURRENT_PER_EARLIER.other),
  };
}

const SPACE = 32;

function endOfRun(text: string, from: number, kind: CharKind): number {
  let at = from;
  while (at < text.length && kindOf(text.charCodeAt(at)) === kind) at += 1;
  return at;
}

const isAlphanumeric = (kind: CharKind): boolean =>
  kind === 'lower' || kind === 'upper' || kind === 'digit';

function tokensOfWord(length: number): number {
  if (length === 1) return 0.7;
  return length <= 6 ? 1 : 1 + (length - 6) / 6;
}

/** Tokens of a run that is no word. */
function tokensOfRun(kind: CharKind, length: number, code: number): number {
  switch (kind) {
    case 'digit':
      return length === 1 ? 0.8 : 0.1 + length / 2.4;
    case 'space':
      return 1 + Math.max(0, length - 16) / 200;
    case 'sign':
      // Rulers and tables repeat one sign.
      return length === 1 ? 0.85 : 0.6 + 0.35 * Math.min(length, 8) + 0.1 * Math.max(0, length - 8);
    case 'accent':
      return 0.6 * length;
    case 'script':
      return (code < 0x590 ? 0.58 : code < 0x900 ? 1.1 : 1.3) * length;
    case 'wide':
      return (code < 0xac00 ? 0.97 : 1.3) * length;
    default:
      return 1.15 * length;
  }
}

/** `script`: Cyrillic to the Indian scripts; `wide`: Chinese, Japanese, Korean; `rare`: symbols, emoji, halves of a pair. */
function kindOf(code: number): CharKind {
  if (code >= 97 && code <= 122) return 'lower';
  if (code >= 65 && code <= 90) return 'upper';
  if (code >= 48 && code <= 57) return 'digit';
  if (code === SPACE || (code >= 9 && code <= 13)) return 'space';
  if (code < 0x80) return 'sign';
  if (code < 0x250) return 'accent';
  if (code < 0x1100) return 'script';
  if (code < 0x2000) return 'wide';
  return code < 0x2e80 || code >= 0xd800 ? 'rare' : 'wide';
}

/** Pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const PATCH_PIXELS = 28;
/** An image that is larger is made smaller before it is read. */
const LARGEST_IMAGE = {
  earlier: { edgePixels: 1_568, tokens: 1_568 },
  current: { edgePixels: 2_576, tokens: 4_784 },
};

/** Tokens of an image: one for each patch of 28 × 28 pixels, up to a limit. `null`: its size is unknown, so the limit. */
export function imageTokens(size: ImageSize | null): TokenEstimate {
  const under = ({ edgePixels, tokens }: (typeof LARGEST_IMAGE)[TokenGeneration]): number => {
    if (size === null) return tokens;
    const scale = Math.min(1, edgePixels / Math.max(size.width, size.height));
    const patches = (pixels: number) => Math.max(1, Math.ceil((pixels * scale) / PATCH_PIXELS));
    return Math.min(tokens, patches(size.width) * patches(size.height));
  };
  return { earlier: under(LARGEST_IMAGE.earlier), current: under(LARGEST_IMAGE.current) };
}

/** Each page of a PDF is sent as an image, for every model, with its text beside it. */
const PDF_PAGE_TOKENS = 1_600;
const PDF_CHARS_PER_TOKEN = { earlier: 4, current: 3.2 };

/** Tokens of a PDF by its pages and the letters on them. */
export function pdfTokens(pageCount: number, charCount: number): TokenEstimate {
  const tokens = (charsPerToken: number) =>
    Math.ceil(PDF_PAGE_TOKENS * pageCount + charCount / charsPerToken);
  return {
    earlier: tokens(PDF_CHARS_PER_TOKEN.earlier),
    current: tokens(PDF_CHARS_PER_TOKEN.current),
  };
}
