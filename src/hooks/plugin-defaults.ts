// What is said when a session begins under the plugin's own ceiling, because nobody has configured one.
import type { Config } from '../config/config.ts';
import { pluginDefaultsFile } from '../config/paths.ts';
import { formatUsd } from '../domain/money.ts';
import { pluginCommand } from '../runtime/plugin-root.ts';

/** The ceiling, and the one command that changes it; `null` where the budgets in force are somebody's. */
export function pluginDefaultsRemark(config: Config, plugin: string | null): string | null {
  if (plugin === null) return null;
  const file = pluginDefaultsFile(plugin);
  const budget = config.budgets.find(({ id }) => config.origins[`budgets.${id}.hard`] === file);
  if (!budget || budget.hardNanoUsd === null) return null;
  const amount = formatUsd(budget.hardNanoUsd);
  return (
    `TOLLGATE GUARDS THIS SESSION: no budget is configured, so the plugin's own holds. Each session is halted before it has spent ${amount}. ` +
    `To set your own, in a terminal: ${pluginCommand(plugin)} init --scope user --session-hard 10. ` +
    'To raise the ceiling of one session, type /budget raise 5 in it.'
  );
}
