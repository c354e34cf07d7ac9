// What hooks say otherwise inside the plugin: that its own ceiling holds, and how `tollgate` is called where nobody has
// installed the command.
import type { Answer } from '../agents/agent.ts';
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
    'To set your own, in a terminal: tollgate init --scope user --session-hard 10. ' +
    'To raise the ceiling of one session, type /budget raise 5 in it.'
  );
}

/** The answer with each `tollgate …` as the command line of the plugin. */
export function withPluginCommand(answered: Answer, plugin: string | null): Answer {
  if (plugin === null) return answered;
  const named = (text: string | null) =>
    text?.replace(/\btollgate (?=(init|grant|resume|config|doctor)\b)/g, () => {
      return `${pluginCommand(plugin)} `;
    }) ?? null;
  return { ...answered, forPerson: named(answered.forPerson), reason: named(answered.reason) };
}
