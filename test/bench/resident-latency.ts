// What the resident gate costs: a decision inside the server, and in the real client the time from the end of one
// response to the arrival of the next request, beside no hook at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hookFilesIn } from '../../src/agents/claude-code/install/hook-entries.ts';
import { hookEntriesHere } from '../../src/agents/claude-code/install/install.ts';
import { withGateMode } from '../../src/agents/claude-code/install/resident-entries.ts';
import { RESIDENT_SERVER } from '../../src/agents/claude-code/install/resident-names.ts';
import { serverEntry } from '../../src/agents/claude-code/install/resident-server.ts';
import { runClaudeOk } from '../support/claude.ts';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { type Built, scene } from './hook-latency.ts';
import { median, quantile } from './measure.ts';

/** The figures of this page, in milliseconds. */
export interface ResidentFigures {
  /** Round trips to the server, 20 KB of new transcript each. */
  readonly decisionMs: { readonly p50: number; readonly p95: number };
  /** `null` when the client was left out. */
  readonly client: HostFigures | null;
}

export interface HostFigures {
  readonly noneMs: number;
  /** With a server that answers every call with nothing: what asking costs the client by itself. */
  readonly silentMs: number;
  readonly residentMs: number;
  readonly commandMs: number;
}

export async function measureResident(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<ResidentFigures> {
  return {
    decisionMs: await measureDecisions(sandbox, built, isShort ? 30 : 200),
    client: isShort ? null : await measureHost(built, 4),
  };
}

async function measureDecisions(sandbox: Sandbox, built: Built, rounds: number) {
  const { variant } = scene(sandbox, built, 'resident');
  const child = spawn(process.execPath, [built.cli, 'mcp'], {
    env: variant.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const event = JSON.parse(variant.stdin?.() ?? '{}') as Record<string, unknown>;
  const args = { ...event, tool_input: JSON.stringify(event.tool_input), agent_id: '' };
  const times: number[] = [];
  for (let id = 0; id < rounds + 10; id += 1) {
    variant.prepare?.();
    const params = { name: 'gate', arguments: args };
    const message = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
    const startedAt = performance.now();
    child.stdin.write(`${message}\n`);
    await lines.next();
    if (id >= 10) times.push(performance.now() - startedAt);
  }
  child.stdin.end();
  await once(child, 'exit');
  return { p50: median(times), p95: quantile(times, 0.95) };
}

const WAYS = ['none', 'silent', 'resident', 'command'] as const;
type Way = (typeof WAYS)[number];

/** Turns of a loop in which every tool call is asked about, each way in its turn. */
async function measureHost(built: Built, rounds: number): Promise<HostFigures> {
  const gaps: Record<Way, number[]> = { none: [], silent: [], resident: [], command: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) {
      gaps[way].push(...(await gapsOfOneRun(built, way)));
    }
  }
  return {
    noneMs: median(gaps.none),
    silentMs: median(gaps.silent),
    residentMs: median(gaps.resident),
    commandMs: median(gaps.command),
  };
}

const ON_EVERY_TOOL: ReadonlySet<string> = new Set(['PreToolUse', 'PostToolBatch']);

const SILENT_SERVER = join(import.meta.dirname, '..', 'support', 'silent-server.mjs');

async function gapsOfOneRun(built: Built, way: Way): Promise<number[]> {
  const sandbox = await createSandbox();
  const stub = await startMessagesApiStub(toolLoop({ turns: 20 }));
  try {
    const commands = hookEntriesHere(hookFilesIn(built.hooks), [2, 1, 330], {});
    const isServed = way === 'resident' || way === 'silent';
    const entries = isServed ? withGateMode(commands, '--resident') : commands;
    const asked = way === 'none' ? [] : entries.filter(({ event }) => ON_EVERY_TOOL.has(event));
    const hooks = Object.fromEntries(asked.map(({ event, group }) => [event, [group]]));
    if (isServed) {
      const file = way === 'silent' ? SILENT_SERVER : built.cli;
      const mcpServers = { [RESIDENT_SERVER]: serverEntry(process.execPath, file) };
      writeFileSync(join(sandbox.repo, '.mcp.json'), JSON.stringify({ mcpServers }));
    }
    await sandbox.writeSettings('project', { hooks });
    writeFileSync(
      join(sandbox.repo, '.claude', 'tollgate.json'),
      '{"budgets":[{"id":"session","period":"session","soft":"400.00","hard":"500.00"}]}',
    );
    const extraEnv = { TOLLGATE_HOME: sandbox.tollgateHome };
    await runClaudeOk({ home: sandbox.home, cwd: sandbox.repo, stub, prompt: 'go', extraEnv });
    // The first gaps hold the client's own start and the server's.
    return stub.served.slice(3).map((request, index) => {
      const before = stub.served[index + 2];
      return request.receivedAt - (before?.completedAt ?? Number.NaN);
    });
  } finally {
    await stub.close();
    await sandbox.cleanup();
  }
}
