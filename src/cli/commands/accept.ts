// `tollgate accept`: lets a configuration count that was loosened while a session ran. Rule: only people accept; what waits is
// shown before it is asked about.
import type { Command } from 'commander';
import { changeText, type Difference, differenceText } from '../../config/differences.ts';
import { acceptFiles, readConfigInForce } from '../../config/in-force.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { withStore } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { authorOf, requireGrantsHere, requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { askedAt, requireConfig } from '../read-config.ts';

export function describe(command: Command): void {
  command
    .option('--dry-run', 'show what waits, and change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON (schema tollgate/accept@1)')
    .addHelpText(
      'after',
      `
A file that tightens a limit counts at once. One that was loosened, emptied or removed while a session
ran may be the agent's work: what was in force before stays so until you accept it here, or type
/budget accept into Claude Code. What is changed while no session runs counts at once, and is told.

Examples:
  tollgate accept --dry-run
  tollgate accept`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  requireConfig(context);
  const { known, query } = askedAt(context.cwd, context);
  return withStore(context, async (store) => {
    const { config, waiting, loosened } = readConfigInForce(known, query, store);
    for (const each of loosened) context.emit(`tollgate: counts from now on: ${changeText(each)}`);
    const tell = (isAccepted: boolean, text: string) => {
      if (options.json) printAccepted(waiting, isAccepted, context);
      else context.print(text);
    };
    if (waiting.length === 0) {
      tell(false, 'Nothing waits: what the files say is in force.\n');
      return FINE;
    }
    const shown = waiting.map((each) => `  ${differenceText(each)}\n`).join('');
    if (options.dryRun) {
      tell(false, `Waits to be accepted:\n${shown}`);
      return FINE;
    }
    requirePerson('accept', context, store.readSessions({}));
    requireGrantsHere(config, 'accept', '/budget accept');
    if (!options.json) context.print(`Waits to be accepted:\n${shown}`);
    if (!(await confirmed('Let this count?', options, context))) {
      context.emit('tollgate: nothing was accepted');
      return FAILED;
    }
    store.immediately(() => acceptFiles(known, query, authorOf(), store));
    tell(true, 'Accepted: it counts from now on.\n');
    return FINE;
  });
}

function printAccepted(
  differences: readonly Difference[],
  isAccepted: boolean,
  context: CliContext,
): void {
  printJson({ schema: 'tollgate/accept@1', isAccepted, differences }, context);
}

/** Lets the configuration here count that a person has just had written; what an agent has had written waits. */
export async function acceptWritten(context: CliContext): Promise<void> {
  const { known, query } = askedAt(context.cwd, context);
  await withStore(context, (store) => {
    try {
      requirePerson('accept', context, store.readSessions({}));
    } catch {
      return; // not a person: what was written waits for one
    }
    store.immediately(() => acceptFiles(known, query, authorOf(), store));
  });
}
