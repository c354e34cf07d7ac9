// A hook whose every file operation may fail: one world for each operation and way of failing, and what came of it. The shim is compiled
// here; where there is no C compiler, or no LD_PRELOAD, there are no worlds.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { claudeCode } from '../../src/agents/claude-code/claude-code.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configSources } from '../../src/config/paths.ts';
import { onEvent } from '../../src/gate/on-event.ts';
import { sealPlaces } from '../../src/stores/seal/seal-file.ts';
import { MIGRATIONS } from '../../src/stores/sqlite/migrations.ts';
import { openLedger, wireEvents } from '../../src/wire.ts';
import { hooksDir, readLedgerFile } from '../support/guarded.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { prompt, response } from '../support/transcript-lines.ts';

export const FAULTS = ['KILL', 'TERM', 'EIO', 'ENOSPC', 'EROFS'] as const;
export type Fault = (typeof FAULTS)[number];

/** What may be wrong with where a hook reads and answers: nobody reads the answer, or there is no such place. */
export const BROKEN_STDIO = ['nobody reads', 'no stdout', 'no stderr', 'none at all'] as const;
export type BrokenStdio = (typeof BROKEN_STDIO)[number];

/** What a hook is asked while its files fail. */
export interface Scenario {
  readonly id: string;
  /** The client's name of the event. */
  readonly event: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The session has spent more than its ceiling, so nothing may go on. */
  readonly isOver: boolean;
  /** What state there is: of a session that has begun, the same whose ledger is gone or damaged, none, or an old ledger. */
  readonly state: 'begun' | 'gone' | 'damaged' | 'none' | 'old';
}

const TOOL = { tool_name: 'Bash', tool_use_id: 'toolu_m2', tool_input: { command: 'true' } };

export const SCENARIOS: readonly Scenario[] = [
  { id: 'tool, over', event: 'PreToolUse', fields: TOOL, isOver: true, state: 'begun' },
  { id: 'tool, far below', event: 'PreToolUse', fields: TOOL, isOver: false, state: 'begun' },
  {
    ...{ id: 'after tools, over', event: 'PostToolBatch', isOver: true, state: 'begun' },
    fields: { tool_calls: [] },
  },
  {
    ...{ id: 'prompt, over', event: 'UserPromptSubmit', isOver: true, state: 'begun' },
    fields: { prompt: 'go on' },
  },
  { id: 'turn ends', event: 'Stop', isOver: false, state: 'begun' },
  {
    ...{ id: 'session starts', event: 'SessionStart', isOver: false, state: 'begun' },
    fields: { source: 'resume' },
  },
  {
    ...{ id: 'first hook, over', event: 'UserPromptSubmit', isOver: true, state: 'none' },
    fields: { prompt: 'go on' },
  },
  {
    ...{ id: 'migration, over', event: 'UserPromptSubmit', isOver: true, state: 'old' },
    fields: { prompt: 'go on' },
  },
  {
    ...{ id: 'restored, over', event: 'UserPromptSubmit', isOver: true, state: 'gone' },
    fields: { prompt: 'go on' },
  },
  { id: 'restored, far below', event: 'Stop', isOver: false, state: 'damaged' },
];

/** How a run ended. `crashed`: with another code than 0 and 2, which `onFailure: "block"` turns into a refusal. */
export type Ending = 'stopped' | 'allowed' | 'killed' | 'crashed';

export interface FaultRun {
  readonly ending: Ending;
  /** Went on though the ceiling was passed, or said what Claude Code cannot read. */
  readonly isOpening: boolean;
  readonly isCorrupt: boolean;
  /** What the next hook makes of it is not the transcript's total. */
  readonly isWrong: boolean;
  /** What was seen, where something is wrong. */
  readonly note: string;
}

export interface FaultWorlds {
  /** Numbers of the file operations of a run without a fault; of many alike in a row the first and the last. */
  readonly readPoints: (scenario: Scenario) => Promise<readonly number[]>;
  readonly run: (scenario: Scenario, point: number, fault: Fault) => Promise<FaultRun>;
  /** The same with stdio that is broken; without stdin the event cannot be read, and nothing of it is counted. */
  readonly runBroken: (scenario: Scenario, stdio: BrokenStdio) => Promise<FaultRun>;
  readonly remove: () => Promise<void>;
}

/** Why there can be no worlds here; `null`: there can. */
export function whyNoFaults(): string | null {
  if (process.platform !== 'linux') return 'LD_PRELOAD is of Linux';
  return spawnSync('cc', ['--version']).status === 0 ? null : 'there is no C compiler';
}

const CEILING_USD = 5;
/** Output of $0.10 and of $6.00. */
const OUTPUT = { far: 4_000, over: 240_000 };

export interface Kind {
  readonly sessionId: string;
  readonly transcript: string;
  readonly totalNanoUsd: number;
}

