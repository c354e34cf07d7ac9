// `tollgate project`: how projects stand against their plan, their time and their work, and what features have cost. Rule: it reads and guards
// nothing; the limits of a project are a budget like any other.
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { Project } from '../../domain/project.ts';
import { TollgateError } from '../../errors.ts';
import { type KindCost, kindCosts, kindsOf } from '../../projects/feature-costs.ts';
import {
  projectEntries,
  projectWindow,
  readFeatures,
  readProject,
  type Work,
} from '../../projects/read-project.ts';
import { rateAt } from '../../statements/terms.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, tellBilling, withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { gather, textOf, textsOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { featureLines, type ProjectReport, projectJson, projectLines } from '../project-text.ts';
import { readMergedWork, repositoriesOf } from '../project-work.ts';
import { requireConfig } from '../read-config.ts';
import { fitLines } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .argument('[id]', 'one project of the configuration; default: all')
    .option('--merged <count>', 'how many pull requests were merged, instead of asking gh')
    .option('--features', 'what features have cost by kind, for the next quote')
    .option(
      '--kind <kind>',
      'a kind of features: a pattern of branches, feat/*, or name=pattern; may be repeated',
      gather,
    )
    .option('--json', 'print JSON (schema tollgate/project@1)')
    .addHelpText(
      'after',
      `
Projects are configured in your own file; see docs/projects.md. The forecast goes by merged pull requests where the
project says how many are planned and gh (or --merged) how many there are, else by time; its range holds for eight of ten
projects whose days (or pull requests) differ as those so far.

--features without a project counts every branch of the ledger; with one, its repositories. Branches are those merged
where gh says so, else all.

Examples:
  tollgate project
  tollgate project relaunch --merged 22
  tollgate project --features --kind 'feat/*' --kind 'bugs=fix/*'
  tollgate project relaunch --json`,
    );
}

export async function run(
  [id]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const config = requireConfig(context);
  const isFeatures = options.features === true || options.kind !== undefined;
  const projects = projectsNamed(id, config, isFeatures);
  if (projects.length === 0 && !isFeatures) {
    if (options.json) printJson({ schema: 'tollgate/project@1', projects: [] }, context);
    else context.print(`No project is configured: ${NONE}\n`);
    return FINE;
  }
  if (!hasLedger(context)) throw noLedger();
  return withStore(context, async (store) => {
    if (isFeatures) return printFeatures(projects[0] ?? null, options, store, context);
    const reports: ProjectReport[] = [];
    for (const project of projects) {
      reports.push(await reportOf(project, options, config, store, context));
    }
    if (options.json) {
      const billed = tellBilling(options, config, store, context);
      const read = reports.map(projectJson);
      printJson({ schema: 'tollgate/project@1', ...billed, projects: read }, context);
    } else {
      tellBilling(options, config, store, context);
      context.print(fitLines(reports.flatMap(projectLines), context));
    }
    return FINE;
  });
}

/** The project that is asked for, or all. Throws `TollgateError` for one that there is not. */
function projectsNamed(
  id: string | undefined,
  { projects }: Config,
  isFeatures: boolean,
): readonly Project[] {
  if (id === undefined && isFeatures) return [];
  if (id === undefined) return projects;
  const found = projects.filter((each) => each.id === id);
  if (found.length > 0) return found;
  throw new TollgateError({
    code: 'PROJECT_UNKNOWN',
    message: `no project is called ${id}`,
    hint: projects.length === 0 ? NONE : `projects: ${projects.map((each) => each.id).join(', ')}`,
  });
}

const NONE =
  'add one to "projects" in your own file: {"relaunch": {"repositories": ["github.com/acme/shop"], "from": "2026-09-01", "until": "2026-12-15", "plannedCost": "1200.00"}}';

async function reportOf(
  project: Project,
  options: Readonly<Record<string, unknown>>,
  config: Config,
  store: Store,
  context: CliContext,
): Promise<ProjectReport> {
  const { now } = context;
  const window = projectWindow(project, config.timeZone);
  const repositories = repositoriesOf(project, store);
  const work = await workOf(options.merged, repositories, window, context);
  const { price } = project;
  const rate =
    price === null ? null : rateAt(price.currency, Math.min(now, window.endAt), config.statements);
  const status = readProject(project, { now, timeZone: config.timeZone, work, rate }, store);
  const budget = config.budgets.find((each) => each.id === project.budgetId) ?? null;
  const grants = store
    .readGrantsSince(window.startAt)
    .filter((each) => each.budgetId === budget?.id && (each.expiresAt ?? now + 1) > now);
  return {
    ...{ status, work, budget },
    grantedNanoUsd: grants.reduce((sum, { amountNanoUsd }) => sum + amountNanoUsd, 0),
    kinds: featuresOf(project, work, project.kinds, store),
  };
}

function workOf(
  said: unknown,
  repositories: readonly string[],
  window: { readonly startAt: number; readonly endAt: number },
  context: CliContext,
): Promise<Work> | Work {
  const text = textOf(said);
  if (text === undefined) return readMergedWork(repositories, window, context);
  if (/^\d{1,6}$/.test(text)) return { kind: 'said', count: Number(text) };
  throw new TollgateError({
    code: 'COUNT_UNREADABLE',
    message: `--merged ${text} is no count`,
    hint: 'give how many pull requests were merged, like --merged 22',
  });
}

function featuresOf(
  project: Project | null,
  work: Work,
  kinds: Readonly<Record<string, string>> | null,
  store: Store,
): readonly KindCost[] {
  const where = project === null ? [] : projectEntries(project);
  const features = readFeatures(where, work.kind === 'listed' ? work.merged : null, store);
  return kindCosts(features, kinds ?? kindsOf(features));
}

async function printFeatures(
  project: Project | null,
  options: Readonly<Record<string, unknown>>,
  store: Store,
  context: CliContext,
): Promise<number> {
  const always = { startAt: Number.NEGATIVE_INFINITY, endAt: Number.POSITIVE_INFINITY };
  const work = await readMergedWork(repositoriesOf(project, store), always, context);
  const given = textsOf(options.kind).map((word) => {
    const [, name, pattern] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    return [name ?? word, pattern ?? word] as const;
  });
  const own = Object.keys(project?.kinds ?? {}).length > 0 ? (project?.kinds ?? null) : null;
  const kinds = given.length > 0 ? Object.fromEntries(given) : own;
  const features = featuresOf(project, work, kinds, store);
  if (options.json) {
    const isMerged = work.kind === 'listed';
    printJson({ schema: 'tollgate/project@1', features: { isMerged, kinds: features } }, context);
  } else {
    context.print(fitLines(featureLines(features, work), context));
  }
  return FINE;
}

const noLedger = (): TollgateError =>
  new TollgateError({
    code: 'NOTHING_SPENT',
    message: 'there is no ledger yet',
    hint: 'work with Claude Code in a repository with Tollgate in it, or read older transcripts with tollgate sync',
  });
