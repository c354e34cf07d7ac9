// Reports for scripts: schema `tollgate/report@1`. Rule: `costNanoUsd` is the truth, `costUsd` beside it is for
// convenience; fields are only ever added.

import type { Sums } from '../../domain/aggregates.ts';
import { toUsdNumber } from '../../domain/money.ts';
import { type EpochMs, MINUTE_MS } from '../../domain/time.ts';
import type { Table } from '../table.ts';
import type { Format, Pieces } from './format.ts';

export const jsonFormat: Format = {
  name: 'json',
  summary: 'JSON, schema tollgate/report@1',
  takesAnyGroups: true,
  print: (table) => {
    const { head, row, end } = piecesOf(table);
    return head + table.rows.map(row).join('') + end();
  },
  pieces: piecesOf,
};

/** The same text as `JSON.stringify` with two blanks, in half the time. */
function piecesOf({ by, others, total, window, zone, madeAt, isListPrice }: Table): Pieces {
  const instant = instantWriter();
  const head = {
    schema: 'tollgate/report@1',
    madeAt: instantText(madeAt),
    by: by.map(({ name }) => name),
    since: instantText(window.startAt),
    until: instantText(window.endAt),
    timeZone: zone.timeZone,
    ...(isListPrice && { billing: 'plan' }),
  };
  const names = by.map(({ name }) => JSON.stringify(name));
  const opened = JSON.stringify(head, null, 2).slice(0, -2);
  const last = others
    ? `  "others": {\n    "groupCount": ${others.groupCount},\n${sumsText(others, '    ', instant)}\n  },\n`
    : '';
  const closed = `${last}  "total": {\n${sumsText(total, '    ', instant)}\n  }\n}\n`;
  const resets = by.some(({ isResetKnown }) => isResetKnown);
  let hasRows = false;
  return {
    head: `${opened},\n  "rows": [`,
    row: (row) => {
      const groups = names.map(
        (name, at) => `        ${name}: ${JSON.stringify(row.key[at] ?? '')}`,
      );
      const parts = row.models.map(
        (each) =>
          `        {\n          "model": ${JSON.stringify(each.model)},\n${sumsText(each, '          ', instant)}\n        }`,
      );
      const models = parts.length > 0 ? `,\n      "models": [\n${parts.join(',\n')}\n      ]` : '';
      const comma = hasRows ? ',' : '';
      hasRows = true;
      const known = resets && row.key.every((group, at) => by[at]?.isResetKnown?.(group) ?? true);
      const reset = resets ? `      "isResetKnown": ${known},\n` : '';
      return `${comma}\n    {\n      "key": {\n${groups.join(',\n')}\n      },\n${reset}${sumsText(row, '      ', instant)}${models}\n    }`;
    },
    end: () => `${hasRows ? '\n  ' : ''}],\n${closed}`,
  };
}

function sumsText(sums: Sums, indent: string, instant: (at: EpochMs) => string): string {
  const { costNanoUsd, requestCount, unknownCount, usage, firstAt, lastAt } = sums;
  return `${indent}"costNanoUsd": ${costNanoUsd},
${indent}"costUsd": ${toUsdNumber(costNanoUsd)},
${indent}"requestCount": ${requestCount},
${indent}"usage": {
${indent}  "inputTokens": ${usage.inputTokens},
${indent}  "outputTokens": ${usage.outputTokens},
${indent}  "cacheReadTokens": ${usage.cacheReadTokens},
${indent}  "cacheWrite5mTokens": ${usage.cacheWrite5mTokens},
${indent}  "cacheWrite1hTokens": ${usage.cacheWrite1hTokens},
${indent}  "webSearchCount": ${usage.webSearchCount}
${indent}},
${indent}"unknownModelCount": ${unknownCount},
${indent}"firstAt": ${instant(firstAt)},
${indent}"lastAt": ${instant(lastAt)}`;
}

/** ISO in UTC; `null` for an open end, and where there is nothing. */
function instantText(at: EpochMs): string | null {
  return Number.isFinite(at) ? new Date(at).toISOString() : null;
}

/** The same as JSON, for many instants: a minute is formatted once. */
function instantWriter(): (at: EpochMs) => string {
  let [minute, text] = [Number.NaN, ''];
  return (at) => {
    if (!Number.isFinite(at)) return 'null';
    const within = Math.floor(at / MINUTE_MS);
    if (within !== minute) {
      minute = within;
      text = new Date(within * MINUTE_MS).toISOString().slice(0, -7);
    }
    const ms = String(100_000 + (at - within * MINUTE_MS));
    return `"${text}${ms.slice(1, 3)}.${ms.slice(3)}Z"`;
  };
}
