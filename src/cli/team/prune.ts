// `tollgate team prune`: removes old entries of the team; their sums stay.
import { DAY_MS } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { parseSpan } from '../../reports/time-range.ts';
import { FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { withTeam } from './connection.ts';
import type { TeamRequest } from './request.ts';

export async function prune({ options, context }: TeamRequest): Promise<number> {
  const before = textOf(options.before);
  if (before === undefined) {
    throw new TollgateError({
      code: 'TEAM_WORDS',
      message: 'entries of which days?',
      hint: 'tollgate team prune --before 2026-01-01; reports by day, session and label keep their sums',
    });
  }
  const { startAt } = parseSpan(before, undefined, context.now, 'UTC');
  const day = new Date(Math.floor(startAt / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
  const removedCount = await withTeam(context, (team) => team.prune(day));
  if (options.json) {
    printJson({ schema: 'tollgate/team-prune@1', before: day, removedCount }, context);
  } else {
    context.print(`${removedCount.toLocaleString('en-US')} entries before ${day} removed\n`);
  }
  return FINE;
}
