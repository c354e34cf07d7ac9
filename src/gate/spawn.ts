// What starting subagents is expected to cost. Rule: a spawn must leave its children room for a start;
// each child is then asked about at its own requests like anybody else.
import type { SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { GateDeps } from './gate.ts';
import { forecastNext } from './next-request.ts';

const SPAWNING_TOOLS: ReadonlySet<string> = new Set(['Agent', 'Task', 'Workflow', 'SendMessage']);
/** Requests a child must be able to make for its start to be worth paying for. */
const REQUESTS_TO_BE_WORTH_IT = 2;

/** The price of letting this tool start; `null` when it starts no subagents. */
export function spawnOf(
  tool: { readonly name: string },
  sessionId: SessionId,
  deps: GateDeps,
  now: EpochMs,
): { readonly tool: string; readonly needNanoUsd: NanoUsd } | null {
  if (!SPAWNING_TOOLS.has(tool.name)) return null;
  const thread = deps.store.readThread(sessionId, null);
  const { expectedNanoUsd } = forecastNext(
    thread,
    null,
    { store: deps.store, pricer: deps.pricer, safety: deps.config.safety },
    now,
  );
  return { tool: tool.name, needNanoUsd: REQUESTS_TO_BE_WORTH_IT * expectedNanoUsd };
}
