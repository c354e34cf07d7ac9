// What live views do to the sessions that run: read, halt, resume and grant. Rule: the same rules hold as for the commands of those names, and a
// person is asked for where they ask for one.
import type { Config } from '../../config/config.ts';
import { raiseAmount } from '../../domain/explain-ahead.ts';
import { type SessionId, shortId } from '../../domain/ids.ts';
import { amountText, type WrittenAmount, writtenText } from '../../domain/plan-window.ts';
import { planFigures } from '../../domain/spend.ts';
import { TollgateError } from '../../errors.ts';
import { type GrantOutcome, raise } from '../../gate/grant.ts';
import { haltManually, resumeManually } from '../../gate/manual-halt.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { nobody, readPlanBudgets } from '../../gate/plan-budgets.ts';
import { readSessionStatus, type SessionStatus } from '../../gate/session-status.ts';
import { ingestNewLines } from '../../ingest/ingest-new-lines.ts';
import type { SessionRecord, Store } from '../../stores/store.ts';
import { wireEvents } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { authorOf, requireGrantsHere, requirePerson } from '../person.ts';
import { depsFor, readConfig } from '../read-config.ts';
import { runningSessions } from '../running.ts';
import type { WatchActions } from './watch-loop.ts';

/** Configurations are read again this often, so that a view that stays open sees a change. */
const CONFIG_MS = 5_000;

/** What a view can do to the sessions of a ledger. `door`: the command that shows the view. */
export function actionsOn(
  store: Store,
  context: CliContext,
  door: 'watch' | 'dashboard' = 'watch',
  depsOf = depsReader(store, context),
): WatchActions {
  const sessionOf = (id: SessionId): SessionRecord => {
    const session = store.readSession(id);
    if (session) return session;
    throw new TollgateError({
      code: 'SESSION_UNKNOWN',
      message: `session ${id} is gone`,
      hint: 'select another',
    });
  };
  const name = (id: SessionId) => shortId(id);
  /** The session, and what handles its events under the configuration in force; only for people. */
  const loosening = (id: SessionId, what: string, typed: string) => {
    requirePerson(`${door}: ${what}`, context, store.readSessions({}));
    const session = sessionOf(id);
    const now = Date.now();
    const deps = depsFor(session, depsOf(session, now), { ...context, now });
    requireGrantsHere(deps.config, `${door}: ${what}`, typed);
    return { session, deps, now };
  };
  return {
    read: (now) => readRunning(store, depsOf, now),
    readPlanBudgets: (shown, now) => {
      const deps = depsOf(nobody(now), now);
      return store.immediately(() => readPlanBudgets(shown, deps, now));
    },
    halt: (id, reason) => {
      const session = sessionOf(id);
      haltManually(session, reason, depsOf(session, Date.now()), Date.now());
      return `${name(id)} halted: it makes no further request`;
    },
    resume: (id) => {
      const { session, deps, now } = loosening(id, 'resume', '/budget resume');
      const { kind, haltRecord } = resumeManually(session, deps, now);
      if (kind === 'resumed') return `${name(id)} may go on`;
      if (kind === 'not-halted') return `${name(id)} is not halted`;
      return `${name(id)} is halted by budget ${haltRecord?.budgetId}: only a grant lifts that`;
    },
    grant: (id, { raise: amount, reason, budget }) => {
      const typed = `/budget raise ${writtenText(amount).replace('$', '')}`;
      const { session, deps, now } = loosening(id, 'grant', typed);
      const wanted = { raise: amount, budget, reason, expiresAt: null, author: authorOf() };
      const given = store.immediately(() => raise(session, wanted, deps, now));
      return grantedText(given, amount, name(id));
    },
  };
}

/** What handles events of a session under the configuration of its folder, which is kept for a moment. */
export function depsReader(store: Store, context: CliContext) {
  const configs = new Map<string, { readonly config: Config; readonly at: number }>();
  return (session: SessionRecord, now: number): EventDeps => {
    const folder = session.cwd ?? context.cwd;
    let known = configs.get(folder);
    if (known === undefined || now - known.at >= CONFIG_MS) {
      known = { config: readConfig(context, folder).config, at: now };
      configs.set(folder, known);
    }
    // This process is not Claude Code.
    return { ...wireEvents(store, known.config, context.env, folder), hostPid: null };
  };
}

function grantedText(given: GrantOutcome, amount: WrittenAmount, session: string): string {
  if (given.kind === 'no-ceiling') return `no budget has a ceiling for ${session}`;
  const figures = planFigures(given.budgetStatus);
  if (given.kind === 'wrong-unit') {
    return `budget ${given.budgetStatus.budget.id} is raised by an amount like ${raiseAmount(figures)}`;
  }
  return `${session}: ${writtenText(amount)} granted, ceiling ${amountText(given.ceilingNanoUsd, figures)}`;
}

/** Sessions that run and have spent something, or are halted: one that was only opened is not shown. */
function readRunning(
  store: Store,
  depsOf: (session: SessionRecord, now: number) => EventDeps,
  now: number,
): SessionStatus[] {
  return runningSessions(store, now)
    .map((known) => {
      const deps = depsOf(known, now);
      return store.immediately(() => {
        ingestNewLines(known, deps, now);
        return readSessionStatus(store.readSession(known.sessionId) ?? known, deps, now);
      });
    })
    .filter(({ totals, haltRecord }) => totals.requestCount > 0 || haltRecord !== null);
}
