// The answer to an event whose ledger cannot be used. Rule: it is always said; what is known to be halted stays halted, and what is not
// known to be far below its ceiling is answered as `onFailure` says.
import type { AgentEvent, Answer } from '../agents/agent.ts';
import type { Config } from '../config/config.ts';
import { stateHome } from '../config/paths.ts';
import { toPerson } from '../domain/breach-text.ts';
import type { Breach } from '../domain/verdict.ts';
import type { TollgateError } from '../errors.ts';
import { refuseGuarded } from '../gate/on-event.ts';
import { decideWithoutLedger, type LastKnown } from '../gate/without-ledger.ts';
import { rulesInSession } from '../ingest/attribution-labels.ts';
import type { Store } from '../stores/store.ts';
import { openEmptyLedger, wireEvents } from '../wire.ts';
import { readLastTotals } from './last-totals-file.ts';

/** Answers; `ledger` is the one that failed, where it could be opened. Throws where no decision can be made. */
export function answerWithoutLedger(
  error: TollgateError,
  event: AgentEvent,
  config: Config,
  env: NodeJS.ProcessEnv,
  ledger: Store | null,
): Answer {
  const empty = openEmptyLedger();
  try {
    const labels = rulesInSession(config, env);
    const deps = { ...wireEvents(empty, config, env, event.cwd), labels };
    const refused = refuseGuarded(event, deps);
    if (refused !== null) return refused;
    const decided = decideWithoutLedger(
      event,
      lastKnown(event, stateHome(env), ledger),
      deps,
      Date.now(),
    );
    if (decided.kind === 'halted') return answerOf([decided.breach], true, event);
    const { tightest } = decided;
    const breach: Breach = {
      code: 'LEDGER_UNAVAILABLE',
      detail: error.message,
      hint: `To mend it: ${error.hint}.`,
      ...(tightest === null ? {} : { tightest }),
    };
    return answerOf([breach], decided.kind === 'near' && config.onFailure === 'halt', event);
  } finally {
    empty.close();
  }
}

function lastKnown(event: AgentEvent, home: string, ledger: Store | null): LastKnown {
  const all = readLastTotals(home);
  return {
    all,
    own: all.find(({ sessionId }) => sessionId === event.sessionId) ?? null,
    readHalt: (id) => {
      if (ledger === null) throw new Error('the ledger could not be opened');
      return ledger.readHalt(id);
    },
  };
}

function answerOf(breaches: readonly Breach[], halts: boolean, event: AgentEvent): Answer {
  const said = breaches.map((breach) => toPerson(breach, event.sessionId)).join('\n');
  return {
    verdict: { kind: halts ? 'halt' : 'warn', breaches },
    forPerson: said,
    forModel: null,
    reason: halts ? said : null,
  };
}
