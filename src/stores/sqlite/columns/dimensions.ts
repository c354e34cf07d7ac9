// What a report divides lines by, as small numbers: each line of a chunk gets one, and every number has a value to
// show. Rule: a line that a condition leaves out gets `LEFT_OUT`.

import type { SumCondition, SumKey, SumQuery, ZoneDays } from '../../../domain/aggregates.ts';
import type { Attribution } from '../../../domain/attribution.ts';
import { BUCKET_MS, isLabel } from '../../columns.ts';
import { fitsAll } from '../../match.ts';
import type { Connection, Value } from '../connection.ts';
import { conditionsSql } from '../report-query.ts';
import { type Chunk, PROVENANCES } from './column-cache.ts';
import { type ColumnName, expand, type Texts } from './encode-columns.ts';
import { folder, grouper, LEFT_OUT, spread } from './groups.ts';
import { type LabelColumn, readLabels } from './label-columns.ts';
import type { Lines } from './rollup-lines.ts';

const HOUR_MS = 4 * BUCKET_MS;
const DAY_MS = 24 * HOUR_MS;

/** Lines of the chunk at a place, with the time of each. */
export interface TimedLines extends Lines {
  readonly place: number;
  readonly at: Float64Array;
}

/** Divides the lines of chunks by one key, or by several that belong together. */
export interface Dimension {
  readonly keys: readonly SumKey[];
  /** Above every number it gives; known once all chunks were divided. */
  readonly range: number;
  readonly divide: (lines: TimedLines, into: Float64Array) => void;
  /** What a number stands for, in the order of `keys`. */
  readonly valueOf: (part: number) => readonly Value[];
}

/** Everything that decides where a line counts, and whether. */
export function dimensionsOf(
  db: Connection,
  { by, where, zone }: SumQuery,
  chunks: readonly Chunk[],
): Dimension[] {
  const conditionsOn = (isMeant: (key: string) => boolean) =>
    where.filter(({ key }) => isMeant(key));
  const labels = by.filter(isLabel);
  const onLabels = conditionsOn(isLabel);
  const dividers: Dimension[] = [];
  if (labels.length > 0 || onLabels.length > 0) dividers.push(labelDimension(db, labels, onLabels));
  for (const key of ['session', 'turn', 'provenance'] as const) {
    const conditions = conditionsOn((each) => each === key);
    if (!by.includes(key) && conditions.length === 0) continue;
    const dimension = {
      session: () => sessionDimension(db, conditions),
      turn: () => turnDimension(chunks, conditions),
      provenance: () => provenanceDimension(conditions),
    }[key]();
    dividers.push(by.includes(key) ? dimension : conditionOnly(dimension));
  }
  for (const key of by) {
    if (key === 'day') dividers.push(dayDimension(zone, chunks));
    if (key === 'hour') dividers.push(hourDimension(key, zone, chunks));
    if (key === 'utcHour') dividers.push(hourDimension(key, { ...zone, shifts: [] }, chunks));
  }
  return dividers;
}

/** Leaves lines out, and divides those that stay by nothing. */
const conditionOnly = ({ divide }: Dimension): Dimension => ({
  keys: [],
  range: 1,
  divide: (lines, into) => {
    divide(lines, into);
    for (let line = 0; line < lines.lineCount; line += 1) {
      if (into[line] !== LEFT_OUT) into[line] = 0;
    }
  },
  valueOf: () => [],
});

/** Fills in what a column's values stand for. */
function mapped(lines: Lines, name: ColumnName, numbers: Float64Array, into: Float64Array): void {
  const { lineCount, column } = lines;
  expand(column(name), into);
  for (let line = 0; line < lineCount; line += 1) {
    into[line] = numbers[into[line] as number] as number;
  }
}

