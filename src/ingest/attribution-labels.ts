// From where somebody works to whose money it is. Rule: the person's own rules decide, nothing is guessed.
import type { AgentTools, RequestFact } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import { type Attribution, NO_ATTRIBUTION } from '../domain/attribution.ts';
import { matchesRepository } from '../domain/repository.ts';

/** What a person has said about clients, tickets and free labels. */
export interface LabelRules {
  readonly clients: readonly {
    readonly repository: string;
    readonly client: string | null;
    readonly costCentre: string | null;
  }[];
  readonly ticketPattern: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Said by the build that a session runs in; absent: nobody has said it. */
  readonly pullRequest?: string;
}

/**
 * The rules with the free labels of `TOLLGATE_LABELS` (`team=core,phase=2`) on top; absent or empty: the rules as
 * they are. What is no `key=value` is left out: a hook must not fail over a typing mistake.
 */
export function withLabels(rules: LabelRules, text: string | undefined): LabelRules {
  if (text === undefined || text === '') return rules;
  const pairs = text.split(',').flatMap((pair): [string, string][] => {
    const match = /^\s*([\w.-]+)\s*=\s*(.+?)\s*$/.exec(pair);
    return match ? [[match[1] ?? '', match[2] ?? '']] : [];
  });
  if (pairs.length === 0) return rules;
  return { ...rules, labels: { ...rules.labels, ...Object.fromEntries(pairs) } };
}

/** The rules in a build of a pull request, which GitHub Actions names in `GITHUB_REF`; else the rules as they are. */
export function withBuild(rules: LabelRules, ref: string | undefined): LabelRules {
  if (ref === undefined) return rules;
  const number = /^refs\/pull\/(\d+)\//.exec(ref)?.[1];
  return number === undefined ? rules : { ...rules, pullRequest: number };
}

/** The rules for a session that runs in an environment. Whoever reads its transcript later has another one. */
export const rulesInSession = (rules: LabelRules, env: NodeJS.ProcessEnv): LabelRules =>
  withBuild(withLabels(rules, env.TOLLGATE_LABELS), env.GITHUB_REF);

/** The labels that follow from a place; the first client rule that matches is the one. */
export function labelsOf(place: Place, rules: LabelRules): Partial<Attribution> {
  const { repository, repositoryAsWritten } = place;
  const names = [repository, repositoryAsWritten].filter((name) => typeof name === 'string');
  const rule = rules.clients.find((each) =>
    names.some((name) => matchesRepository(each.repository, name)),
  );
  return {
    repository,
    subPath: place.subPath,
    worktree: place.worktree,
    branch: place.branch,
    developer: place.developer,
    client: rule?.client ?? null,
    costCentre: rule?.costCentre ?? null,
    ticket: ticketOf(place.branch, rules.ticketPattern),
    pullRequest: rules.pullRequest ?? null,
    labels: joinLabels(rules.labels),
  };
}

/** The labels of money that no line shows: whose the session's is. How it was spent nobody knows. */
export function sessionLabels(
  { repository, branch, developer }: Pick<Place, 'repository' | 'branch' | 'developer'>,
  rules: LabelRules,
): Attribution {
  const place = { repository, branch, developer, subPath: null, worktree: null };
  return { ...NO_ATTRIBUTION, ...labelsOf(place, rules) };
}

function ticketOf(branch: string | null, pattern: string | null): string | null {
  if (branch === null || pattern === null) return null;
  const match = new RegExp(pattern).exec(branch);
  return match ? (match[1] ?? match[0]) : null;
}

function joinLabels(labels: Readonly<Record<string, string>>): string | null {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? pairs.sort().join(',') : null;
}

/** What the labels of a request follow from, beside its place. */
export type LabelledRequest = Pick<RequestFact, 'model' | 'toolNames'> &
  Partial<Pick<RequestFact, 'skill' | 'plugin' | 'mcpServer'>>;

/** Requests whose labels differ by their tool only. */
interface Alike extends Required<Omit<LabelledRequest, 'toolNames'>> {
  readonly place: Place;
  readonly branch: string | null;
  readonly byTool: Map<string | null, Attribution>;
}

/** The labels of requests by where and how they were made; the same object for the same labels. */
export function requestLabels(
  rules: LabelRules,
  agentType: string | null,
  tools: Pick<AgentTools, 'originOf'>,
): (place: Place, branch: string | null, request: LabelledRequest) => Attribution {
  const known: Alike[] = [];
  let latest: Alike | undefined;
  return (place, branch, { model, toolNames, skill = null, plugin = null, mcpServer = null }) => {
    const isLike = (one: Alike): boolean =>
      one.place === place &&
      one.branch === branch &&
      one.model === model &&
      one.skill === skill &&
      one.plugin === plugin &&
      one.mcpServer === mcpServer;
    if (latest === undefined || !isLike(latest)) {
      latest = known.find(isLike);
      if (latest === undefined) {
        latest = { place, branch, model, skill, plugin, mcpServer, byTool: new Map() };
        known.push(latest);
      }
    }
    const tool = toolNames[0] ?? null;
    let attribution = latest.byTool.get(tool);
    if (!attribution) {
      const origin = tools.originOf(tool, agentType);
      attribution = {
        ...NO_ATTRIBUTION,
        ...labelsOf({ ...place, branch }, rules),
        model,
        agentType,
        tool,
        skill,
        plugin: plugin ?? origin.plugin,
        // A request that asks one server with what another one answered counts for the one it asks, like its tool.
        mcpServer: origin.mcpServer ?? mcpServer,
      };
      latest.byTool.set(tool, attribution);
    }
    return attribution;
  };
}
