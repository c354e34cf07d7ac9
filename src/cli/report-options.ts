// What the options of `tollgate report` ask for. Rule: a word that is not understood is told with those that are.
import { TollgateError } from '../errors.ts';
import type { Format } from '../reports/formats/format.ts';
import { FORMATS } from '../reports/formats/formats.ts';
import { SESSION } from '../reports/label-reports.ts';
import { PROJECT, projectReport } from '../reports/project.ts';
import type { Report } from '../reports/report.ts';
import { findReport, namesFor } from '../reports/reports.ts';
import { WEEK_STARTS, type WeekStart, weekReportFrom } from '../reports/week.ts';
import type { SessionRecord } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { knownSessions } from './context.ts';
import { titleOf } from './session-name.ts';

export function parseFormat({ json, format }: Readonly<Record<string, unknown>>): Format {
  const name = String(format ?? (json ? 'json' : 'text')).toLowerCase();
  const found = FORMATS.find((each) => each.name === name);
  if (found) return found;
  throw new TollgateError({
    code: 'FORMAT_UNKNOWN',
    message: `--format ${name} is not known`,
    hint: `formats: ${FORMATS.map((each) => each.name).join(', ')}`,
  });
}

/** What `--by` names, with what these reports must know beside the ledger's sums. */
export function askedReports(
  by: unknown,
  format: Format,
  weekStart: WeekStart,
  context: CliContext,
): readonly Report[] {
  const week = weekReportFrom(weekStart);
  return parseBy(String(by ?? 'day'), format).map((each) => {
    if (each.name === week.name) return week;
    if (each.name === PROJECT) return projectReport(readFolders(context));
    return each.name === SESSION && format.name === 'text'
      ? { ...each, titleOf: titlesOf(context) }
      : each;
  });
}

/** The titles of sessions; their transcripts are only looked at for those that are shown. */
function titlesOf(context: CliContext): (id: string) => string | null {
  let sessions: ReadonlyMap<string, SessionRecord> | undefined;
  return (id) => {
    sessions ??= new Map(knownSessions(context).map((each) => [each.sessionId, each]));
    const session = sessions.get(id);
    return session === undefined ? null : titleOf(session);
  };
}

/** The folder each session began in. */
function readFolders(context: CliContext): ReadonlyMap<string, string | null> {
  return new Map(knownSessions(context).map(({ sessionId, cwd }) => [sessionId, cwd]));
}

function parseBy(words: string, format: Format): readonly Report[] {
  const found = words.split(',').map((word) => {
    const report = findReport(word.trim());
    if (report) return report;
    throw new TollgateError({
      code: 'REPORT_UNKNOWN',
      message: `--by ${word.trim() || '(nothing)'} is not known`,
      hint: `divide by ${namesFor(word.trim())}`,
    });
  });
  if (new Set(found.map(({ name }) => name)).size < found.length) {
    throw new TollgateError({
      code: 'REPORT_UNKNOWN',
      message: `--by ${words} names the same thing twice`,
      hint: 'write --by day,model',
    });
  }
  if (found.length <= 2 || format.takesAnyGroups) return found;
  throw new TollgateError({
    code: 'REPORT_UNKNOWN',
    message: `--by ${words} has more groups than a table has sides`,
    hint: `write --by ${found
      .slice(0, 2)
      .map(({ name }) => name)
      .join(',')}, or add --format csv or --json, which take any number`,
  });
}

export function parseWeekStart(day: string): WeekStart {
  const start = WEEK_STARTS.find((each) => each === day.toLowerCase());
  if (start) return start;
  throw new TollgateError({
    code: 'WEEK_UNREADABLE',
    message: `--week-start must be a day of the week, not ${day}`,
    hint: 'give monday, sunday, or another day of the week',
  });
}

export function parseTop(value: unknown): number | null {
  if (value === undefined) return null;
  const count = Number(value);
  if (Number.isInteger(count) && count > 0) return count;
  throw new TollgateError({
    code: 'TOP_UNREADABLE',
    message: `--top must be a positive integer, not ${String(value)}`,
    hint: 'give a whole number above 0, like --top 10',
  });
}
