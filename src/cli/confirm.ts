// Asking before something that cannot be taken back lightly. Rule: without a terminal nobody can answer,
// so `--yes` is asked for instead of an answer being made up.
import { TollgateError } from '../errors.ts';
import type { CliContext } from './command.ts';

/** True when the person agrees; throws `TollgateError` when nobody can be asked. */
export async function confirmed(
  question: string,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<boolean> {
  if (options.yes) return true;
  if (!context.isInteractive) {
    throw new TollgateError({
      code: 'NEEDS_YES',
      message: `there is no terminal to ask at: ${question}`,
      hint: 'add --yes to agree',
    });
  }
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: question });
  return !isCancel(answer) && answer;
}
