// All reports, in the order in which the help names them. To add one: a file, and a line here.
import { nearestWord } from '../domain/did-you-mean.ts';
import { agentReport } from './agent.ts';
import { blockReport } from './block.ts';
import { branchReport } from './branch.ts';
import { clientReport } from './client.ts';
import { costCentreReport } from './cost-centre.ts';
import { dayReport } from './day.ts';
import { developerReport } from './developer.ts';
import { freeLabelReport } from './free-label.ts';
import { hourReport } from './hour.ts';
import { mcpServerReport } from './mcp-server.ts';
import { modelReport } from './model.ts';
import { monthReport } from './month.ts';
import { pluginReport } from './plugin.ts';
import { provenanceReport } from './provenance.ts';
import { pullRequestReport } from './pull-request.ts';
import type { Report } from './report.ts';
import { repositoryReport } from './repository.ts';
import { sessionReport } from './session.ts';
import { skillReport } from './skill.ts';
import { subPathReport } from './sub-path.ts';
import { ticketReport } from './ticket.ts';
import { toolReport } from './tool.ts';
import { turnReport } from './turn.ts';
import { weekReport } from './week.ts';
import { worktreeReport } from './worktree.ts';

export const REPORTS: readonly Report[] = [
  dayReport,
  weekReport,
  monthReport,
  hourReport,
  blockReport,
  sessionReport,
  turnReport,
  repositoryReport,
  subPathReport,
  worktreeReport,
  branchReport,
  developerReport,
  clientReport,
  costCentreReport,
  ticketReport,
  pullRequestReport,
  modelReport,
  agentReport,
  toolReport,
  skillReport,
  pluginReport,
  mcpServerReport,
  provenanceReport,
];

/** The report a word names, in any letter case; `label:team` is the report of that free label. */
export function findReport(word: string): Report | null {
  const label = /^label:(.+)$/i.exec(word)?.[1];
  if (label) return freeLabelReport(label);
  const plain = word.toLowerCase();
  const isNamed = ({ name, aliases }: Report) =>
    name.toLowerCase() === plain || aliases.includes(plain);
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
