// Reports for scripts: schema `tollgate/report@1`. Rule: `costNanoUsd` is the truth, `costUsd` beside it is for
// convenience; fields are only ever added.
import { toUsdNumber } from '../../domain/money.ts';
import type { Sums } from '../../domain/sums.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Format } from './format.ts';

export const jsonFormat: Format = {
  name: 'json',
  summary: 'JSON, schema tollgate/report@1',
  print: ({ by, rows, others, total, window, zone, madeAt }) => {
    const report = {
      schema: 'tollgate/report@1',
      madeAt: instantText(madeAt),
      by: by.map(({ name }) => name),
      since: instantText(window.startAt),
      until: instantText(window.endAt),
      timeZone: zone.timeZone,
      rows: rows.map((row) => ({
        key: Object.fromEntries(by.map(({ name }, index) => [name, row.key[index] ?? ''])),
        ...toJson(row),
        ...(row.models.length > 0
          ? { models: row.models.map((each) => ({ model: each.model, ...toJson(each) })) }
          : {}),
      })),
      ...(others ? { others: { groupCount: others.groupCount, ...toJson(others) } } : {}),
      total: toJson(total),
    };
    return `${JSON.stringify(report, null, 2)}\n`;
  },
};

function toJson({ costNanoUsd, requestCount, unknownCount, usage, firstAt, lastAt }: Sums) {
  return {
    costNanoUsd,
    costUsd: toUsdNumber(costNanoUsd),
    requestCount,
    usage,
    /** Requests to models without a price; what they cost is a stand-in's. */
    unknownModelCount: unknownCount,
    firstAt: instantText(firstAt),
    lastAt: instantText(lastAt),
  };
}

/** ISO in UTC; `null` for an open end, and where there is nothing. */
function instantText(at: EpochMs): string | null {
  return Number.isFinite(at) ? new Date(at).toISOString() : null;
}
