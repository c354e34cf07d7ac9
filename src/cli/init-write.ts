// Writes what `tollgate init` planned, and proves that it works. Rule: a failed proof throws; the caller puts back.
import {
  budgetCommandPath,
  installBudgetCommand,
} from '../agents/claude-code/install/budget-command.ts';
import { readHostRefusal } from '../agents/claude-code/install/host-settings.ts';
import { rewrite } from '../agents/claude-code/install/install.ts';
import {
  installLauncher,
  recordInstallPath,
} from '../agents/claude-code/install/project-launcher.ts';
import { rehearse } from '../agents/claude-code/install/rehearse.ts';
import { addServer, removeServer } from '../agents/claude-code/install/resident-server.ts';
import { installStatusLine } from '../agents/claude-code/install/status-line.ts';
import { TollgateError } from '../errors.ts';
import { noteSync } from '../ingest/sync/background.ts';
import { makeTrialLedger, openLedger } from '../wire.ts';
import type { CliContext } from './command.ts';
import { writeBudgets } from './first-budget.ts';
import { type Plan, packageFolder, requireDone, serverPlace, type Written } from './init-plan.ts';

/** Every file that `write` may touch and no program of others keeps. */
export function writtenFiles(plan: Plan, context: CliContext): string[] {
  const { scope, root, settingsPath, budgetFile, launcher, line } = plan;
  const command = budgetCommandPath(scope, root, context.env);
  return [settingsPath, budgetFile, command, launcher?.path, line?.settingsPath].flatMap(
    (path) => path ?? [],
  );
}

export function write(plan: Plan, context: CliContext): Written {
  const { settingsPath, stateHome: home, launcher, plannedBudget, server } = plan;
  recordInstallPath(home, packageFolder());
  if (launcher !== null && installLauncher(launcher.path, launcher.text) === 'kept') {
    throw new TollgateError({
      code: 'SETTINGS_REFUSED',
      message: `${launcher.path} is there and is not Tollgate's`,
      hint: 'move it away and run this again, or use --scope local or user',
    });
  }
  // Before the hooks that call it.
  if (server !== null) addServer(serverPlace(plan, context), server);
  const outcome = requireDone(rewrite({ settingsPath, stateHome: home }, plan.settingsPlan));
  if (plannedBudget?.changed) writeBudgets(plan.budgetFile, plannedBudget);
  if (server === null) removeServer(serverPlace(plan, context));
  const commandFile = budgetCommandPath(plan.scope, plan.root, context.env);
  // There is no folder of commands for everybody; /budget works without it, as a prompt.
  const isBudgetCommandNew =
    plan.scope !== 'managed' && installBudgetCommand(commandFile) === 'installed';
  const line = plan.line === null ? null : requireDone(installStatusLine(plan.line));
  return {
    outcome,
    isBudgetCommandNew,
    statusLinePath: line?.kind === 'installed' ? line.settingsPath : null,
  };
}

/** Runs each hook as Claude Code would, and asks Claude Code about the file; how many hooks were run. */
export async function prove(plan: Plan, context: CliContext): Promise<number> {
  const { hookEntries, root, version, settingsPath } = plan;
  const failed = await rehearse({
    entries: hookEntries,
    projectRoot: root,
    environment: context.env,
    packageFolder: packageFolder(),
    prepare: (folder) => {
      makeTrialLedger(folder);
      noteSync(folder);
    },
  });
  const [first] = failed;
  if (first !== undefined) {
    throw new TollgateError({
      code: 'REHEARSAL_FAILED',
      message: `the hook of ${first.event} does not work here, so nothing was installed: ${first.message}`,
      hint: 'node must be on the PATH of Claude Code; else install Tollgate again (npm install -g tollgate), then run init again',
    });
  }
  const refusal = version === null ? null : readHostRefusal(settingsPath, root, context.env);
  if (refusal !== null) {
    throw new TollgateError({
      code: 'SETTINGS_REFUSED',
      message: `Claude Code does not accept ${settingsPath}, so nothing was installed: ${refusal}`,
      hint: 'run claude doctor, mend what it names in that file, and run init again',
    });
  }
  return hookEntries.length;
}

/** Opens the ledger before anything is written: hooks without one would refuse every tool. */
export function proveLedger(home: string, env: NodeJS.ProcessEnv): void {
  try {
    // It is made now, so that the first two hooks of a first session need not race to make it.
    const store = openLedger(home, env);
    // From now on a ledger that is gone is no new one.
    store.seal();
    store.close();
  } catch (cause) {
    if (cause instanceof TollgateError) throw cause;
    throw new TollgateError({
      code: 'LEDGER_DRIVER',
      message: `the ledger cannot be opened, so nothing was installed: ${(cause as Error).message.split('\n')[0]}`,
      hint: 'npm rebuild better-sqlite3, or npm install -g --allow-scripts=better-sqlite3 tollgate',
      cause,
    });
  }
}