export async function makeFaultWorlds(): Promise<FaultWorlds> {
  const sandbox = await createSandbox();
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-faults-'));
  const shim = buildShim(folder);
  configure(sandbox);
  const kinds = { far: kindOf(sandbox, 'far'), over: kindOf(sandbox, 'over') };
  const begun = join(folder, 'begun');
  for (const kind of Object.values(kinds)) await begin(sandbox, begun, kind);
  for (const [name, kind] of Object.entries(kinds)) {
    const line = response({
      id: `${kind.sessionId}-m2`,
      session: kind.sessionId,
      ...TURN,
      tool: 'Bash',
    });
    writeFileSync(
      kind.transcript,
      line.replace('"output_tokens":1', `"output_tokens":${OUTPUT[name as 'far']}`),
      { flag: 'a' },
    );
  }
  let count = 0;
  const prepare = (scenario: Scenario): string => {
    count += 1;
    const state = join(folder, `w${count}`);
    if (scenario.state === 'old') makeOldLedger(state);
    else if (scenario.state !== 'none') copyState(begun, state, scenario.state);
    return state;
  };
  const start = (scenario: Scenario, state: string, env: Record<string, string>) =>
    runHook(sandbox, scenario, kinds[scenario.isOver ? 'over' : 'far'], state, {
      LD_PRELOAD: shim,
      FAULT_DIR: state,
      ...env,
    });
  return {
    readPoints: async (scenario) => {
      const state = prepare(scenario);
      const log = join(folder, `log${count}`);
      await start(scenario, state, { FAULT_LOG: log });
      rmSync(state, { recursive: true, force: true });
      return pointsOf(readFileSync(log, 'utf8').trimEnd().split('\n'));
    },
    run: async (scenario, point, fault) => {
      const state = prepare(scenario);
      const ended = await start(scenario, state, { FAULT_AT: String(point), FAULT_ERROR: fault });
      const judged = judge(
        sandbox,
        scenario,
        kinds[scenario.isOver ? 'over' : 'far'],
        state,
        ended,
      );
      rmSync(state, { recursive: true, force: true });
      return judged;
    },
    runBroken: async (scenario, stdio) => {
      const state = prepare(scenario);
      const kind = kinds[scenario.isOver ? 'over' : 'far'];
      const ended = await runHook(sandbox, scenario, kind, state, {}, stdio);
      const judged = judge(sandbox, scenario, kind, state, ended);
      rmSync(state, { recursive: true, force: true });
      return judged;
    },
    remove: async () => {
      rmSync(folder, { recursive: true, force: true });
      await sandbox.cleanup();
    },
  };
}

/** Compiles the shim into a folder; its path. */
export function buildShim(folder: string): string {
  const shim = join(folder, 'shim.so');
  const source = join(import.meta.dirname, 'shim.c');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, source]);
  if (built.status !== 0) throw new Error(`the shim cannot be built: ${built.stderr}`);
  return shim;
}

/** Of many operations alike in a row the first and the last. */
export function pointsOf(lines: readonly string[]): readonly number[] {
  const whats = lines.map((line) => line.replace(/^\d+ /, ''));
  return whats.flatMap((what, at) =>
    what === whats[at - 1] && what === whats[at + 1] ? [] : [at + 1],
  );
}

const TURN = { at: 5, output: 1, input: 0 };

/** A ceiling in the sandbox's repository. */
export function configure(sandbox: Sandbox): void {
  mkdirSync(join(sandbox.repo, '.claude'), { recursive: true });
  const config = { budgets: [{ id: 'session', hard: CEILING_USD.toFixed(2) }] };
  writeFileSync(join(sandbox.repo, '.claude/tollgate.json'), JSON.stringify(config));
}

/** A session with one response; what its transcript comes to with the second. */
function kindOf(sandbox: Sandbox, name: keyof typeof OUTPUT): Kind {
  const folder = join(sandbox.home, '.claude', 'projects', 'shop');
  mkdirSync(folder, { recursive: true });
  const transcript = join(folder, `${name}.jsonl`);
  writeFileSync(transcript, `${prompt('t1')}${response({ id: `${name}-m1`, session: name })}`);
  return { sessionId: name, transcript, totalNanoUsd: 7_500_000 + OUTPUT[name] * 25_000 };
}

async function begin(sandbox: Sandbox, state: string, kind: Kind): Promise<void> {
  const scenario = {
    id: '',
    event: 'UserPromptSubmit',
    fields: { prompt: 'go' },
    isOver: false,
    state: 'begun',
  } as const;
  for (const event of ['UserPromptSubmit', 'Stop']) {
    const { code, stderr } = await runHook(sandbox, { ...scenario, event }, kind, state, {});
    if (code !== 0) throw new Error(`the world's first hook failed: ${stderr}`);
  }
}