function labelDimension(
  db: Connection,
  keys: readonly SumKey[],
  conditions: readonly SumCondition[],
): Dimension {
  const columns = new Map<string, LabelColumn>();
  const columnFor = (key: string): LabelColumn => {
    const name = key.startsWith('label:') ? 'labels' : (key as keyof Attribution);
    const known = columns.get(name) ?? readLabels(db, name);
    columns.set(name, known);
    return known;
  };
  const shown = keys.map(columnFor);
  const ranges = shown.map(({ values }) => values.length);
  const parts = shown.map(({ places }) => places.slice());
  const idCount = parts[0]?.length ?? columnFor(conditions[0]?.key ?? '').places.length;
  if (parts.length === 0) {
    parts.push(new Float64Array(idCount));
    ranges.push(1);
  }
  for (const condition of conditions) {
    const { places, values } = columnFor(condition.key);
    const fits = values.map(fitsAll([condition]));
    const first = parts[0] as Float64Array;
    for (let id = 0; id < idCount; id += 1) {
      if (!fits[places[id] as number]) first[id] = LEFT_OUT;
    }
  }
  const { range, fold } = folder(ranges, idCount);
  const groups = new Int32Array(idCount);
  const firstIds: number[] = [];
  grouper(range).group(fold(parts, idCount), groups, idCount, (id) => firstIds.push(id));
  // What is left out is group 0, and so becomes `LEFT_OUT`. A loop: `from` takes ten times as long.
  const numbers = new Float64Array(idCount);
  for (let id = 0; id < idCount; id += 1) numbers[id] = (groups[id] as number) - 1;
  return {
    keys,
    range: firstIds.length,
    divide: (lines, into) => mapped(lines, 'attribution', numbers, into),
    valueOf: (part) =>
      shown.map(({ places, values }) => values[places[firstIds[part] as number] as number] ?? null),
  };
}

function sessionDimension(db: Connection, conditions: readonly SumCondition[]): Dimension {
  const newest = Number(db.get('SELECT max(session_key) AS key FROM session', [])?.key ?? 0);
  const { sql, values } = conditionsSql(conditions);
  const allowed = sql === '' ? null : new Float64Array(newest + 1).fill(LEFT_OUT);
  if (allowed !== null) {
    for (const row of db.all(`SELECT session_key FROM session WHERE ${sql}`, values)) {
      allowed[Number(row.session_key)] = Number(row.session_key);
    }
  }
  let names: Map<number, Value> | null = null;
  const namesNow = () =>
    new Map(
      db.driver.prepare<Value[]>('SELECT session_key, session_id FROM session').raw().all() as [
        number,
        Value,
      ][],
    );
  return {
    keys: ['session'],
    range: newest + 1,
    divide: (lines, into) => {
      if (allowed !== null) mapped(lines, 'session', allowed, into);
      else expand(lines.column('session'), into);
    },
    valueOf: (part) => {
      names ??= namesNow();
      return [names.get(part) ?? null];
    },
  };
}

function turnDimension(chunks: readonly Chunk[], conditions: readonly SumCondition[]): Dimension {
  const texts = chunks.map((chunk) => chunk.turns());
  const { places, first, count } = joinTexts(texts);
  const textOf = (number: number): string | null => {
    const [chunk, index] = [first.chunk[number] as number, first.index[number] as number];
    return texts[chunk]?.textOf(index) || null;
  };
  if (conditions.length > 0) {
    const isFitting = fitsAll(conditions);
    const fits = Array.from({ length: count }, (_, number) => isFitting(textOf(number)));
    for (const each of places) {
      for (const [index, number] of each.entries()) {
        if (!fits[number]) each[index] = LEFT_OUT;
      }
    }
  }
  return {
    keys: ['turn'],
    range: count,
    divide: (lines, into) => mapped(lines, 'turn', places[lines.place] as Float64Array, into),
    valueOf: (part) => [textOf(part)],
  };
}

