// Labels of entries as columns: which text of a label each attribution has. Rule: as with lines, what is kept can be
// thrown away; attributions are never changed, so only newer ones are ever added.
import { ATTRIBUTION_KEYS } from '../../../domain/attribution.ts';
import { canonicalRepository, repositoryKey } from '../../../domain/repository.ts';
import { columnOf } from '../../columns.ts';
import type { Connection, Value } from '../connection.ts';
import {
  decodeColumns,
  decodeTexts,
  encodeColumns,
  encodeTexts,
  expand,
  plainColumn,
} from './encode-columns.ts';

/** So few are read one by one. */
const WORTH_KEEPING = 64;
/** Pieces of a label's column before they are joined. */
const MAX_PIECES = 8;
/** What stands for a label that nobody knows. */
const UNKNOWN = 0;

type LabelKey = (typeof ATTRIBUTION_KEYS)[number];

/** One label of all attributions. */
export interface LabelColumn {
  /** By attribution id, a place in `values`. */
  readonly places: Float64Array;
  /** The first is `null`. */
  readonly values: readonly (string | null)[];
}

/** Reads one label of all attributions there are. */
export function readLabels(db: Connection, key: LabelKey): LabelColumn {
  const newest = newestId(db);
  const places = new Float64Array(newest + 1);
  const values = valueList(key === 'repository' ? repositoryKey : undefined);
  const pieces = db.driver
    .prepare<Value[]>(
      'SELECT first_id, places, texts FROM report_label WHERE name = ? ORDER BY first_id',
    )
    .raw()
    .all(key) as [number, Uint8Array, Uint8Array][];
  let next = 1;
  for (const [firstId, bytes, textBytes] of pieces) {
    const [column] = decodeColumns(bytes);
    const texts = decodeTexts(textBytes);
    if (column === undefined) continue;
    const place = [UNKNOWN];
    for (let at = 0; at < texts.count; at += 1) place.push(values.placeOf(texts.textOf(at)));
    expand(column, places, firstId);
    next = firstId + column.lineCount;
    for (let id = firstId; id < next; id += 1) {
      places[id] = place[places[id] as number] as number;
    }
  }
  const rest = db.driver
    .prepare<Value[]>(
      `SELECT attribution_id, ${columnOf(key)} FROM attribution WHERE attribution_id >= ?`,
    )
    .raw()
    .all(next) as [number, string | null][];
  for (const [id, value] of rest) places[id] = values.placeOf(value);
  const isRepository = key === 'repository';
  const shown = (value: string | null) => value && canonicalRepository(value);
  return { places, values: isRepository ? values.values.map(shown) : values.values };
}

/** Keeps the labels of attributions that are new. Call inside a transaction that writes. */
export function keepLabels(db: Connection): void {
  const state = db.get(
    `SELECT count(*) AS pieces, coalesce(max(through_id), 0) AS through_id FROM report_label
     WHERE name = ?`,
    [ATTRIBUTION_KEYS[0] ?? null],
  );
  const newest = newestId(db);
  let through = Number(state?.through_id ?? 0);
  if (newest - through < WORTH_KEEPING) return;
  if (Number(state?.pieces) >= MAX_PIECES) {
    db.run('DELETE FROM report_label', []);
    through = 0;
  }
  const columns = ATTRIBUTION_KEYS.map(() => new Float64Array(newest - through));
  const lists = ATTRIBUTION_KEYS.map(() => valueList());
  const rows = db.driver
    .prepare<Value[]>(
      `SELECT attribution_id, ${ATTRIBUTION_KEYS.map(columnOf).join(', ')} FROM attribution
       WHERE attribution_id > ? AND attribution_id <= ?`,
    )
    .raw();
  for (const row of rows.iterate(through, newest) as Iterable<(number | string | null)[]>) {
    for (const [at, list] of lists.entries()) {
      const column = columns[at] as Float64Array;
      column[(row[0] as number) - through - 1] = list.placeOf(row[at + 1] as string | null);
    }
  }
  for (const [at, key] of ATTRIBUTION_KEYS.entries()) {
    const texts = (lists[at]?.values ?? []).slice(1) as string[];
    db.driver
      .prepare(
        'INSERT INTO report_label (name, first_id, through_id, places, texts) VALUES (?, ?, ?, ?, ?)',
      )
      .run(
        key,
        through + 1,
        newest,
        Buffer.from(encodeColumns([plainColumn(columns[at] as Float64Array)]).buffer),
        Buffer.from(encodeTexts(texts).buffer),
      );
  }
}

const newestId = (db: Connection): number =>
  Number(db.get('SELECT max(attribution_id) AS id FROM attribution', [])?.id ?? 0);

/** Texts in the order in which they come first; those with the same key are one. */
function valueList(keyOf: (value: string) => string = (value) => value) {
  const values: (string | null)[] = [null];
  const places = new Map<string, number>();
  return {
    values,
    placeOf: (value: string | null): number => {
      if (value === null) return UNKNOWN;
      let place = places.get(value) ?? places.get(keyOf(value));
      if (place === undefined) {
        place = values.push(value) - 1;
        places.set(keyOf(value), place);
      }
      return place;
    },
  };
}
