// `tollgate trailer`: what was spent since the last commit, as a trailer for the next one.
// Rule: each dollar goes into one commit; where nothing was spent nothing is printed.
import type { Command } from 'commander';
import type { BranchFacts } from '../../attribution/git.ts';
import { toUsdNumber } from '../../domain/money.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { formatTrailer } from '../../reports/trailer.ts';
import { branchAtHand, readBranchCost } from '../branch-cost.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';

export function describe(command: Command): void {
  command
    .option('--base <branch>', 'what the branch left; default: the remote’s default branch')
    .option('--branch <name>', 'another branch than the one checked out')
    .option('--all', 'everything since the branch left its base, not only since the last commit')
    .option('--json', 'print JSON (schema tollgate/trailer@1)')
    .addHelpText(
      'after',
      `
Examples:
  tollgate trailer
  git commit --trailer "$(tollgate trailer)"
  git interpret-trailers --in-place --if-exists replace --trailer "$(tollgate trailer)" "$1"

examples/pull-request/prepare-commit-msg does the last one for every commit.`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const facts = await branchAtHand(options, context);
  const sinceAt = options.all ? facts.leftBaseAt : sinceLastCommit(facts);
  const cost = await readBranchCost(facts, sinceAt, context);
  const trailer = formatTrailer(cost);
  if (options.json) {
    const { branch, base } = facts;
    const costUsd = toUsdNumber(cost.costNanoUsd);
    printJson(
      { schema: 'tollgate/trailer@1', branch, base, sinceAt, trailer, ...cost, costUsd },
      context,
    );
  } else if (trailer !== null) context.print(`${trailer}\n`);
  return FINE;
}

/** A commit's time is cut to its second, and what was spent until then is in its own trailer. */
function sinceLastCommit({ hasCommits, lastCommitAt, leftBaseAt }: BranchFacts): number | null {
  if (leftBaseAt !== null && !hasCommits) return leftBaseAt;
  return lastCommitAt === null ? null : lastCommitAt + SECOND_MS;
}
