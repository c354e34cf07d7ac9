// Where the columns of reports are kept: in chunks of lines that follow one another from the first line on. Rule:
// a chunk holds exactly the lines of its range; all of them can be thrown away at any time and are made again.

import { USAGE_COLUMNS } from '../../columns.ts';
import type { Connection, Value } from '../connection.ts';
import {
  COLUMNS,
  type Column,
  type ColumnName,
  decodeColumns,
  decodeTexts,
  encodeColumns,
  rangeOf,
  type Texts,
  valuesOf,
} from './encode-columns.ts';
import { keepLabels } from './label-columns.ts';
import {
  type Gathered,
  type LineGatherer,
  type Lines,
  lineGatherer,
  ROLLUP_LEVELS,
  type RollupLevel,
  rollUp,
} from './rollup-lines.ts';

/** What `provenance` is in a column. */
export const PROVENANCES = ['metered', 'client-settled', 'estimated'] as const;

/** Lines of a chunk that is left as it is; smaller ones are joined … */
const CHUNK_LINES = 24_000;
/** … when there are this many of them. */
const MAX_SMALL = 8;
/** So few lines are read one by one: writing them down would take longer. */
const WORTH_A_CHUNK = 256;
/** Lines of one gulp: hooks that wait for the lock wait a tenth of a second at most. */
const GULP_LINES = 32_000;

/** More of the ledger than this is read page by page. */
const MAPPED_BYTES = 2 ** 31 - 2 ** 16;

const READ_LINES = `SELECT coalesce(turn_id, ''), session_key, attribution_id, provenance,
  occurred_at_ms, request_count, unknown_model, ${USAGE_COLUMNS}, cost_nano_usd
  FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq`;

/** Where the sums begin in a line of that. */
const FIRST_SUM_READ = 5;

const placeOfProvenance = (name: string): number =>
  (PROVENANCES as readonly string[]).indexOf(name);

/** The name of what is kept of a set. */
const nameOf = (set: RollupLevel | null): string => set?.name ?? 'line';

/** Lines as a report reads them, with the time they span. */
export interface Chunk {
  readonly firstAt: number;
  readonly lastAt: number;
  /** Those of a set; `null`: each by itself. */
  readonly linesOf: (set: RollupLevel | null) => Lines;
  readonly turns: () => Texts;
}

