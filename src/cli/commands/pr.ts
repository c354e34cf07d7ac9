// `tollgate pr`: what a branch has cost since it left its base, as a note for its pull request.
// Rule: the same cost prints the same text, so that a comment can be replaced instead of added.
import type { Command } from 'commander';
import { readMessages } from '../../attribution/git.ts';
import { readPullRequest } from '../../attribution/pull-request.ts';
import { toUsdNumber } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import {
  formatNoteLine,
  formatNoteTable,
  NOTE_MARKER,
  type NoteSubject,
} from '../../reports/pull-request-note.ts';
import { parseTrailers, type WorkCost } from '../../reports/trailer.ts';
import { branchAtHand, readBranchCost } from '../branch-cost.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';

export function describe(command: Command): void {
  command
    .option('--base <branch>', 'what it will be merged into; default: the remote’s default branch')
    .option('--branch <name>', 'another branch than the one checked out')
    .option('--pr <number>', 'its pull request; default: as the build or gh says')
    .option('--format <format>', 'line, or table', 'table')
    .option(
      '--trailers',
      'add up the trailers of its commits instead of reading the ledger (for CI)',
    )
    .option('--json', 'print JSON (schema tollgate/pr@1)')
    .addHelpText(
      'after',
      `
The first line is ${NOTE_MARKER}: look for it to replace an earlier comment.

Examples:
  tollgate pr
  tollgate pr --base develop --format line | gh pr comment --body-file -
  tollgate pr --trailers --base origin/main        in CI, where there is no ledger

examples/pull-request holds a GitHub workflow and a commit hook that use both.`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const format = String(options.format ?? 'table');
  if (format !== 'line' && format !== 'table') {
    throw new TollgateError({
      code: 'FORMAT_UNKNOWN',
      message: `--format ${format} is not known`,
      hint: 'formats: line, table (or --json)',
    });
  }
  const facts = await branchAtHand(options, context);
  const found = options.trailers
    ? await readTrailerCost(facts.base, context)
    : {
        cost: await readBranchCost(facts, facts.leftBaseAt, context),
        source: { kind: 'ledger' } as const,
      };
  const subject: NoteSubject = {
    branch: facts.branch,
    base: facts.leftBaseAt === null ? null : facts.base,
    source: found.source,
  };
  if (options.json) {
    const given = typeof options.pr === 'string' ? options.pr : null;
    const pullRequest = given ?? (await readPullRequest(context.cwd, facts.branch, context.env));
    printJson(toJson(found.cost, subject, facts, pullRequest), context);
  } else {
    context.print((format === 'line' ? formatNoteLine : formatNoteTable)(found.cost, subject));
  }
  return FINE;
}

async function readTrailerCost(
  base: string | null,
  context: CliContext,
): Promise<{ cost: WorkCost; source: NoteSubject['source'] }> {
  if (base === null) {
    throw new TollgateError({
      code: 'BASE_UNKNOWN',
      message: 'no base branch was found, so nothing says which commits are meant',
      hint: 'name it: --base origin/main',
    });
  }
  const { trailerCount, ...cost } = parseTrailers(await readMessages(context.cwd, base));
  return { cost, source: { kind: 'trailers', count: trailerCount } };
}

function toJson(
  cost: WorkCost,
  { source }: NoteSubject,
  facts: Awaited<ReturnType<typeof branchAtHand>>,
  pullRequest: string | null,
) {
  return {
    schema: 'tollgate/pr@1',
    branch: facts.branch,
    formerNames: facts.formerNames,
    base: facts.base,
    pullRequest,
    since: facts.leftBaseAt === null ? null : new Date(facts.leftBaseAt).toISOString(),
    source,
    costNanoUsd: cost.costNanoUsd,
    costUsd: toUsdNumber(cost.costNanoUsd),
    requestCount: cost.requestCount,
    sessionCount: cost.sessionCount,
    models: cost.models.map((each) => ({ ...each, costUsd: toUsdNumber(each.costNanoUsd) })),
  };
}
