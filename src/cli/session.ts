// Which session a command is about. Rule: what a person named is found by the beginning of its id, and an
// ambiguous beginning is a mistake; what nobody named is the one that needs help here.
import { findProjectRoot } from '../config/paths.ts';
import { TollgateError } from '../errors.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';

/** The session `wanted` names; without a name the halted, else the newest one of this folder. */
export function findSession(store: Store, wanted: unknown, context: CliContext): SessionRecord {
  const sessions = store.readSessions({});
  if (typeof wanted === 'string') return named(sessions, wanted);
  const root = findProjectRoot(context.cwd);
  const here = sessions.filter(({ cwd }) => cwd !== null && findProjectRoot(cwd) === root);
  const halted = here.find(({ sessionId }) => store.readHalt(sessionId) !== null);
  const found = halted ?? here[0];
  if (found) return found;
  throw new TollgateError({
    code: 'SESSION_UNKNOWN',
    message: 'no session has been seen in this folder',
    hint: 'name one with --session; tollgate status --all lists them',
  });
}

function named(sessions: readonly SessionRecord[], wanted: string): SessionRecord {
  const found = sessions.filter(({ sessionId }) => sessionId.startsWith(wanted));
  const exact = found.find(({ sessionId }) => sessionId === wanted) ?? found[0];
  if (exact && (found.length === 1 || exact.sessionId === wanted)) return exact;
  throw new TollgateError({
    code: 'SESSION_UNKNOWN',
    message:
      found.length === 0
        ? `no session begins with ${wanted}`
        : `${found.length} sessions begin with ${wanted}`,
    hint: 'tollgate status --all lists every session the ledger knows',
  });
}
