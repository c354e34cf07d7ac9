// The reports by one label each, as a table. To add one: a line here. Rule: a label that nobody knows is a group of its own and has a name.
import type { SumKey } from '../domain/aggregates.ts';
import { type Report, UNATTRIBUTED } from './report.ts';

type LabelKey = Exclude<SumKey, 'day' | 'hour' | 'utcHour'>;

/** A report with one row for each value of `key`, the most expensive first. */
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
function defaultedReport(
  key: LabelKey,
  witness: LabelKey,
  nullName: string,
  ...[name, title, aliases = []]: [string, string, (readonly string[])?]
): Report {
  const { isPlain: _, ...report } = labelReport(key, name, title, aliases);
  return {
    ...report,
    reads: [key, witness],
    nullName,
    groups:
      ({ read }) =>
      (sum) =>
        String(read(sum, key) ?? (read(sum, witness) === null ? UNATTRIBUTED : nullName)),
  };
}

export const SESSION = 'session';

export const LABEL_REPORTS: readonly Report[] = [
  { ...labelReport(SESSION, 'session', 'Session', ['sessions']), isId: true },
  { ...labelReport('turn', 'turn', 'Turn', ['prompt', 'turns']), isId: true },
  labelReport('repository', 'repository', 'Repository', ['repo']),
  defaultedReport('subPath', 'repository', '(top folder)', 'subPath', 'Folder', [
    ...['sub-path', 'folder'],
  ]),
  defaultedReport('worktree', 'repository', '(main worktree)', 'worktree', 'Worktree'),
  labelReport('branch', 'branch', 'Branch'),
  labelReport('developer', 'developer', 'Developer', ['person', 'user']),
  labelReport('client', 'client', 'Client', ['customer']),
  labelReport('costCentre', 'costCentre', 'Cost centre', [
    ...['cost-centre', 'costcenter', 'cost-center'],
  ]),
  labelReport('ticket', 'ticket', 'Ticket', ['issue']),
  labelReport('pullRequest', 'pr', 'Pull request', ['pullrequest', 'pull-request']),
  labelReport('model', 'model', 'Model'),
  defaultedReport('agentType', 'model', '(main)', 'agent', 'Agent', ['agenttype', 'subagent']),
  defaultedReport('tool', 'model', '(no tool)', 'tool', 'Tool'),
  labelReport('skill', 'skill', 'Skill'),
  labelReport('plugin', 'plugin', 'Plugin'),
  labelReport('mcpServer', 'mcp', 'MCP server', ['mcpserver', 'mcp-server']),
  labelReport('provenance', 'provenance', 'Provenance'),
];
