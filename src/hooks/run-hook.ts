// Door 1: an agent's hook. Reads one event, answers it, ends the process.
// Everything is synchronous: the ledger's lock is waited for one and a half seconds (six while others get it), a transcript line
// at most four, and the host's own limit on a hook is ten.

import type { Answer, Reply } from '../agents/agent.ts';
import { hostPidOf } from '../agents/claude-code/environment.ts';
import { MODEL_SWITCH, MOMENTS, SETTINGS_CHANGE } from '../agents/claude-code/event-names.ts';
import { GATE_MODES, PLUGIN_FLAG } from '../agents/claude-code/install/resident-names.ts';
import { stateHome } from '../config/paths.ts';
import { pluginRoot } from '../runtime/plugin-root.ts';
import { agent } from '../wire.ts';
import { answerHook } from './answer-event.ts';
import type { GateRemark } from './command-hook-fallback.ts';
import { hasHeartbeat } from './heartbeat.ts';
import { readStdin, writeAll } from './stdio.ts';

/** Runs one hook, from the event's text to exit. `eventName` is the host's name of the event; `beforeExit` runs after the answer. */
export function runHook(
  eventName: string,
  text: string = readStdin(),
  beforeExit: () => void = () => {},
): void {
  if (eventName === SETTINGS_CHANGE) answerSettingsChange(text, beforeExit);
  if (eventName === MODEL_SWITCH) answerSwitch(text, beforeExit);
  const moment = MOMENTS[eventName];
  const remark = moment === 'prompt' ? gateRemark(process.argv, process.env) : null;
  const { stdout, stderr, exitCode } = remark?.refusesPrompt
    ? refusePrompt(remark.text)
    : answerHook(eventName, text, process.env, undefined, remark?.text);
  if (stdout) writeAll(1, stdout);
  if (stderr) writeAll(2, `${stderr}\n`);
  if (moment === 'session-start') syncHistory(process.env);
  beforeExit();
  process.exit(exitCode);
}

/** A change of settings is answered without the ledger: it decides over no money. */
function answerSettingsChange(text: string, beforeExit: () => void): never {
  const { answerConfigChange } =
    require('./installation-watch.ts') as typeof import('./installation-watch.ts');
  const { stdout, stderr, exitCode } = answerConfigChange(text, process.env);
  if (stdout) writeAll(1, stdout);
  if (stderr) writeAll(2, `${stderr}\n`);
  beforeExit();
  process.exit(exitCode);
}

/** A change of the model is no request: nothing is decided, the person is told what it costs. */
function answerSwitch(text: string, beforeExit: () => void): never {
  const { answerModelSwitch } =
    require('./model-switch-answer.ts') as typeof import('./model-switch-answer.ts');
  const { stdout, exitCode } = answerModelSwitch(text, process.env, Date.now());
  if (stdout) writeAll(1, stdout);
  beforeExit();
  process.exit(exitCode);
}

function syncHistory(env: NodeJS.ProcessEnv): void {
  const { syncWhenDue } =
    require('../ingest/sync/background.ts') as typeof import('../ingest/sync/background.ts');
  syncWhenDue(stateHome(env), `${import.meta.dirname}/../cli/main.js`, env, Date.now());
}

function refusePrompt(reason: string): Reply {
  const halt: Answer['verdict'] = { kind: 'halt', breaches: [] };
  return agent.formatReply('prompt', { verdict: halt, forPerson: null, forModel: null, reason });
}

/** Before a turn: whether its tools will be answered, by the resident gate or by hooks that stand in for it. */
function gateRemark(args: readonly string[], env: NodeJS.ProcessEnv): GateRemark | null {
  const mode = GATE_MODES.find((each) => args.includes(each));
  if (mode === undefined) return null;
  const isPlugin = args.includes(PLUGIN_FLAG);
  const hostPid = hostPidOf(env);
  if (mode === '--resident' && hasHeartbeat(stateHome(env), hostPid, isPlugin)) return null;
  try {
    const { ensureGate } =
      require('./command-hook-fallback.ts') as typeof import('./command-hook-fallback.ts');
    return ensureGate(mode, env, process.cwd(), isPlugin ? pluginRoot() : null);
  } catch (error) {
    const text = `Tollgate: it could not be seen whether the resident gate is running: ${(error as Error).message}`;
    return { text, refusesPrompt: false };
  }
}
