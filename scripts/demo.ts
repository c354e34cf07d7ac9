// `npm run demo`: the main job, whole, in a temporary home. A runaway loop meets a ceiling; every request
// is shown with what it cost and what the gate said. With a Claude Code client on this machine that client
// is driven, against a stub of the Messages API on loopback; else a recorded session is replayed into a
// transcript that grows as a live one does, through the same hook executables.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { formatUsd } from '../src/domain/money.ts';
import { runClaude } from '../test/support/claude.ts';
import { startMessagesApiStub } from '../test/support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../test/support/sandbox.ts';
import { ordinaryUsage, toolLoop } from '../test/support/scenarios.ts';
import { decisionsOf, entriesOf } from './demo-ledger.ts';

const root = process.env.TOLLGATE_CHECKOUT ?? process.cwd();
const cli = join(root, 'dist', 'cli', 'main.js');

interface Played {
  readonly how: string;
  readonly sessionId: string;
  readonly unguardedNanoUsd: number;
  readonly ending: string;
}

const client = findClient();
const sandbox = await createSandbox();
try {
  const limits = client ? { soft: '0.40', hard: '0.50' } : { soft: '0.06', hard: '0.10' };
  say(`A temporary home: ${sandbox.root}`);
  say(`$ tollgate init --session-soft ${limits.soft} --session-hard ${limits.hard} --yes`);
  const init = await sandbox.run(
    process.execPath,
    [cli, 'init', '--yes', '--session-soft', limits.soft, '--session-hard', limits.hard],
    { env: client ? { TOLLGATE_CLAUDE: client } : {} },
  );
  say(indent(init.stdout));
  const played = client ? await driveClient(sandbox, client) : await replay(sandbox);
  say(`${played.how}\n`);
  printTable(played, sandbox);
} finally {
  await sandbox.cleanup();
}

/** `TOLLGATE_CLAUDE`, else `claude` on PATH; `null` where there is none. */
function findClient(): string | null {
  const named = process.env.TOLLGATE_CLAUDE;
  if (named) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'claude')).find((path) => existsSync(path)) ?? null;
}

async function driveClient({ home, repo, tollgateHome }: Sandbox, path: string): Promise<Played> {
  process.env.TOLLGATE_CLAUDE = path;
  const turns = 25;
  const usageAt = (step: number) => ({
    ...ordinaryUsage,
    output_tokens: 300 + 40 * step,
    cache_read_input_tokens: 20_000 + 1_200 * step,
  });
  const stub = await startMessagesApiStub(toolLoop({ turns, usage: usageAt }));
  try {
    const run = await runClaude({
      home,
      cwd: repo,
      stub,
      prompt: 'Fix the build. Do not stop until it is green.',
      model: 'claude-opus-4-7',
      extraEnv: { TOLLGATE_HOME: tollgateHome },
    });
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
    return {
      how: `Claude Code ${version} against a loopback stub that always asks for one more tool (${turns} turns):`,
      sessionId: run.result?.session_id ?? '',
      unguardedNanoUsd: Array.from({ length: turns + 1 }, (_, step) =>
        costOf(usageAt(step)),
      ).reduce((a, b) => a + b, 0),
      ending: `the client ended with "${run.result?.terminal_reason}" after ${stub.served.length} requests`,
    };
  } finally {
    await stub.close();
  }
}

/** Opus 4.7: $5, $25, read $0.50, 5-minute write $6.25 per million tokens; nano-dollars. */
function costOf(usage: typeof ordinaryUsage): number {
  return (
    (usage.input_tokens ?? 0) * 5_000 +
    (usage.output_tokens ?? 0) * 25_000 +
    (usage.cache_read_input_tokens ?? 0) * 500 +
    (usage.cache_creation_input_tokens ?? 0) * 6_250
  );
}

interface Line {
  readonly type: string;
  readonly sessionId?: string;
  readonly message?: {
    readonly id?: string;
    readonly content?: readonly { type: string; id?: string; name?: string; input?: unknown }[];
    readonly usage?: typeof ordinaryUsage;
  };
}

