// What a PreToolUse hook costs beside an empty CommonJS file: with 20 KB of new transcript, with a long transcript
// behind it, with a large ledger under it, and with 64 of them at once.
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { NO_CARRY } from '../../src/agents/agent.ts';
import { NO_ATTRIBUTION } from '../../src/domain/attribution.ts';
import { entryId, requestId, sessionId, turnId } from '../../src/domain/ids.ts';
import { NO_USAGE } from '../../src/domain/usage.ts';
import { newSession } from '../../src/ingest/record-fact.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { interleave, median, type Ratio, ratioOf, runOnce, type Variant } from './measure.ts';
import { responseLines } from './transcripts.ts';

const NEW_BYTES = 20_000;

/** Where the built hooks are. */
export interface Built {
  readonly hooks: string;
  readonly cli: string;
}

/** One session with a transcript that grows, and the hook that looks at it. */
export interface Scene {
  readonly id: string;
  readonly variant: Variant;
  readonly ledgerPath: string;
  requestCount(): number;
}

/** Makes a session in a Tollgate home of its own; its ceiling is far away. */
export function scene(
  sandbox: Sandbox,
  built: Built,
  name: string,
  oldBytes = 0,
  entries = 0,
  homeName = name,
): Scene {
  const home = join(sandbox.root, `tollgate-${homeName}`);
  const id = `00000000-0000-4000-8000-${name.padStart(12, '0').slice(-12)}`;
  const folder = join(sandbox.home, '.claude', 'projects', 'bench');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(sandbox.repo, '.claude'), { recursive: true });
  writeFileSync(
    join(sandbox.repo, '.claude', 'tollgate.json'),
    '{"budgets":[{"id":"session","period":"session","soft":"400000.00","hard":"500000.00"}]}',
  );
  const transcript = join(folder, `${id}.jsonl`);
  const ledgerPath = join(home, 'ledger.db');
  writeFileSync(transcript, '');
  if (oldBytes > 0) growHole(transcript, oldBytes);
  fill(ledgerPath, transcript, entries);
  let told = 0;
  let serial = 0;
  const grow = () => {
    let bytes = 0;
    while (bytes < NEW_BYTES) {
      const text = responseLines(id, `msg_${name}_${serial}`, serial, sandbox.repo);
      serial += 1;
      told += 1;
      appendFileSync(transcript, text);
      bytes += text.length;
    }
  };
  const event = JSON.stringify({
    ...{ session_id: id, transcript_path: transcript, cwd: sandbox.repo, prompt_id: 'p1' },
    ...{ permission_mode: 'default', hook_event_name: 'PreToolUse', tool_name: 'Bash' },
    ...{ tool_input: { command: 'echo', description: 'x' }, tool_use_id: 'toolu_bench' },
  });
  return {
    id,
    ledgerPath,
    requestCount: () => told,
    variant: {
      name,
      file: process.execPath,
      args: [join(built.hooks, 'pre-tool-use.cjs')],
      env: sandbox.env({ TOLLGATE_HOME: home, CLAUDE_PROJECT_DIR: sandbox.repo }),
      stdin: () => event,
      prepare: grow,
    },
  };
}

/** Old bytes that nobody reads again: the file's beginning is a hole. */
function growHole(path: string, bytes: number): void {
  const handle = openSync(path, 'r+');
  ftruncateSync(handle, bytes);
  closeSync(handle);
}

/** A ledger with entries of other sessions, that has read the transcript so far. */
function fill(ledgerPath: string, transcript: string, entries: number): void {
  const store = openSqliteStore(ledgerPath);
  const at = Date.now() - entries * 1_000;
  for (let start = 0; start < entries; start += 20_000) {
    store.bulk((ledger) => {
      for (let index = start; index < Math.min(entries, start + 20_000); index += 1) {
        const session = sessionId(`old-${Math.floor(index / 200)}`);
        if (index % 200 === 0) ledger.writeSession(newSession(session, at + index * 1_000));
        ledger.recordUsage({
          kind: 'usage',
          entryId: entryId(`msg_old_${index.toString(36)}`),
          requestId: requestId(`msg_old_${index.toString(36)}`),
          responseKey: index,
          sessionId: session,
          agentId: null,
          turnId: turnId(`turn-${Math.floor(index / 20)}`),
          occurredAt: at + index * 1_000,
          recordedAt: at,
          usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 300, cacheReadTokens: 30_000 },
          costNanoUsd: 22_550_000,
          provenance: 'metered',
          flags: { unknownModel: false, interrupted: false },
          attribution: { ...NO_ATTRIBUTION, model: 'claude-opus-4-7' },
        });
      }
    });
  }
  const { ino, size, mtimeMs } = statSync(transcript);
  const read = { inode: ino, offset: size, before: null, writtenAt: mtimeMs };
  store.immediately(() => store.writeCheckpoint({ path: transcript, ...read, carry: NO_CARRY }));
  store.close();
}

