// `tollgate init --managed`: what is different where the settings are an administrator's. Rule: whoever may not write them is shown the
// text; files of the program that a user could change are named, because they would end what the settings hold.
import { accessSync, constants, existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CliContext } from './command.ts';
import { FINDINGS } from './exit-code.ts';
import { hooksFolder, type Plan } from './init-plan.ts';

/** Whether this user may write the managed settings and budgets. */
export const mayWriteManaged = ({ settingsPath, budgetFile }: Plan): boolean =>
  [settingsPath, budgetFile].every(isWritable);

/** A file, or the nearest folder that is there. */
function isWritable(path: string): boolean {
  if (!existsSync(path) && dirname(path) !== path) return isWritable(dirname(path));
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Prints what an administrator is to write, file by file. */
export function printManaged(plan: Plan, context: CliContext): number {
  const { settingsPath, preview, budgetFile, plannedBudget } = plan;
  const settings =
    preview.kind === 'installed' ? preview.after : readFileSync(settingsPath, 'utf8');
  const files = [
    { file: settingsPath, text: settings },
    ...(plannedBudget === null ? [] : [{ file: budgetFile, text: plannedBudget.after }]),
  ];
  for (const { file, text } of files) context.print(`# ${file}\n${text.trimEnd()}\n\n`);
  context.emit(
    'tollgate: nothing was written: only an administrator may. Give the command as one (sudo tollgate init --managed), or hand the text over.',
  );
  return FINDINGS;
}

/** Names what the hooks run that others than the administrator may change. */
export function warnOfOwners(context: CliContext): void {
  const others = [process.execPath, hooksFolder()].filter(isOthers);
  for (const path of others) {
    context.emit(
      `tollgate: ${path} is not the administrator's alone: whoever may change it changes what the hooks do. Install Node and Tollgate for the whole machine.`,
    );
  }
}

/** Whether a path, or a folder around it, belongs to somebody else than root or may be written by others. */
function isOthers(path: string): boolean {
  if (process.getuid === undefined) return false;
  const stat = lstatSync(path);
  // A folder like /tmp lets nobody replace what is another's.
  const isOpen = (stat.mode & 0o022) !== 0 && (stat.mode & 0o1000) === 0 && !stat.isSymbolicLink();
  if (stat.uid !== 0 || isOpen) return true;
  return dirname(path) !== path && isOthers(dirname(path));
}