/** One number for each different text of all chunks: by place in its chunk, and where it was found first. */
function joinTexts(texts: readonly Texts[]) {
  const total = texts.reduce((sum, { count }) => sum + count, 0);
  const first = { chunk: new Int32Array(total), index: new Int32Array(total) };
  let known = 0;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * total + 2)));
  const mask = slots.length - 1;
  const places = texts.map(({ count, hashes, textOf }, chunk) => {
    const place = new Float64Array(count);
    for (let index = 0; index < count; index += 1) {
      const hash = hashes[index] as number;
      let slot = spread(hash) & mask;
      for (;;) {
        const number = (slots[slot] as number) - 1;
        if (number < 0) {
          first.chunk[known] = chunk;
          first.index[known] = index;
          place[index] = known;
          known += 1;
          slots[slot] = known;
          break;
        }
        const other = texts[first.chunk[number] as number] as Texts;
        const at = first.index[number] as number;
        if (other.hashes[at] === hash && other.textOf(at) === textOf(index)) {
          place[index] = number;
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
    return place;
  });
  return { places, first, count: known };
}

function provenanceDimension(conditions: readonly SumCondition[]): Dimension {
  const fits = fitsAll(conditions);
  const numbers = Float64Array.from(PROVENANCES, (name, number) =>
    fits(name) ? number : LEFT_OUT,
  );
  return {
    keys: ['provenance'],
    range: PROVENANCES.length,
    divide: (lines, into) => mapped(lines, 'provenance', numbers, into),
    valueOf: (part) => [PROVENANCES[part] ?? null],
  };
}

function dayDimension(zone: ZoneDays, chunks: readonly Chunk[]): Dimension {
  const base = Math.floor(firstOf(chunks) / DAY_MS) - 1;
  return {
    keys: ['day'],
    range: Math.floor(lastOf(chunks) / DAY_MS) + 3 - base,
    divide: ({ lineCount, at }, into) => {
      let shift = shiftReader(zone);
      for (let line = 0; line < lineCount; line += 1) {
        const time = at[line] as number;
        if (time < shift.fromAt || time >= shift.endAt) shift = shift.of(time);
        into[line] = Math.floor((time + shift.shiftMs) / DAY_MS) - base;
      }
    },
    valueOf: (part) => [part + base],
  };
}

/** Hours are told apart by when they begin: an autumn night has two of the same name. */
function hourDimension(
  key: 'hour' | 'utcHour',
  zone: ZoneDays,
  chunks: readonly Chunk[],
): Dimension {
  const base = Math.floor(firstOf(chunks) / HOUR_MS) * 4 - 8;
  return {
    keys: [key],
    range: Math.floor(lastOf(chunks) / HOUR_MS) * 4 + 16 - base,
    divide: ({ lineCount, at }, into) => {
      let shift = shiftReader(zone);
      for (let line = 0; line < lineCount; line += 1) {
        const time = at[line] as number;
        if (time < shift.fromAt || time >= shift.endAt) shift = shift.of(time);
        const start = Math.floor((time + shift.shiftMs) / HOUR_MS) * HOUR_MS - shift.shiftMs;
        into[line] = Math.floor(start / BUCKET_MS) - base;
      }
    },
    valueOf: (part) => [(part + base) * BUCKET_MS],
  };
}

interface ShiftAt {
  readonly fromAt: number;
  readonly endAt: number;
  readonly shiftMs: number;
  readonly of: (at: number) => ShiftAt;
}

/** How far a zone is ahead of UTC, and from when to when; begins with a time that never was. */
function shiftReader({ shifts }: ZoneDays): ShiftAt {
  const of = (at: number): ShiftAt => {
    const next = shifts.findIndex(({ fromAt }, index) => index > 0 && fromAt > at);
    const index = next < 0 ? shifts.length - 1 : next - 1;
    return {
      fromAt: index <= 0 ? Number.NEGATIVE_INFINITY : (shifts[index]?.fromAt ?? 0),
      endAt: next < 0 ? Number.POSITIVE_INFINITY : (shifts[next]?.fromAt ?? 0),
      shiftMs: shifts[index]?.shiftMs ?? 0,
      of,
    };
  };
  return { fromAt: Number.POSITIVE_INFINITY, endAt: Number.NEGATIVE_INFINITY, shiftMs: 0, of };
}

const firstOf = (chunks: readonly Chunk[]): number =>
  chunks.length === 0 ? 0 : Math.min(...chunks.map(({ firstAt }) => firstAt));
const lastOf = (chunks: readonly Chunk[]): number =>
  chunks.reduce((most, { lastAt }) => Math.max(most, lastAt), 0);