export function emptyVariant(sandbox: Sandbox): Variant {
  const file = join(sandbox.root, 'empty.cjs');
  writeFileSync(file, '');
  return { name: 'empty', file: process.execPath, args: [file], env: sandbox.env() };
}

/** The figures of this page. */
export interface HookFigures {
  readonly hook: Ratio;
  /** The same where the gate decides: there is no lease. */
  readonly gate: Ratio;
  readonly longTranscript: Ratio;
  readonly largeLedger: Ratio;
  readonly burst: Burst;
}

export async function measureHooks(
  sandbox: Sandbox,
  built: Built,
  isShort: boolean,
): Promise<HookFigures> {
  const rounds = isShort ? 12 : 60;
  const empty = emptyVariant(sandbox);
  const plain = scene(sandbox, built, 'plain');
  const asking = scene(sandbox, built, 'asking').variant;
  // A hook that finds no lease asks the gate.
  const prepare = () => {
    rmSync(join(asking.env.TOLLGATE_HOME ?? '', 'leases'), { recursive: true, force: true });
    asking.prepare?.();
  };
  const small = scene(sandbox, built, 'small', 1_000_000, 1_000);
  const long = scene(sandbox, built, 'long', isShort ? 100_000_000 : 1_000_000_000, 1_000);
  const large = scene(sandbox, built, 'large', 1_000_000, isShort ? 50_000 : 1_000_000);
  const variants = [
    empty,
    ...[plain, small, long, large].map(({ variant }) => variant),
    { ...asking, prepare },
  ];
  // The first hook of a session meets it, the second has the gate's code, the third a lease, the fourth all of it.
  await interleave(variants, 4);
  const timings = await interleave(variants, rounds);
  return {
    hook: ratioOf(timings, 'plain', 'empty'),
    gate: ratioOf(timings, 'asking', 'empty'),
    longTranscript: ratioOf(timings, 'long', 'small'),
    largeLedger: ratioOf(timings, 'large', 'small'),
    burst: await measureBurst(sandbox, built, empty, isShort ? 2 : 5),
  };
}

/** Hooks started at once. */
export interface Burst {
  readonly hookCount: number;
  /** Hooks per second, of those of bare Node's processes. */
  readonly throughputRatio: number;
  readonly failedCount: number;
  /** Requests in the ledger less those told; 0 when none was lost or counted twice. */
  readonly driftCount: number;
}

const AT_ONCE = 64;

/** Sixty-four sessions of one person, whose tools all ask at once, over one ledger. */
async function measureBurst(
  sandbox: Sandbox,
  built: Built,
  empty: Variant,
  rounds: number,
): Promise<Burst> {
  const names = Array.from({ length: AT_ONCE }, (_, index) => `b${index}`);
  const scenes = names.map((name) => scene(sandbox, built, name, 0, 0, 'burst'));
  const ratios: number[] = [];
  let failedCount = 0;
  for (let round = -1; round < rounds; round += 1) {
    const bare = await timeAtOnce(names.map(() => empty));
    const hooks = await timeAtOnce(scenes.map(({ variant }) => variant));
    if (round >= 0) ratios.push(bare.ms / hooks.ms);
    failedCount += hooks.failedCount;
  }
  const store = openSqliteStore(scenes[0]?.ledgerPath ?? '');
  const { requestCount } = store.readLedgerTotals();
  store.close();
  const told = scenes.reduce((sum, each) => sum + each.requestCount(), 0);
  return {
    hookCount: AT_ONCE * (rounds + 1),
    throughputRatio: median(ratios),
    failedCount,
    driftCount: requestCount - told,
  };
}

async function timeAtOnce(
  variants: readonly Variant[],
): Promise<{ ms: number; failedCount: number }> {
  for (const { prepare } of variants) prepare?.();
  const startedAt = performance.now();
  const runs = await Promise.all(variants.map(({ prepare: _, ...variant }) => runOnce(variant)));
  const failedCount = runs.filter(({ exitCode, stdout }) => exitCode !== 0 || stdout !== '').length;
  return { ms: performance.now() - startedAt, failedCount };
}
