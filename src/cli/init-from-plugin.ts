// `init` of the command line inside a plugin: the plugin brings the hooks, so only budgets are written. Hooks that named
// files of the plugin would end with its next update.
import { diffText } from '../agents/claude-code/install/diff.ts';
import type { InstallScope } from '../agents/claude-code/install/install.ts';
import { findProjectRoot } from '../config/paths.ts';
import { askBudgets } from './ask-budget.ts';
import type { CliContext } from './command.ts';
import { confirmed } from './confirm.ts';
import { FAILED, FINE } from './exit-code.ts';
import { budgetFileOf, firstBudgetText, planBudgets, writeBudgets } from './first-budget.ts';
import type { Options } from './init-plan.ts';
import { printJson } from './print-json.ts';

export async function initFromPlugin(options: Options, context: CliContext): Promise<number> {
  const scope = options.scope as InstallScope;
  const file = budgetFileOf(scope, findProjectRoot(context.cwd), context.env);
  const settings = await askBudgets(options, context);
  const { budgets, billing } = settings;
  const planned = planBudgets(file, settings);
  const changed = budgets.length > 0 && planned.changed;
  const result = { schema: 'tollgate/init@1', scope, budgetFile: file, budgets, billing };
  const asks = context.isInteractive && !options.yes;
  if (changed && !options.json && (options.dryRun || asks)) {
    context.print(diffText(planned.before ?? '', planned.after, file));
  }
  if (options.dryRun) {
    if (options.json) printJson({ ...result, changed: false }, context);
    context.emit('tollgate: nothing was changed (--dry-run)');
    return FINE;
  }
  if (changed && asks && !(await confirmed('Write this?', options, context))) {
    context.emit('tollgate: nothing was changed');
    return FAILED;
  }
  if (changed) writeBudgets(file, planned);
  if (options.json) {
    printJson({ ...result, changed }, context);
    return FINE;
  }
  for (const budget of budgets) context.print(`${firstBudgetText(budget)} (${file}).\n`);
  context.print(
    budgets.length === 0
      ? 'A budget is in force and the plugin brings the hooks; nothing to change. To set another: --session-hard 10\n'
      : 'The plugin brings the hooks. Running sessions go by this from their next request.\n',
  );
  return FINE;
}
