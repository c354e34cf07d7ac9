// The answer to a change of the session's model: what it costs. Rule: apart from the gate, because it is seldom asked; it decides nothing, so whatever
// fails lets the switch go on.
import type { Reply } from '../agents/agent.ts';
import { projectFolderOf } from '../agents/claude-code/environment.ts';
import { stateHome } from '../config/paths.ts';
import { sessionId } from '../domain/ids.ts';
import { modelSwitchCost, switchText } from '../gate/model-switch-cost.ts';
import { ingestNewLines } from '../ingest/ingest-new-lines.ts';
import { askModelSwitch, openLedger, parseModelSwitch, wireRecording } from '../wire.ts';
import { readConfigFor } from './event-config.ts';

export function answerModelSwitch(text: string, env: NodeJS.ProcessEnv, now: number): Reply {
  try {
    const asked = parseModelSwitch(text);
    if (asked === null) return askModelSwitch(null);
    const { config } = readConfigFor(projectFolderOf(env, asked.cwd), env);
    const store = openLedger(stateHome(env), env, { isBrief: true });
    try {
      const deps = wireRecording(store, config, env);
      const cost = store.immediately(() => {
        const session = store.readSession(sessionId(asked.sessionId));
        if (session !== null) ingestNewLines(session, { ...deps, labels: config }, now);
        return modelSwitchCost(asked, deps, now);
      });
      return askModelSwitch(switchText(cost));
    } finally {
      store.closeAtExit();
    }
  } catch {
    return askModelSwitch(null);
  }
}
