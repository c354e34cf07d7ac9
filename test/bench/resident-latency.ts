// What the resident gate costs: a decision inside the server, and in the real client the time from the end of one
// response to the arrival of the next request, beside no hook at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { residentEntries } from '../../src/agents/claude-code/resident-entries.ts';
import { runClaudeOk } from '../support/claude.ts';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { toolLoop } from '../support/scenarios.ts';
import { createWorld, type World } from '../support/world.ts';
import { type Built, scene } from './hook-latency.ts';
import { median, quantile } from './measure.ts';

/** The figures of this page, in milliseconds. */
export interface ResidentFigures {
  /** Round trips to the server, 20 KB of new transcript each. */
  readonly decisionMs: { readonly p50: number; readonly p95: number };
  /** `null` when the client was left out. */
  readonly client: ClientFigures | null;
}

export interface ClientFigures {
  readonly noneMs: number;
  readonly residentMs: number;
  readonly commandMs: number;
}

export async function measureResident(
  world: World,
  built: Built,
  isShort: boolean,
): Promise<ResidentFigures> {
  return {
    decisionMs: await measureDecisions(world, built, isShort ? 30 : 200),
    client: isShort ? null : await measureClient(built, 4),
  };
}

async function measureDecisions(world: World, built: Built, rounds: number) {
  const { variant } = scene(world, built, 'resident');
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

/** Turns of a loop in which every tool call is asked about, in three ways, turn about. */
async function measureClient(built: Built, rounds: number): Promise<ClientFigures> {
  const gaps = { none: [] as number[], resident: [] as number[], command: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['none', 'resident', 'command'] as const) {
      gaps[way].push(...(await gapsOfOneRun(built, way)));
    }
  }
  return {
    noneMs: median(gaps.none),
    residentMs: median(gaps.resident),
    commandMs: median(gaps.command),
  };
}

async function gapsOfOneRun(built: Built, way: 'none' | 'resident' | 'command'): Promise<number[]> {
  const world = await createWorld();
  const stub = await startMessagesApiStub(toolLoop({ turns: 20 }));
  try {
    const entries = residentEntries({ nodePath: process.execPath, cliFile: built.cli });
    const hooks: Record<string, unknown[]> = {};
    if (way === 'resident') {
      for (const { event, group } of entries.hooks) hooks[event] = [group];
      writeFileSync(join(world.repo, '.mcp.json'), JSON.stringify({ mcpServers: entries.server }));
    } else if (way === 'command') {
      const files = { PreToolUse: 'pre-tool-use.cjs', PostToolBatch: 'post-tool-batch.cjs' };
      for (const [event, file] of Object.entries(files)) {
        const args = [join(built.hooks, file)];
        hooks[event] = [
          { matcher: '*', hooks: [{ type: 'command', command: process.execPath, args }] },
        ];
      }
    }
    await world.writeSettings('project', { hooks });
    writeFileSync(
      join(world.repo, '.claude', 'tollgate.json'),
      '{"budgets":[{"id":"session","period":"session","soft":"400.00","hard":"500.00"}]}',
    );
    const extraEnv = { TOLLGATE_HOME: world.tollgateHome };
    await runClaudeOk({ home: world.home, cwd: world.repo, stub, prompt: 'go', extraEnv });
    // The first gaps hold the client's own start and the server's.
    return stub.served.slice(3).map((request, index) => {
      const before = stub.served[index + 2];
      return request.receivedAt - (before?.completedAt ?? Number.NaN);
    });
  } finally {
    await stub.close();
    await world.cleanup();
  }
}
