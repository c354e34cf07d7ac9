// The append-only lines and the sums kept beside them. Rule: an entry and its sums are written in the
// same transaction; a request is counted once, whatever file told it and however often.
import type { CorrectionEntry, Entry, RecordOutcome, UsageEntry } from '../../domain/entry.ts';
import { sessionId } from '../../domain/ids.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { NO_USAGE, subtractUsage, type Usage } from '../../domain/usage.ts';
import { invariant } from '../../errors.ts';
import { bucketOf, type Row, toUsage, USAGE_COLUMNS } from '../columns.ts';
import type { Store } from '../store.ts';
import type { Connection, Value } from './connection.ts';
import { flagValues, usageValues } from './rows.ts';

const INSERT_ENTRY = `INSERT INTO entry (entry_id, kind, reason, session_key, agent_id, turn_id,
  attribution_id, occurred_at_ms, recorded_at_ms, ${USAGE_COLUMNS}, cost_nano_usd, request_count,
  provenance, unknown_model, interrupted, response_key)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (entry_id) DO NOTHING`;

const ADD_TO_ROLLUP = `INSERT INTO rollup (session_key, bucket_at_ms, attribution_id, provenance,
  request_count, unknown_count, ${USAGE_COLUMNS}, cost_nano_usd, first_at_ms, last_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    request_count = request_count + excluded.request_count,
    unknown_count = unknown_count + excluded.unknown_count,
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
    cache_write_5m_tokens = cache_write_5m_tokens + excluded.cache_write_5m_tokens,
    cache_write_1h_tokens = cache_write_1h_tokens + excluded.cache_write_1h_tokens,
    web_search_count = web_search_count + excluded.web_search_count,
    cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd,
    first_at_ms = min(first_at_ms, excluded.first_at_ms),
    last_at_ms = max(last_at_ms, excluded.last_at_ms)`;

/** A request and its corrections: `+` follows the request's id in theirs, and `,` follows `+` in ASCII. */
const READ_REQUEST = `SELECT count(*) AS line_count, max(session_key) AS session_key,
  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
  sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(web_search_count) AS web_search_count,
  sum(cost_nano_usd) AS cost_nano_usd, min(attribution_id) AS attribution_id,
  sum(CASE WHEN provenance = 'estimated' THEN cost_nano_usd ELSE 0 END) AS estimated_nano_usd,
  max(provenance = 'metered') AS is_metered, max(response_key) AS response_key,
  max(unknown_model) AS unknown_model,
  min(occurred_at_ms) AS occurred_at_ms
  FROM entry WHERE entry_id = ? OR (entry_id > ? || '+' AND entry_id < ? || ',')`;

/** The same for a request that had no price, and may have been priced anew since. */
const READ_REPRICED = `${READ_REQUEST} OR entry_id IN ('reprice:' || ? || '-', 'reprice:' || ? || '+')`;

/** Above any count of tokens. */
const METERED = 2 ** 40;

/** Of two lines of one response the later one stands: a count before an estimate, else the larger output. */
export const rankOf = ({ usage, provenance }: UsageEntry): number =>
  usage.outputTokens + (provenance === 'metered' ? METERED : 0);

/** Adds one line to the sums; the values are those of `ADD_TO_ROLLUP`. */
export type AddToRollup = (values: readonly Value[]) => void;

export const rollupWriter =
  (db: Connection): AddToRollup =>
  (values) => {
    db.run(ADD_TO_ROLLUP, values);
  };

/** Where entries are written. */
interface EntryWriter {
  readonly db: Connection;
  readonly addToRollup: AddToRollup;
}

export function entryRepository(db: Connection, addToRollup: AddToRollup = rollupWriter(db)) {
  const writer: EntryWriter = { db, addToRollup };
  return {
    recordUsage: (entry) => {
      // The lines of one response follow each other and say the same: only what grew is news.
      const counted = db.counted.get(entry.requestId);
      const { responseKey: key } = entry;
      const rank = rankOf(entry);
      if (counted !== undefined) {
        if (areDifferent(counted.key, key)) return 'other-response';
        if (rank <= counted.rank) return 'duplicate';
      } else if (
        writeEntry(entry, db.attributionKey(entry.attribution), entry.usage, true, writer)
      ) {
        db.counted.set(entry.requestId, { rank, key });
        return 'recorded';
      }
      const known = readRequest(entry.requestId, db);
      invariant(known, 'a request that cannot be written is there');
      if (isOtherResponse(entry, known)) return 'other-response';
      db.counted.set(entry.requestId, { rank, key });
      return growRequest(entry, known, writer);
    },
    recordCorrection: (entry) => {
      const isNew = writeEntry(
        entry,
        db.attributionKey(entry.attribution),
        entry.usage,
        false,
        writer,
      );
      return isNew ? 'recorded' : 'duplicate';
    },
    readOwner: (id) => {
      const row = db.get(
        `SELECT session_id FROM entry JOIN session USING (session_key) WHERE entry_id = ?`,
        [id],
      );
      return row ? sessionId(String(row.session_id)) : null;
    },
  } satisfies Pick<Store, 'recordUsage' | 'recordCorrection' | 'readOwner'>;
}

