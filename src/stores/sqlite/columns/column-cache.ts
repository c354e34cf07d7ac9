// Where the columns of reports are kept: in chunks of lines that follow one another from the first line on. Rule:
// a chunk holds exactly the lines of its range; all of them can be thrown away at any time and are made again.
import type { Connection, Value } from '../connection.ts';
import { USAGE_COLUMNS } from '../rows.ts';
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
const MOST_SMALL = 8;
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

export const placeOfProvenance = (name: string): number =>
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
  let batched: { readonly after: number; readonly lines: LineGatherer } | null = null;

  const newestSeq = () => Number(db.get('SELECT max(seq) AS seq FROM entry', [])?.seq ?? 0);
  const throughSeq = () =>
    Number(db.get('SELECT max(through_seq) AS seq FROM report_chunk', [])?.seq ?? 0);

  const readLines = (after: number, through: number, into: LineGatherer) => {
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
  };
  const rows = (): ChunkRow[] =>
    db.all('SELECT * FROM report_chunk ORDER BY first_seq', []).map((row) => ({
      firstSeq: Number(row.first_seq),
      throughSeq: Number(row.through_seq),
      lineCount: Number(row.line_count),
      firstAt: Number(row.first_at_ms),
      lastAt: Number(row.last_at_ms),
    }));
  const readBlob = (firstSeq: number, name: string): Uint8Array => {
    const sql = 'SELECT bytes FROM report_column WHERE first_seq = ? AND name = ?';
    return db.get(sql, [firstSeq, name])?.bytes as Uint8Array;
  };
  const chunkOf = ({ firstSeq, firstAt, lastAt }: ChunkRow): Chunk => ({
    firstAt,
    lastAt,
    linesOf: (set) => {
      const columns = decodeColumns(readBlob(firstSeq, nameOf(set)));
      const column = (name: ColumnName) => columns[COLUMNS.indexOf(name)] as Column;
      return { lineCount: column('at').lineCount, column };
    },
    turns: () => decodeTexts(readBlob(firstSeq, 'turns')),
  });

  const writeChunk = (after: number, batched: Gathered) => {
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
  };
  /** Adds lines after the last chunk, and joins small chunks at the end to one when they become many. */
  const append = (after: number, lines: LineGatherer) => {
    if (lines.lineCount() === 0) return;
    const all = rows();
    const small: ChunkRow[] = [];
    for (let row = all.pop(); row && row.lineCount < CHUNK_LINES; row = all.pop()) {
      small.unshift(row);
    }
    const first = small[0];
    if (first === undefined || small.length < MOST_SMALL) {
      writeChunk(after, lines.batched());
      return;
    }
    const joined = lineGatherer();
    for (const row of small) {
      const chunk = chunkOf(row);
      joined.addAll({ lines: chunk.linesOf(null), turns: chunk.turns() });
      db.run('DELETE FROM report_column WHERE first_seq = ?', [row.firstSeq]);
      db.run('DELETE FROM report_chunk WHERE first_seq = ?', [row.firstSeq]);
    }
    joined.addAll(lines.batched());
    writeChunk(first.firstSeq - 1, joined.batched());
  };

  return {
    /** Everything in the ledger that a window may hold, as one state of it. */
    read: (window: { readonly startAt: number; readonly endAt: number }): Chunk[] => {
      // Columns are read whole and once: straight from the system's memory of the file.
      db.driver.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
      const chunks = rows()
        .filter(({ firstAt, lastAt }) => firstAt < window.endAt && lastAt >= window.startAt)
        .map(chunkOf);
      const rest = lineGatherer();
      readLines(throughSeq(), newestSeq(), rest);
      return rest.lineCount() === 0 ? chunks : [...chunks, chunkOfGathered(rest.batched())];
    },

    /**
     * Keeps what bulk work writes as it writes it, which spares reading it back. Lines that somebody else wrote in
     * between are read; whatever cannot be followed is left to `catchUp`. Call inside the work's transaction.
     */
    gather: <T>(work: (keepLine: KeepLine) => T): T => {
      const through = throughSeq();
      const { lines } = batched?.after === through ? batched : { lines: lineGatherer() };
      batched = null;
      const written = newestSeq() - through;
      const isNear = written - lines.lineCount() <= GULP_LINES;
      if (isNear) readLines(through + lines.lineCount(), through + written, lines);
      const result = work((turn, values) => {
        if (!isNear) return;
        lines.add(
          turn,
          values[SESSION] as number,
          values[ATTRIBUTION] as number,
          placeOfProvenance(values[PROVENANCE] as string),
          values[AT] as number,
          values,
          FIRST_SUM,
        );
      });
      if (!isNear || through + lines.lineCount() !== newestSeq()) return result;
      if (lines.lineCount() < CHUNK_LINES) batched = { after: through, lines };
      else append(through, lines);
      return result;
    },

    /** Forgets what a transaction that failed has gathered. */
    forget: () => {
      batched = null;
    },

    /** Keeps lines that were written since; answers how many are left: call until it is 0. Call inside a transaction that writes. */
    catchUp: (): number => {
      const through = throughSeq();
      const newest = newestSeq();
      if (newest - through < WORTH_A_CHUNK) {
        keepLabels(db);
        return 0;
      }
      if (batched?.after === through && batched.lines.lineCount() <= newest - through) {
        append(through, batched.lines);
        batched = null;
        return Math.max(1, newest - throughSeq());
      }
      batched = null;
      const lines = lineGatherer();
      const next = Math.min(newest, through + GULP_LINES);
      readLines(through, next, lines);
      append(through, lines);
      return Math.max(1, newest - next);
    },
  };
}
