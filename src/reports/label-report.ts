// Makes the report of one label. Rule: a label that nobody knows is a group of its own and has a name.
import type { SumKey } from '../domain/aggregates.ts';
import { type Report, UNATTRIBUTED } from './report.ts';

type LabelKey = Exclude<SumKey, 'day' | 'hour' | 'utcHour'>;

/** A report with one row for each value of `key`, the dearest first. */
export function labelReport(
  key: LabelKey,
  name: string,
  title: string,
  aliases: readonly string[] = [],
): Report {
  return {
    name,
    title,
    aliases,
    reads: [key],
    order: 'cost',
    isPlain: true,
    nullName: UNATTRIBUTED,
    filters: key,
    groups:
      ({ read }) =>
      (sum) =>
        String(read(sum, key) ?? UNATTRIBUTED),
  };
}

/**
 * The same for a label whose absence means something where `witness` is known: no subagent is the main
 * loop. Where the witness is not known either, it is unattributed.
 */
export function defaultedReport(
  key: LabelKey,
  witness: LabelKey,
  nullName: string,
  ...[name, title, aliases = []]: [string, string, (readonly string[])?]
): Report {
  const { isPlain: _, ...plain } = labelReport(key, name, title, aliases);
  return {
    ...plain,
    reads: [key, witness],
    nullName,
    groups:
      ({ read }) =>
      (sum) =>
        String(read(sum, key) ?? (read(sum, witness) === null ? UNATTRIBUTED : nullName)),
  };
}
