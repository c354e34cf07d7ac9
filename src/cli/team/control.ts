// `tollgate team grant`, `halt`, `resume` and `offline`: what a manager decides while others work.
import { parseAmount, parseScope } from '../../config/value-parsers.ts';
import { formatUsd } from '../../domain/money.ts';
import type { OfflineMode } from '../../domain/team-share.ts';
import { TollgateError } from '../../errors.ts';
import type { KillKind } from '../../stores/team-store.ts';
import { FINE } from '../exit-code.ts';
import { textOf, textsOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { withTeam } from './connection.ts';
import type { TeamRequest } from './request.ts';

const OFFLINE_MODES: readonly OfflineMode[] = ['lease', 'halt', 'warn'];

/** More money for one window of one pool. */
export async function grant({
  words: [budgetId, amount],
  options,
  context,
}: TeamRequest): Promise<number> {
  const parsed = parseAmount(amount);
  if (budgetId === undefined || !parsed.ok || parsed.value === 0) {
    throw wrong(
      'how much of which budget?',
      'tollgate team grant day 5 --where developer:mia@acme.example',
    );
  }
  const labels: Record<string, string> = {};
  for (const text of textsOf(options.where)) {
    const scope = parseScope(text.replace('=', ':'));
    if (!scope.ok) throw wrong(scope.message, scope.hint);
    Object.assign(labels, scope.value.where);
  }
  const { session: sessionId = '', ...others } = labels;
  const wanted = {
    ...{ budgetId, labels: others, sessionId, amountNanoUsd: parsed.value },
    reason: textOf(options.reason) ?? null,
  };
  const poolKey = await withTeam(context, (team) => team.grant(wanted));
  if (options.json) printJson({ schema: 'tollgate/team-grant@1', poolKey, ...wanted }, context);
  else context.print(`${formatUsd(parsed.value)} more for ${poolKey}\n`);
  return FINE;
}

/** Whose spending is meant: `developer:mia@…`, `repository:…` or `all`. */
function targetOf(text: string | undefined): { readonly kind: KillKind; readonly value: string } {
  const hint = 'say all, developer:mia@acme.example or repository:github.com/acme/shop';
  if (text === 'all') return { kind: 'all', value: '*' };
  const scope = parseScope((text ?? '').replace('=', ':'));
  const [found] = scope.ok ? Object.entries(scope.value.where) : [];
  if (found !== undefined && (found[0] === 'developer' || found[0] === 'repository')) {
    return { kind: found[0], value: found[1] };
  }
  throw wrong('whose spending?', hint);
}

export async function halt({ words: [target], options, context }: TeamRequest): Promise<number> {
  const { kind, value } = targetOf(target);
  await withTeam(context, (team) => team.kill(kind, value, textOf(options.reason) ?? null));
  if (options.json) printJson({ schema: 'tollgate/team-halt@1', kind, value }, context);
  else
    context.print(
      `Nothing more is spent of ${kind} ${value}, until: tollgate team resume ${target}\n`,
    );
  return FINE;
}

export async function resume({ words: [target], options, context }: TeamRequest): Promise<number> {
  const { kind, value } = targetOf(target);
  const isLifted = await withTeam(context, (team) => team.liftKill(kind, value));
  if (options.json) printJson({ schema: 'tollgate/team-resume@1', kind, value, isLifted }, context);
  else
    context.print(
      isLifted ? `${kind} ${value} may spend again\n` : `${kind} ${value} was not stopped\n`,
    );
  return FINE;
}

export async function offline({ words: [mode], options, context }: TeamRequest): Promise<number> {
  const chosen = OFFLINE_MODES.find((each) => each === mode);
  if (chosen === undefined) {
    throw wrong(
      'what do machines do that cannot reach the team?',
      'say lease (go on within the lease, then halt), halt, or warn',
    );
  }
  await withTeam(context, (team) => team.setOffline(chosen));
  if (options.json) printJson({ schema: 'tollgate/team-offline@1', offline: chosen }, context);
  else context.print(`Machines that cannot reach the team: ${chosen}\n`);
  return FINE;
}

const wrong = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'TEAM_WORDS', message, hint });
