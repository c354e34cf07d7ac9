// Cost per value of one free label: `--by label:team`. Rule: pairs are distinguished by their keys, so that a
// comma inside a value does no harm.
import { type Report, UNATTRIBUTED } from './report.ts';

export function freeLabelReport(label: string): Report {
  return {
    name: `label:${label}`,
    title: label,
    aliases: [],
    reads: ['labels'],
    order: 'cost',
    nullName: UNATTRIBUTED,
    filters: `label:${label}`,
    groups:
      ({ read }) =>
      (sum) =>
        parseLabels(read(sum, 'labels')).get(label) ?? UNATTRIBUTED,
  };
}

/** `a=b,c=d` as pairs; `null` has none. */
export function parseLabels(text: unknown): ReadonlyMap<string, string> {
  if (typeof text !== 'string' || text === '') return new Map();
  const pairs = text.split(/,(?=[^,=]+=)/).map((pair): [string, string] => {
    const cut = pair.indexOf('=');
    return [pair.slice(0, cut), pair.slice(cut + 1)];
  });
  return new Map(pairs);
}
