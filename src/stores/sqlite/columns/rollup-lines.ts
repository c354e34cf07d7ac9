// Lines on their way into columns, and the coarser sets of them that most reports are read from. Rule: pure; a set
// holds the sums of the same lines, told apart by less.

import { BUCKET_MS, SUM_COLUMNS } from '../../columns.ts';
import {
  COLUMNS,
  type Column,
  type ColumnName,
  decodeTexts,
  encodeTexts,
  expand,
  type KEY_COLUMNS,
  plainColumn,
  rangeOf,
  type Texts,
  valuesOf,
} from './encode-columns.ts';
import { addColumn, addTimes, folder, grouper, timesFor } from './groups.ts';

/** Some lines as columns. */
export interface Lines {
  readonly lineCount: number;
  readonly column: (name: ColumnName) => Column;
}

/** What a set tells its lines apart by; `quarter` is the quarter of an hour, without it only open windows fit. */
export interface RollupLevel {
  readonly name: string;
  readonly keeps: readonly (typeof KEY_COLUMNS)[number][];
  readonly hasQuarters: boolean;
}

/** The coarsest first. What none of them holds is read from the lines themselves. */
export const ROLLUP_LEVELS: readonly RollupLevel[] = [
  { name: 'time', keeps: [], hasQuarters: true },
  { name: 'turn', keeps: ['session', 'turn'], hasQuarters: false },
  { name: 'label', keeps: ['session', 'attribution', 'provenance'], hasQuarters: true },
];

const INITIAL_CAPACITY = 1_024;

/** Lines with the texts of their turns. */
export interface Gathered {
  readonly lines: Lines;
  readonly turns: Texts;
  /** The same as they are kept. */
  readonly turnBytes: Uint8Array;
}

export interface LineGatherer {
  readonly lineCount: () => number;
  /** The numbers of `SUM_COLUMNS` stand in `values` from `firstSum` on; '' is no turn. */
  readonly add: (
    turn: string,
    session: number,
    attribution: number,
    provenance: number,
    at: number,
    values: readonly unknown[],
    firstSum: number,
  ) => void;
  readonly addAll: (gathered: Pick<Gathered, 'lines' | 'turns'>) => void;
  readonly gathered: () => Gathered;
}

const placeOf = (name: ColumnName): number => COLUMNS.indexOf(name);
const TURN = placeOf('turn');
const AT = placeOf('at');
const FIRST_SUM = placeOf(SUM_COLUMNS[0]);

/** A function that gives each turn a place in `turns`. */
function turnPlaces(turns: string[]): (turn: string) => number {
  const known = new Map<string, number>();
  let [lastTurn, lastPlace] = ['', -1];
  return (turn) => {
    if (turn === lastTurn && lastPlace >= 0) return lastPlace;
    let place = known.get(turn);
    if (place === undefined) {
      place = turns.push(turn) - 1;
      known.set(turn, place);
    }
    [lastTurn, lastPlace] = [turn, place];
    return place;
  };
}

export function lineGatherer(): LineGatherer {
  let capacity = INITIAL_CAPACITY;
  let count = 0;
  let columns = COLUMNS.map(() => new Float64Array(capacity));
  const turns: string[] = [];
  const placeOfTurn = turnPlaces(turns);

  const grow = (needed: number) => {
    if (needed <= capacity) return;
    while (capacity < needed) capacity *= 2;
    columns = columns.map((column) => {
      const larger = new Float64Array(capacity);
      larger.set(column);
      return larger;
    });
  };
  const put = (column: number, value: number) => {
    (columns[column] as Float64Array)[count] = value;
  };

  return {
    lineCount: () => count,
    add: (turn, session, attribution, provenance, at, values, firstSum) => {
      grow(count + 1);
      put(0, session);
      put(1, attribution);
      put(2, provenance);
      put(TURN, placeOfTurn(turn));
      put(AT, at);
      for (let index = 0; index < SUM_COLUMNS.length; index += 1) {
        put(FIRST_SUM + index, values[firstSum + index] as number);
      }
      count += 1;
    },
    addAll: ({ lines: { lineCount, column }, turns: texts }) => {
      grow(count + lineCount);
      for (const [index, name] of COLUMNS.entries()) {
        expand(column(name), columns[index] as Float64Array, count);
      }
      const places = Array.from({ length: texts.count }, (_, index) =>
        placeOfTurn(texts.textOf(index)),
      );
      const column_ = columns[TURN] as Float64Array;
      for (let line = count; line < count + lineCount; line += 1) {
        column_[line] = places[column_[line] as number] ?? 0;
      }
      count += lineCount;
    },
    gathered: () => {
      const turnBytes = encodeTexts(turns);
      return { lines: linesOf(columns, count), turns: decodeTexts(turnBytes), turnBytes };
    },
  };
}

function linesOf(columns: readonly Float64Array[], lineCount: number): Lines {
  const known: Column[] = [];
  const column = (name: ColumnName): Column => {
    const place = placeOf(name);
    const values = columns[place] as Float64Array;
    known[place] ??= plainColumn(values.subarray(0, lineCount));
    return known[place];
  };
  return { lineCount, column };
}

/** Lines added up to those of a set. */
export function rollUp(lines: Lines, { keeps, hasQuarters }: RollupLevel): Lines {
  const { lineCount } = lines;
  const at = valuesOf(lines.column('at'));
  const keys = keeps.map((name) => valuesOf(lines.column(name)).slice());
  if (hasQuarters) keys.push(at.map((time) => Math.floor(time / BUCKET_MS)));
  const ranges = keys.map(fromZero);
  const { range, fold } = folder(ranges, lineCount);
  const numbers = grouper(range);
  const groups = new Int32Array(lineCount);
  const firstLines: number[] = [];
  numbers.group(fold(keys, lineCount), groups, lineCount, (line) => firstLines.push(line));
  const count = numbers.count();
  const columns = COLUMNS.map(() => new Float64Array(count + 1));
  const columnOf = (name: ColumnName) => columns[placeOf(name)] as Float64Array;
  for (const name of keeps) {
    const values = valuesOf(lines.column(name));
    for (const [group, line] of firstLines.entries()) {
      columnOf(name)[group + 1] = values[line] as number;
    }
  }
  for (const name of SUM_COLUMNS) addColumn(lines.column(name), groups, columnOf(name));
  const times = timesFor(count + 1);
  addTimes(at, null, groups, lineCount, times);
  columnOf('at').set(times.firstAt);
  columnOf('span').set(times.lastAt.map((last, group) => last - (times.firstAt[group] as number)));
  // Groups begin behind the place of what is left out, and nothing is.
  return linesOf(
    columns.map((column) => column.subarray(1)),
    count,
  );
}

/** Moves whole numbers down to 0; answers a number above them all. */
function fromZero(numbers: Float64Array): number {
  const [low, high] = rangeOf(numbers);
  const range = high - low + 1;
  for (let index = 0; index < numbers.length; index += 1) (numbers[index] as number) -= low;
  return range;
}