/** Writes an entry and its sums. False, and nothing written, when the entry is known. */
function writeEntry(
  entry: Entry,
  attributionId: number,
  usage: Usage,
  isRequest: boolean,
  { db, addToRollup }: EntryWriter,
): boolean {
  const flags = entry.kind === 'usage' ? flagValues(entry.flags) : [0, 0];
  const key = db.sessionKey(entry.sessionId);
  const written = db.run(INSERT_ENTRY, [
    entry.entryId,
    entry.kind,
    entry.kind === 'correction' ? entry.reason : null,
    key,
    entry.agentId,
    entry.turnId,
    attributionId,
    entry.occurredAt,
    entry.recordedAt,
    ...usageValues(usage),
    entry.costNanoUsd,
    isRequest ? 1 : 0,
    entry.provenance,
    ...flags,
    entry.kind === 'usage' ? entry.responseKey : null,
  ]);
  if (written === 0) return false;
  addToRollup([
    key,
    bucketOf(entry.occurredAt),
    attributionId,
    entry.provenance,
    isRequest ? 1 : 0,
    isRequest ? (flags[0] ?? 0) : 0,
    ...usageValues(usage),
    entry.costNanoUsd,
    entry.occurredAt,
    entry.occurredAt,
  ]);
  return true;
}

/** A request with its corrections, added up; `null` when it is not known. */
export function readRequest(id: string, db: Connection): Row | null {
  const known = db.get(READ_REQUEST, [id, id, id]);
  const row =
    Number(known?.unknown_model) === 1 ? db.get(READ_REPRICED, [id, id, id, id, id]) : known;
  return row && Number(row.line_count) > 0 ? row : null;
}

/** An entry from before responses had keys is of the same response when it is of about the same time. */
const LONGEST_RESPONSE_MS = 10 * MINUTE_MS;

const areDifferent = (a: number | null, b: number | null): boolean =>
  a !== null && b !== null && a !== b;

function isOtherResponse({ responseKey, occurredAt }: UsageEntry, known: Row): boolean {
  if (typeof known.response_key === 'number') return areDifferent(known.response_key, responseKey);
  const knownAt = Number(known.occurred_at_ms);
  if (responseKey === null || knownAt === 0) return false;
  return Math.abs(occurredAt - knownAt) > LONGEST_RESPONSE_MS;
}

/** Corrects a request that is known by what a later line of it adds. */
function growRequest(entry: UsageEntry, known: Row, writer: EntryWriter): RecordOutcome {
  const had = toUsage(known);
  const isMetered = Number(known.is_metered) === 1;
  if (rankOf(entry) <= had.outputTokens + (isMetered ? METERED : 0)) return 'duplicate';
  const owner = writer.db.get('SELECT session_id FROM session WHERE session_key = ?', [
    Number(known.session_key),
  ]);
  const growth: Omit<CorrectionEntry, 'entryId'> = {
    ...entry,
    kind: 'correction',
    reason: 'grown',
    sessionId: sessionId(String(owner?.session_id ?? entry.sessionId)),
  };
  const correct = (change: Partial<CorrectionEntry>, usage: Usage) => {
    const entryId = `${entry.requestId}+${lineCount}` as CorrectionEntry['entryId'];
    writeEntry(
      { ...growth, ...change, entryId },
      Number(known.attribution_id),
      usage,
      false,
      writer,
    );
    lineCount += 1;
  };
  let lineCount = Number(known.line_count);
  // What was a guess goes back whole, so that every dollar stays under how it is known.
  const guessed = entry.provenance === 'metered' ? Number(known.estimated_nano_usd) : 0;
  if (guessed !== 0) correct({ provenance: 'estimated', costNanoUsd: -guessed }, NO_USAGE);
  const costNanoUsd = entry.costNanoUsd - (Number(known.cost_nano_usd) - guessed);
  correct({ costNanoUsd }, subtractUsage(entry.usage, had));
  return 'grown';
}
