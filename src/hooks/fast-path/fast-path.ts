// The fast path of a tool call's hook: while a decision lease holds, the event is recorded and nothing is decided. Most of what a hook
// costs is code that runs for the first time, so this is bundled without what decides. Rule: it leaves work out and does nothing
// in another way; whatever it cannot do it leaves to the gate, which finds everything recorded already.

import type { ToolCall } from '../../agents/agent.ts';
import { projectFolderOf } from '../../agents/claude-code/environment.ts';
import { stateHome } from '../../config/paths.ts';
import { isLeasable, mayUseLease } from '../../gate/lease.ts';
import { recordActivity } from '../../gate/record-activity.ts';
import { labelsOf, rulesInSession } from '../../ingest/attribution-labels.ts';
import { headOf, ingestSession } from '../../ingest/ingest-session.ts';
import { changesNothing } from '../../protection/read-only-calls.ts';
import {
  agent,
  hasMended,
  openLedgerToRecord,
  placeReader,
  runIdOf,
  wireRecording,
} from '../../wire.ts';
import { readConfigFor } from '../event-config.ts';
import { noteEvent } from '../event-notes.ts';
import { readLease } from './lease-file.ts';

/** The gate waits for the lock as well when this gives up. */
const LOCK_WAIT = { idleMs: 700, queueMs: 700 };

/** True when the event is answered: nothing to say, everything recorded. False: ask the gate. Throws what the ledger throws. */
export function tryFastPath(text: string, env: NodeJS.ProcessEnv, now: number): boolean {
  const event = agent.parseEvent(text);
  const { tool, transcriptPath, sessionId, cwd } = event;
  if (tool === null || transcriptPath === null || !isLeasable(event, agent)) {
    return false;
  }
  if (agent.tools.forgesPrompt(tool)) return false;
  if (!changesNothing(tool, agent.tools) && aimsAtProtected(tool, cwd, env)) return false;
  const home = stateHome(env);
  const { config, fingerprint } = readConfigFor(projectFolderOf(env, cwd), env);
  const rules = rulesInSession(config, env);
  const lease = readLease(home, {
    ...{ event, configFingerprint: fingerprint, labels: labelsOf(placeReader(env)(cwd), rules) },
    runId: runIdOf(env),
  });
  if (lease === null) return false;
  const store = openLedgerToRecord(home, env, LOCK_WAIT);
  try {
    const deps = { ...wireRecording(store, config, env), labels: rules };
    const mayGoOn = store.immediately(() => {
      const { unknownModels, unreadable, unusableCount } = ingestSession(
        transcriptPath,
        deps,
        now,
        headOf(store.readSession(sessionId)),
      );
      const session = recordActivity(event, deps, now);
      store.settleReservations(sessionId);
      const isUnsure =
        hasMended() || unknownModels.length > 0 || unreadable.length > 0 || unusableCount > 0;
      if (isUnsure) return false;
      return mayUseLease(lease, event, session.inheritedNanoUsd, deps, now);
    });
    if (mayGoOn) noteEvent(event, home, deps.hostPid, now);
    return mayGoOn;
  } finally {
    store.closeAtExit();
  }
}

/** Taking a command apart is a file of its own: most calls only read. */
const aimsAtProtected = (tool: ToolCall, cwd: string, env: NodeJS.ProcessEnv): boolean =>
  (require('./protected-call.ts') as typeof import('./protected-call.ts')).aimsAtProtected(
    tool,
    cwd,
    env,
  );
