// Door 3: a server of the Model Context Protocol that the client starts with each session and ends with it. Its hooks
// call the gate here instead of starting a process. Rule: events one after the other, as the ledger would have it;
// the gate is not in the list of tools, so that only hooks can call it.
import {
  hostPidOf,
  projectFolderOf,
  sessionIn,
  withHostPid,
} from '../agents/claude-code/environment.ts';
import type { CachedConfig } from '../config/config-cache.ts';
import { stateHome } from '../config/paths.ts';
import { sessionId } from '../domain/ids.ts';
import { readConfigFor } from '../hooks/event-config.ts';
import { writeHeartbeat } from '../hooks/heartbeat.ts';
import { sendAlerts } from '../hooks/send-alerts.ts';
import { VERSION } from '../runtime/version.ts';
import { wireEvents } from '../wire.ts';
import { BUDGET_TOOL, callBudget } from './budget-tool.ts';
import { callGate } from './gate-tool.ts';
import { keepLedgerOpen, type OpenLedger } from './open-ledger.ts';
import {
  answerLine,
  INVALID_PARAMS,
  lineReader,
  METHOD_NOT_FOUND,
  type Message,
  type MethodAnswer,
} from './rpc.ts';

/** Protocol versions that this server speaks, the newest first. */
const PROTOCOLS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** Where the server reads and writes; `process.stdin` and `process.stdout`, or a test's. */
export interface ServerPipes {
  readonly input: NodeJS.ReadableStream;
  readonly write: (text: string) => void;
}

/** How often alerts are looked for whose delivery is to be tried again. */
const ALERTS_EVERY_MS = 30_000;

/** Serves until its input ends; `isPlugin`: it is the server of the plugin. */
export function serve(
  env: NodeJS.ProcessEnv,
  pipes: ServerPipes,
  isPlugin: boolean,
): Promise<void> {
  const ledger = keepLedgerOpen();
  // The client starts its servers without saying which process it is.
  const own = withHostPid(env, process.ppid);
  const removeHeartbeat = writeHeartbeat(stateHome(own), hostPidOf(own), isPlugin);
  const call = methodsOf(own, ledger);
  const read = lineReader((line) => {
    const answer = answerLine(line, call);
    if (answer !== null) pipes.write(answer);
  });
  const alerts = setInterval(() => sendDueAlerts(own, ledger), ALERTS_EVERY_MS).unref();
  return new Promise((resolve) => {
    const end = () => {
      clearInterval(alerts);
      removeHeartbeat();
      ledger.end();
      resolve();
    };
    pipes.input.on('data', (chunk: Buffer) => read(chunk));
    pipes.input.once('end', end);
    pipes.input.once('error', end);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, end);
  });
}

/** Has alerts sent that wait for another try, also while the session is idle. */
function sendDueAlerts(own: NodeJS.ProcessEnv, ledger: OpenLedger): void {
  try {
    const cwd = projectFolderOf(own, process.cwd());
    sendAlerts(readConfigFor(cwd, own).config, ledger.open(stateHome(own), own, false), own, cwd);
  } catch {
    // The next event meets the same failure, and has somebody to tell.
  }
}

/** Answers the server's methods, in one environment and on one ledger. */
function methodsOf(own: NodeJS.ProcessEnv, ledger: OpenLedger): (message: Message) => MethodAnswer {
  const readConfig = () => readConfigFor(projectFolderOf(own, process.cwd()), own);
  const callTool = toolsOf(own, ledger, readConfig);
  /** Reads the configuration and opens the ledger while the host is still starting: the first tool need not wait. */
  const prepare = () => {
    try {
      readConfig();
      ledger.open(stateHome(own), own, false);
    } catch {
      // The first event meets the same failure, and has somebody to tell.
    }
  };
  return (message) => {
    switch (message.method) {
      case 'initialize':
        setImmediate(prepare);
        return { result: introduction(message.params.protocolVersion) };
      case 'ping':
        return { result: {} };
      case 'tools/list':
        return { result: { tools: [BUDGET_TOOL] } };
      case 'tools/call':
        return callTool(message.params);
      default:
        // `server/discover` among them: the host then goes on with `initialize`.
        return { error: { code: METHOD_NOT_FOUND, message: `no method ${message.method}` } };
    }
  };
}

/** Calls the server's tools. The session is the one that the host's environment or the newest event named. */
function toolsOf(
  own: NodeJS.ProcessEnv,
  ledger: OpenLedger,
  readConfig: () => CachedConfig,
): (params: Message['params']) => MethodAnswer {
  let session = sessionIn(own);
  return ({ name, arguments: given }) => {
    const fields = (typeof given === 'object' && given !== null ? given : {}) as Message['params'];
    if (name === 'gate') {
      if (typeof fields.session_id === 'string') session = sessionId(fields.session_id);
      const { stdout } = callGate(fields, own, ledger);
      return { result: { content: [{ type: 'text', text: stdout }] } };
    }
    if (name === BUDGET_TOOL.name) {
      const deps = wireEvents(
        ledger.open(stateHome(own), own, false),
        readConfig().config,
        own,
        process.cwd(),
      );
      return { result: callBudget(session, deps, Date.now()) };
    }
    return { error: { code: INVALID_PARAMS, message: `no tool ${String(name)}` } };
  };
}

function introduction(asked: unknown): object {
  const protocolVersion =
    typeof asked === 'string' && PROTOCOLS.includes(asked) ? asked : PROTOCOLS[0];
  return {
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'tollgate', title: 'Tollgate', version: VERSION },
    instructions: 'The tool `budget` tells what this session has spent and what is left.',
  };
}
