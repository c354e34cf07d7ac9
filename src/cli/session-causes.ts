// Why a session cost what it did, from the ledger and its transcript; and what its subagents' tools did.
import { existsSync } from 'node:fs';
import { readToolCalls } from '../agents/claude-code/transcript/tool-calls.ts';
import type { LedgerLine, SumQuery } from '../domain/aggregates.ts';
import type { AgentId, SessionId } from '../domain/ids.ts';
import type { Window } from '../domain/time.ts';
import { type Causes, findCauses, type RatesAt } from '../reports/why/causes.ts';
import { findToolHabits, type ToolHabits } from '../reports/why/tool-habits.ts';
import type { SessionRecord, Store } from '../stores/store.ts';

interface SessionCauses {
  readonly lines: readonly LedgerLine[];
  readonly causes: Causes;
  /** `null`: the transcript is gone. */
  readonly habits: ToolHabits | null;
}

/** What is asked of a ledger for a session. */
export const linesOf = (id: SessionId, window: Window): Pick<SumQuery, 'window' | 'where'> => ({
  window,
  where: [{ key: 'session', patterns: [id] }],
});

/** The causes of what a session spent in a window; `null` where it spent nothing. Its tool calls are those of all time. */
export const readSessionCauses = (
  session: SessionRecord,
  store: Store,
  rates: RatesAt,
  window: Window,
): SessionCauses | null =>
  causesOf(session, store.readLines(linesOf(session.sessionId, window)), rates);

/** The same from its lines. */
export function causesOf(
  { transcriptPath: path }: Pick<SessionRecord, 'transcriptPath'>,
  lines: readonly LedgerLine[],
  rates: RatesAt,
): SessionCauses | null {
  if (lines.length === 0) return null;
  const habits = path !== null && existsSync(path) ? findToolHabits(readToolCalls(path)) : null;
  return { lines, causes: findCauses(lines, rates), habits };
}

/** How many tools a subagent called, and how many of the calls failed; `null`: its transcript is gone. */
export function readSubagentCalls(
  { transcriptPath: path }: SessionRecord,
  agentId: AgentId,
): { readonly callCount: number; readonly failedCount: number } | null {
  if (path === null || !existsSync(path)) return null;
  const calls = readToolCalls(path, agentId);
  return { callCount: calls.length, failedCount: calls.filter(({ failed }) => failed).length };
}