async function replay(here: Sandbox): Promise<Played> {
  const recorded = readFileSync(join(root, 'test/fixtures/demo/recorded-loop.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const lines = recorded.map((text) => ({ text, line: JSON.parse(text) as Line }));
  const sessionId = lines.find(({ line }) => line.sessionId)?.line.sessionId ?? '';
  const folder = join(here.home, '.claude', 'projects', 'replayed');
  mkdirSync(folder, { recursive: true });
  const transcript = join(folder, `${sessionId}.jsonl`);
  const event = (name: string, more: object) =>
    fire(here, name, {
      session_id: sessionId,
      transcript_path: transcript,
      cwd: here.repo,
      ...more,
    });

  const seen = new Map<string, number>();
  let ending = 'the loop was never halted';
  await event('SessionStart', { source: 'startup' });
  for (const { text, line } of lines) {
    if (line.type === 'cost-state') continue;
    // Told as of now: a context that was cached hours ago would have to be written, and paid for, anew.
    const told = text.replace(/"timestamp":"[^"]+"/, `"timestamp":"${new Date().toISOString()}"`);
    appendFileSync(transcript, `${told}\n`);
    if (line.type !== 'assistant' || !line.message?.id) continue;
    seen.set(line.message.id, costOf(line.message.usage ?? ordinaryUsage));
    const tool = line.message.content?.find(({ type }) => type === 'tool_use');
    if (!tool) continue;
    const asked = await event('PreToolUse', {
      tool_name: tool.name,
      tool_input: tool.input,
      tool_use_id: tool.id,
    });
    const after =
      asked ||
      (await event('PostToolBatch', {
        tool_calls: [{ tool_name: tool.name, tool_use_id: tool.id, tool_response: 'ok' }],
      }));
    if (after) {
      ending = `the hook halted it after ${seen.size} requests`;
      break;
    }
  }
  await event('SessionEnd', { reason: 'other' });
  const all = new Map(
    lines.flatMap(({ line }) =>
      line.type === 'assistant' && line.message?.id
        ? [[line.message.id, costOf(line.message.usage ?? ordinaryUsage)] as const]
        : [],
    ),
  );
  return {
    how: 'No Claude Code client was found (TOLLGATE_CLAUDE, claude on PATH), so a recorded session is replayed:',
    sessionId,
    unguardedNanoUsd: [...all.values()].reduce((a, b) => a + b, 0),
    ending,
  };
}

/** Runs a hook executable; true when it halts. */
async function fire(here: Sandbox, name: string, event: object): Promise<boolean> {
  const file = name.replace(
    /[A-Z]/g,
    (letter, at: number) => `${at ? '-' : ''}${letter.toLowerCase()}`,
  );
  const run = await here.run(process.execPath, [join(root, 'dist', 'hooks', `${file}.cjs`)], {
    stdin: JSON.stringify({ hook_event_name: name, ...event }),
  });
  return run.exitCode === 2;
}

function printTable({ sessionId, unguardedNanoUsd, ending }: Played, here: Sandbox): void {
  const ledger = join(here.tollgateHome, 'ledger.db');
  const entries = entriesOf(ledger, sessionId);
  const decisions = decisionsOf(ledger, sessionId);
  const ceiling =
    decisions.map(({ ceilingNanoUsd }) => ceilingNanoUsd).find((each) => each !== null) ?? 0;
  say(row(['request', 'cost', 'spent', 'ceiling', 'verdict']));
  let spent = 0;
  for (const [index, entry] of entries.entries()) {
    spent += entry.costNanoUsd;
    const until = entries[index + 1]?.recordedAt ?? Number.POSITIVE_INFINITY;
    const said = decisions.filter(({ at }) => at >= entry.recordedAt && at < until);
    say(
      row([
        String(index + 1),
        formatUsd(entry.costNanoUsd),
        formatUsd(spent),
        formatUsd(ceiling),
        said.map(({ kind, codes }) => `${kind} ${codes.join(' ')}`).join(', ') || 'allow',
      ]),
    );
  }
  say(`\n${ending}.`);
  say(
    `Spent ${formatUsd(spent)} of ${formatUsd(ceiling)}; unguarded the loop costs ${formatUsd(unguardedNanoUsd)}: ${formatUsd(unguardedNanoUsd - spent)} saved.`,
  );
}

function row(cells: readonly string[]): string {
  const widths = [7, 9, 9, 9, 0];
  return cells
    .map((cell, at) => (at === 4 ? `  ${cell}` : cell.padStart(widths[at] ?? 0)))
    .join(' ');
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '  ');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
