// A bundle: what a machine's ledger says to others, as JSON lines. Rule: each line's hash holds the one before it, and the last line signs the last
// hash, so that no line can be changed, dropped, added or moved; a later bundle of the same ledger begins with the lines of an earlier one.
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { ATTRIBUTION_KEYS, type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import { agentId, entryId, requestId, sessionId, turnId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import type { ExchangeLine } from '../stores/store.ts';

export const BUNDLE_SCHEMA = 'tollgate/bundle@1' as const;

/** The first line. */
export interface BundleHead {
  readonly schema: typeof BUNDLE_SCHEMA;
  readonly machineId: string;
  /** SPKI, base64. */
  readonly publicKey: string;
}

/** What the last line says, and signs. */
export interface BundleEnd {
  readonly lineCount: number;
  readonly madeAt: EpochMs;
  /** The machine's host name. */
  readonly name: string;
  /** Who works on it; counts for what has no developer. */
  readonly developer: string | null;
}

export interface Bundle {
  readonly head: BundleHead;
  readonly lines: readonly ExchangeLine[];
  /** Hash of each line. */
  readonly hashes: readonly string[];
  readonly end: BundleEnd;
}

const hashOf = (before: string, value: unknown): string =>
  createHash('sha256')
    .update(`${before}\n${JSON.stringify(value)}`)
    .digest('hex');

/** What people compare to know a key by: `3f1c 90ab …`. */
export const fingerprintOf = (publicKey: string): string =>
  (createHash('sha256').update(publicKey).digest('hex').slice(0, 32).match(/.{4}/g) ?? []).join(
    ' ',
  );

/** Writes a bundle line by line. `lines`: as the ledger gives them. */
export function* bundleText(
  head: BundleHead,
  lines: Iterable<ExchangeLine>,
  end: Omit<BundleEnd, 'lineCount'>,
  privateKey: KeyObject,
): Generator<string> {
  yield `${JSON.stringify(head)}\n`;
  let hash = hashOf('', head);
  let lineCount = 0;
  for (const line of lines) {
    const value = compact(line);
    hash = hashOf(hash, value);
    lineCount += 1;
    yield `${JSON.stringify({ line: value, hash })}\n`;
  }
  const signed = { lineCount, ...end };
  const signature = sign(null, Buffer.from(hashOf(hash, signed)), privateKey).toString('base64');
  yield `${JSON.stringify({ end: signed, signature })}\n`;
}

/** Labels that nobody knows are left out. */
function compact(line: ExchangeLine): unknown {
  const known = (attribution: Attribution) =>
    Object.fromEntries(Object.entries(attribution).filter(([, value]) => value !== null));
  if (line.kind === 'relabel') return { ...line, attribution: known(line.attribution) };
  return { ...line, entry: { ...line.entry, attribution: known(line.entry.attribution) } };
}

const text = z.string().min(1).max(2_000);
const count = z.int().min(-Number.MAX_SAFE_INTEGER);
const attribution = z
  .partialRecord(z.enum(ATTRIBUTION_KEYS as [keyof Attribution, ...(keyof Attribution)[]]), text)
  .transform((labels): Attribution => ({ ...NO_ATTRIBUTION, ...labels }));
const entryBase = {
  entryId: text.transform(entryId),
  sessionId: text.transform(sessionId),
  agentId: text.transform(agentId).nullable(),
  turnId: text.transform(turnId).nullable(),
  occurredAt: count,
  recordedAt: count,
  costNanoUsd: count,
  attribution,
  usage: z.strictObject({
    ...{ inputTokens: count, outputTokens: count, cacheReadTokens: count },
    ...{ cacheWrite5mTokens: count, cacheWrite1hTokens: count, webSearchCount: count },
  }),
};
const lineShape = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('usage'),
    isRepriced: z.boolean(),
    entry: z.strictObject({
      ...entryBase,
      kind: z.literal('usage'),
      requestId: text.transform(requestId),
      responseKey: count.nullable(),
      costNanoUsd: count.min(0),
      provenance: z.enum(['metered', 'estimated']),
      flags: z.strictObject({ unknownModel: z.boolean(), interrupted: z.boolean() }),
    }),
  }),
  z.strictObject({
    kind: z.literal('correction'),
    entry: z.strictObject({
      ...entryBase,
      kind: z.literal('correction'),
      reason: text,
      provenance: z.enum(['metered', 'client-settled', 'estimated']),
    }),
  }),
  z.strictObject({ kind: z.literal('relabel'), entryId: text, attribution }),
]);
const headShape = z.strictObject({
  schema: z.literal(BUNDLE_SCHEMA),
  machineId: z.string().regex(/^[0-9a-f-]{36}$/),
  publicKey: text,
});
const wrapShape = z.strictObject({ line: z.unknown(), hash: z.string() });
const endShape = z.strictObject({
  end: z.strictObject({
    lineCount: count.min(0),
    madeAt: count,
    name: text,
    developer: text.nullable(),
  }),
  signature: z.string(),
});

/** Reads a bundle and checks every hash and the signature. Throws `TollgateError` `BUNDLE_REFUSED`. */
export function parseBundle(bytes: string, from: string): Bundle {
  const texts = bytes.split('\n');
  if (texts.at(-1) === '') texts.pop();
  const values = texts.map((each, index) => parseJson(each, index + 1, from));
  const head = shaped(headShape, values[0], 1, from);
  const last = values.length;
  if (last < 2 || typeof values.at(-1) !== 'object' || !('end' in (values.at(-1) as object))) {
    throw refused(from, last, 'its last line is missing: it was cut off');
  }
  let hash = hashOf('', values[0]);
  const lines: ExchangeLine[] = [];
  const hashes: string[] = [];
  for (const [index, value] of values.slice(1, -1).entries()) {
    const wrapped = shaped(wrapShape, value, index + 2, from);
    hash = hashOf(hash, wrapped.line);
    if (wrapped.hash !== hash) {
      throw refused(from, index + 2, 'its hash does not fit: it or a line before it was changed');
    }
    lines.push(shaped(lineShape, wrapped.line, index + 2, from));
    hashes.push(hash);
  }
  const { end, signature } = shaped(endShape, values.at(-1), last, from);
  const { end: signed } = values.at(-1) as { readonly end: unknown };
  const isSigned = isSignedBy(head.publicKey, hashOf(hash, signed), signature);
  if (!isSigned || end.lineCount !== lines.length) {
    throw refused(from, last, 'its signature does not fit what it signs');
  }
  return { head, lines, hashes, end };
}

function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({
      ...{ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' },
    });
    const isOfKind = key.asymmetricKeyType === 'ed25519';
    return isOfKind && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false; // no key at all
  }
}

function parseJson(line: string, number: number, from: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw refused(from, number, 'it is not JSON');
  }
}

function shaped<T>(shape: z.ZodType<T>, value: unknown, number: number, from: string): T {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const where = issue?.path.map(String).join('.') ?? '';
  throw refused(from, number, `${where === '' ? '' : `${where}: `}${issue?.message}`);
}

const refused = (from: string, line: number, why: string): TollgateError =>
  new TollgateError({
    code: 'BUNDLE_REFUSED',
    message: `${from} was not imported: line ${line}: ${why}`,
    hint: 'have it exported and sent again, whole: tollgate export --out file.bundle',
  });
