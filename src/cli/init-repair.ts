// `tollgate init --repair`: puts back what an agent, a `git clean` or a mistake has done to the settings of this project.
import { settingsPathOf } from '../agents/claude-code/install/install.ts';
import {
  readInstallation,
  recordPlace,
} from '../agents/claude-code/install/installation-record.ts';
import {
  judgeInstallation,
  readVariables,
} from '../agents/claude-code/install/judge-installation.ts';
import {
  type RepairedFile,
  repairSettings,
} from '../agents/claude-code/install/repair-installation.ts';
import { recordFiles } from '../config/installed-files.ts';
import { findProjectRoot, stateHome } from '../config/paths.ts';
import { TollgateError } from '../errors.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';
import { installedPaths } from '../wire.ts';
import type { CliContext } from './command.ts';
import { confirmed } from './confirm.ts';
import { FAILED, FINE } from './exit-code.ts';
import { type Options, restoreLauncher } from './init-plan.ts';
import { printJson } from './print-json.ts';

export async function repairInstallation(options: Options, context: CliContext): Promise<number> {
  const home = stateHome(context.env);
  const root = findProjectRoot(context.cwd);
  const record = readInstallation(home);
  const session = { projectRoot: root, environment: context.env, plugin: pluginRoot() };
  const faults = judgeInstallation(session, record);
  const isProject = record.places.some(
    ({ settingsPath }) => settingsPath === settingsPathOf('project', root),
  );
  for (const { message } of faults) context.emit(`tollgate: ${message}`);
  const files = [...new Set(faults.map(({ file }) => file))];
  const question = `Put ${files.join(', ')} back?`;
  if (options.dryRun || (files.length > 0 && !(await confirmed(question, options, context)))) {
    context.emit('tollgate: nothing was changed');
    return options.dryRun ? FINE : FAILED;
  }
  const repaired: RepairedFile[] = [];
  for (const file of files) {
    const done = repairSettings(file, home, record, context.now);
    if ('problem' in done) throw refused(done);
    repaired.push(done);
    const place = record.places.find(({ settingsPath }) => settingsPath === file);
    if (place !== undefined) notePlace(place, context);
  }
  const launcher = isProject ? restoreLauncher(root, options) : null;
  if (options.json) printJson({ schema: 'tollgate/repair@1', faults, repaired, launcher }, context);
  else printRepaired(repaired, launcher, context);
  return FINE;
}

/** Notes a settings file as it is now: what running sessions and the repair compare with. */
export function notePlace(
  {
    settingsPath,
    projectRoot,
  }: { readonly settingsPath: string; readonly projectRoot: string | null },
  { env, cwd, now }: CliContext,
): void {
  const session = {
    projectRoot: projectRoot ?? findProjectRoot(cwd),
    environment: env,
    plugin: pluginRoot(),
  };
  const variables = readVariables(session);
  recordPlace(stateHome(env), { settingsPath, projectRoot, variables }, now);
  recordFiles(stateHome(env), installedPaths(stateHome(env), cwd, env));
}

function printRepaired(
  repaired: readonly RepairedFile[],
  launcher: string | null,
  context: CliContext,
): void {
  for (const { file, how, keptIn } of repaired) {
    const what = {
      written: 'has the bytes it was installed with again',
      mended: 'has the hooks again; the rest stayed as it was',
      unchanged: 'could not be changed here; see what was said of it',
    }[how];
    context.print(`${file} ${what}.${keptIn === null ? '' : ` What was there is in ${keptIn}`}\n`);
  }
  if (launcher !== null) context.print(`${launcher} is there again.\n`);
  if (repaired.length === 0 && launcher === null) {
    context.print('The hooks are as they were installed; there is nothing to repair.\n');
  }
}

function refused({ file, problem }: { readonly file: string; readonly problem: string }) {
  return new TollgateError({
    code: 'SETTINGS_REFUSED',
    message: `${file}: ${problem}`,
    hint: 'make the file writable for you and run tollgate init --repair again',
  });
}