interface ChunkRow {
  readonly firstSeq: number;
  readonly throughSeq: number;
  readonly lineCount: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Lines that are not kept yet. */
function chunkOfGathered({ lines, turns }: Gathered): Chunk {
  const [firstAt, lastAt] = rangeOf(valuesOf(lines.column('at')));
  const linesOf = (set: RollupLevel | null) => (set === null ? lines : rollUp(lines, set));
  return { firstAt, lastAt, linesOf, turns: () => turns };
}

/** Keeps a line that was written just now; the values are those of `ADD_TO_ROLLUP`. */
export type KeepLine = (turn: string, values: readonly Value[]) => void;

/** Where those values have what a column needs. */
const [SESSION, ATTRIBUTION, PROVENANCE, FIRST_SUM, AT] = [0, 2, 3, 4, 13];

export type ColumnCache = ReturnType<typeof columnCache>;

export function columnCache(db: Connection) {
  /** Lines that bulk work has written and nobody has read back; they follow what is kept. */
  let pending: PendingLines | null = null;
  return {
    /** Everything in the ledger that a window may hold, as one state of it. */
    read: (window: { readonly startAt: number; readonly endAt: number }) => readChunks(db, window),

    /**
     * Keeps what bulk work writes as it writes it, which spares reading it back. Lines that another process wrote in between are
     * read; whatever cannot be followed is left to `catchUp`. Call inside the work's transaction.
     */
    gather: <T>(work: (keepLine: KeepLine) => T): T => {
      const started = beginGathering(db, pending);
      pending = null;
      const result = work(started === null ? () => {} : keeperOf(started.lines));
      if (started !== null) pending = endGathering(db, started);
      return result;
    },

    /** Forgets what a transaction that failed has gathered. */
    forget: () => {
      pending = null;
    },

    /** Keeps lines that were written since; answers how many are left: call until it is 0. Call inside a transaction that writes. */
    catchUp: (): number => {
      const gathered = pending;
      pending = null;
      return catchUp(db, gathered);
    },
  };
}

/** Lines gathered after a position in the ledger. */
interface PendingLines {
  readonly after: number;
  readonly lines: LineGatherer;
}

function readChunks(
  db: Connection,
  window: { readonly startAt: number; readonly endAt: number },
): Chunk[] {
  // Columns are read whole and once: straight from the system's memory of the file.
  db.driver.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
  const chunks = readChunkRows(db)
    .filter(({ firstAt, lastAt }) => firstAt < window.endAt && lastAt >= window.startAt)
    .map((row) => chunkOf(db, row));
  const rest = lineGatherer();
  readLines(db, throughSeq(db), newestSeq(db), rest);
  return rest.lineCount() === 0 ? chunks : [...chunks, chunkOfGathered(rest.gathered())];
}

/** The lines so far, those of other processes read; `null` where these are too many to follow. */
function beginGathering(db: Connection, pending: PendingLines | null): PendingLines | null {
  const through = throughSeq(db);
  const lines = pending?.after === through ? pending.lines : lineGatherer();
  const written = newestSeq(db) - through;
  if (written - lines.lineCount() > GULP_LINES) return null;
  readLines(db, through + lines.lineCount(), through + written, lines);
  return { after: through, lines };
}

const keeperOf =
  (lines: LineGatherer): KeepLine =>
  (turn, values) =>
    lines.add(
      turn,
      values[SESSION] as number,
      values[ATTRIBUTION] as number,
      placeOfProvenance(values[PROVENANCE] as string),
      values[AT] as number,
      values,
      FIRST_SUM,
    );

/** Writes a chunk where there are enough lines; the rest stays pending. `null`: something was written past them. */
function endGathering(db: Connection, gathered: PendingLines): PendingLines | null {
  const { after, lines } = gathered;
  if (after + lines.lineCount() !== newestSeq(db)) return null;
  if (lines.lineCount() < CHUNK_LINES) return gathered;
  append(db, after, lines);
  return null;
}

function catchUp(db: Connection, pending: PendingLines | null): number {
  const through = throughSeq(db);
  const newest = newestSeq(db);
  if (newest - through < WORTH_A_CHUNK) {
    keepLabels(db);
    return 0;
  }
  if (pending?.after === through && pending.lines.lineCount() <= newest - through) {
    append(db, through, pending.lines);
    return Math.max(1, newest - throughSeq(db));
  }
  const lines = lineGatherer();
  const next = Math.min(newest, through + GULP_LINES);
  readLines(db, through, next, lines);
  append(db, through, lines);
  return Math.max(1, newest - next);
}

const newestSeq = (db: Connection): number =>
  Number(db.get('SELECT max(seq) AS seq FROM entry', [])?.seq ?? 0);
const throughSeq = (db: Connection): number =>
  Number(db.get('SELECT max(through_seq) AS seq FROM report_chunk', [])?.seq ?? 0);

/** Reads entries after one position and up to another. */
function readLines(db: Connection, after: number, through: number, into: LineGatherer): void {
  const statement = db.driver.prepare<Value[]>(READ_LINES).raw();
  for (const row of statement.iterate(after, through) as Iterable<Value[]>) {
    const [turn, session, attribution, provenance, at] = row as [
      string,
      number,
      number,
      string,
      number,
    ];
    into.add(turn, session, attribution, placeOfProvenance(provenance), at, row, FIRST_SUM_READ);
  }
}

const readChunkRows = (db: Connection): ChunkRow[] =>
  db.all('SELECT * FROM report_chunk ORDER BY first_seq', []).map((row) => ({
    firstSeq: Number(row.first_seq),
    throughSeq: Number(row.through_seq),
    lineCount: Number(row.line_count),
    firstAt: Number(row.first_at_ms),
    lastAt: Number(row.last_at_ms),
  }));

function readBlob(db: Connection, firstSeq: number, name: string): Uint8Array {
  const sql = 'SELECT bytes FROM report_column WHERE first_seq = ? AND name = ?';
  return db.get(sql, [firstSeq, name])?.bytes as Uint8Array;
}

const chunkOf = (db: Connection, { firstSeq, firstAt, lastAt }: ChunkRow): Chunk => ({
  firstAt,
  lastAt,
  linesOf: (set) => {
    const columns = decodeColumns(readBlob(db, firstSeq, nameOf(set)));
    const column = (name: ColumnName) => columns[COLUMNS.indexOf(name)] as Column;
    return { lineCount: column('at').lineCount, column };
  },
  turns: () => decodeTexts(readBlob(db, firstSeq, 'turns')),
});

function writeChunk(db: Connection, after: number, batched: Gathered): void {
  const { lineCount } = batched.lines;
  const { firstAt, lastAt, linesOf } = chunkOfGathered(batched);
  const write = (name: string, bytes: Uint8Array) => {
    db.driver
      .prepare('INSERT INTO report_column (first_seq, name, bytes) VALUES (?, ?, ?)')
      .run(after + 1, name, Buffer.from(bytes.buffer));
  };
  for (const set of [null, ...ROLLUP_LEVELS]) {
    const lines = linesOf(set);
    write(nameOf(set), encodeColumns(COLUMNS.map(lines.column)));
  }
  write('turns', batched.turnBytes);
  db.run(
    `INSERT INTO report_chunk (first_seq, through_seq, line_count, first_at_ms, last_at_ms)
     VALUES (?, ?, ?, ?, ?)`,
    [after + 1, after + lineCount, lineCount, firstAt, lastAt],
  );
}

/** Adds lines after the last chunk, and joins small chunks at the end to one when they become many. */
function append(db: Connection, after: number, lines: LineGatherer): void {
  if (lines.lineCount() === 0) return;
  const all = readChunkRows(db);
  const small: ChunkRow[] = [];
  for (let row = all.pop(); row && row.lineCount < CHUNK_LINES; row = all.pop()) {
    small.unshift(row);
  }
  const first = small[0];
  if (first === undefined || small.length < MAX_SMALL) {
    writeChunk(db, after, lines.gathered());
    return;
  }
  const joined = lineGatherer();
  for (const row of small) {
    const chunk = chunkOf(db, row);
    joined.addAll({ lines: chunk.linesOf(null), turns: chunk.turns() });
    db.run('DELETE FROM report_column WHERE first_seq = ?', [row.firstSeq]);
    db.run('DELETE FROM report_chunk WHERE first_seq = ?', [row.firstSeq]);
  }
  joined.addAll(lines.gathered());
  writeChunk(db, first.firstSeq - 1, joined.gathered());
}
