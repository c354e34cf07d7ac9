// All reports, in the order in which the help names them. To add one by a label: a line in `label-reports.ts`; any other: a file, and a line here.
import { nearestWord } from '../domain/did-you-mean.ts';
import { blockReport, planWeekReport } from './block.ts';
import { dayReport } from './day.ts';
import { freeLabelReport } from './free-label.ts';
import { hourReport } from './hour.ts';
import { LABEL_REPORTS } from './label-reports.ts';
import { monthReport } from './month.ts';
import { projectReport } from './project.ts';
import type { Report } from './report.ts';
import { weekReport } from './week.ts';

export const REPORTS: readonly Report[] = [
  dayReport,
  weekReport,
  monthReport,
  hourReport,
  blockReport,
  planWeekReport,
  projectReport(new Map()),
  ...LABEL_REPORTS,
];

/** The report a word names, in any letter case; `label:team` is the report of that free label. */
export function findReport(word: string): Report | null {
  const label = /^label:(.+)$/i.exec(word)?.[1];
  if (label) return freeLabelReport(label);
  const lower = word.toLowerCase();
  const isNamed = ({ name, aliases }: Report) =>
    name.toLowerCase() === lower || aliases.includes(lower);
  return REPORTS.find(isNamed) ?? null;
}

/** Names to choose from for a word that is none of them, the likeliest first. */
export function namesFor(word: string, reports: readonly Report[] = REPORTS): string {
  const nearest = nearestWord(
    word,
    reports.flatMap(({ name, aliases }) => [name, ...aliases]),
  );
  const meant = nearest === null ? '' : `${nearest}? All of them: `;
  return `${meant}${reports.map(({ name }) => name).join(', ')}, label:<key>`;
}