/** The state of sessions that have begun, in another folder, with both places of its seal. */
function copyState(from: string, to: string, state: 'begun' | 'gone' | 'damaged'): void {
  cpSync(from, to, { recursive: true });
  renameSync(secondSeal(to, from), secondSeal(to, to));
  if (state === 'begun') return;
  for (const end of ['-wal', '-shm', '']) rmSync(join(to, `ledger.db${end}`), { force: true });
  if (state === 'damaged') writeFileSync(join(to, 'ledger.db'), 'no ledger. '.repeat(500));
}

const configIn = (state: string): string => join(state, 'config');
const secondSeal = (state: string, sealedIn: string): string =>
  sealPlaces(sealedIn, join(configIn(state), 'tollgate'))[1];
export const envOf = (
  sandbox: Sandbox,
  state: string,
  env: Readonly<Record<string, string>> = {},
) => sandbox.env({ TOLLGATE_HOME: state, XDG_CONFIG_HOME: configIn(state), ...env });

/** A ledger as the first versions left it, empty. */
function makeOldLedger(state: string): void {
  mkdirSync(state, { mode: 0o700 });
  const db = new Database(join(state, 'ledger.db'));
  for (const step of MIGRATIONS.slice(0, 4)) db.exec(step);
  db.pragma('user_version = 4');
  db.close();
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const eventOf = (sandbox: Sandbox, { event, fields }: Scenario, kind: Kind) => ({
  ...{ hook_event_name: event, session_id: kind.sessionId, transcript_path: kind.transcript },
  ...{ cwd: sandbox.repo, prompt_id: 'p2', ...fields },
});

/** In words of the shell. */
const CLOSES: Readonly<Record<BrokenStdio, string>> = {
  'nobody reads': '',
  'no stdout': '>&-',
  'no stderr': '2>&-',
  'none at all': '<&- >&- 2>&-',
};

function runHook(
  sandbox: Sandbox,
  scenario: Scenario,
  kind: Kind,
  state: string,
  env: Readonly<Record<string, string>>,
  stdio: BrokenStdio | null = null,
): Promise<Ended> {
  const name = scenario.event.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  const closed = CLOSES[stdio ?? 'nobody reads'];
  const child = spawn(
    '/bin/sh',
    ['-c', `exec "$0" "$@" ${closed}`, process.execPath, join(hooksDir, `${name}.cjs`)],
    {
      cwd: sandbox.repo,
      env: envOf(sandbox, state, env),
    },
  );
  const ended = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    ended.stderr += text;
  });
  if (stdio === 'nobody reads') child.stdout.destroy();
  child.stdin.on('error', () => {}).end(JSON.stringify(eventOf(sandbox, scenario, kind)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

function judge(
  sandbox: Sandbox,
  scenario: Scenario,
  kind: Kind,
  state: string,
  { code, stdout, stderr }: Ended,
): FaultRun {
  const ending: Ending =
    code === null ? 'killed' : code === 2 ? 'stopped' : code === 0 ? 'allowed' : 'crashed';
  const isReadable = ending === 'killed' || stdout === '' || isJson(stdout);
  const isOpening = (ending === 'allowed' && scenario.isOver) || !isReadable;
  const found = recount(sandbox, kind, state);
  const isWrong = found.totalNanoUsd !== kind.totalNanoUsd;
  const isFine = !isOpening && !isWrong && !found.isCorrupt;
  const note = isFine
    ? ''
    : `${ending} ${found.note} ${found.totalNanoUsd} of ${kind.totalNanoUsd} ${stderr.slice(0, 200)} ${stdout.slice(0, 200)}`;
  return { ending, isOpening, isCorrupt: found.isCorrupt, isWrong, note };
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** What the next hook, whose files do not fail, makes of the ledger. */
export function recount(
  sandbox: Sandbox,
  kind: Kind,
  state: string,
): { readonly totalNanoUsd: number; readonly isCorrupt: boolean; readonly note: string } {
  try {
    const env = envOf(sandbox, state);
    const { config } = loadConfig(configSources(sandbox.repo, env));
    const store = openLedger(state, env);
    try {
      const next = {
        id: '',
        event: 'PostToolBatch',
        fields: { tool_calls: [] },
        isOver: false,
        state: 'begun',
      } as const;
      const event = claudeCode.parseEvent(JSON.stringify(eventOf(sandbox, next, kind)));
      onEvent(event, wireEvents(store, config, env, sandbox.repo), Date.now());
    } finally {
      store.close();
    }
    const file = join(state, 'ledger.db');
    const db = new Database(file, { readonly: true });
    const checked = db.pragma('integrity_check', { simple: true });
    db.close();
    const session = readLedgerFile(file).sessions.find(
      ({ sessionId }) => sessionId === kind.sessionId,
    );
    const isTorn = session?.rollupNanoUsd !== session?.costNanoUsd;
    return {
      totalNanoUsd: session?.costNanoUsd ?? 0,
      isCorrupt: checked !== 'ok' || isTorn,
      note: String(checked),
    };
  } catch (error) {
    return { totalNanoUsd: 0, isCorrupt: true, note: String(error) };
  }
}
