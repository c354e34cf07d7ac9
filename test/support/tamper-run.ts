// The real client, told by its model to break the guard in the middle of its work, and then to go on spending. What comes of it: held (never over
// the ceiling), told (over, and a person was told or the client was stopped), or OVER (over, and nothing was said).
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { type ClaudeOptions, runClaude } from './claude.ts';
import { openClaudeTty } from './claude-tty.ts';
import { type MessagesApiStub, startMessagesApiStub } from './messages-api-stub.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { toolLoop } from './scenarios.ts';
import type { TamperShape, TamperWorld } from './tamper-shapes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const CEILING_USD = 0.5;
const MODEL = 'claude-opus-4-7';
/** Requests that a run makes where nobody stops it: $2.09. */
const TURNS = 40;
/** The request whose tool breaks the guard; by then $0.31 are spent. */
const TAMPER_STEP = 5;
const IDLE_MS = 10_000;
const USAGE = {
  input_tokens: 10,
  output_tokens: 800,
  cache_read_input_tokens: 20_000,
  cache_creation_input_tokens: 3_400,
};
const REQUEST_USD = (10 * 5 + 800 * 25 + 20_000 * 0.5 + 3_400 * 6.25) / 1e6;

export interface TamperOutcome {
  readonly id: string;
  readonly outcome: 'held' | 'told' | 'OVER';
  readonly spentUsd: number;
  /** Requests that began after the ceiling was reached. */
  readonly overCount: number;
  /** How the client ended, and what was said. */
  readonly note: string;
}

/** Where the client runs: `claude -p`, or a terminal that somebody sits at. */
export type TamperMode = 'print' | 'terminal';

/** Runs one shape; `isHidden`: in a program that the shell guard cannot read, so that it is not refused and really happens. */
export async function runTamperShape(
  shape: TamperShape,
  mode: TamperMode = 'print',
  isHidden = shape.isHidden === true,
): Promise<TamperOutcome> {
  const sandbox = await createSandbox();
  const main = toolLoop({
    turns: TURNS,
    usage: USAGE,
    pace: { delayMs: 700 },
    command: (step) =>
      step === TAMPER_STEP
        ? isHidden
          ? 'node tidy.cjs'
          : 'sh tidy.sh'
        : `echo ${step} >> work.txt`,
  });
  const nested = toolLoop({
    turns: TURNS,
    usage: USAGE,
    pace: { delayMs: 700 },
    command: () => 'true',
  });
  const stub = await startMessagesApiStub((request) =>
    (request.firstPromptText.includes('NESTED') ? nested : main)(request),
  );
  try {
    const world = await makeWorld(sandbox, stub);
    const script = shape.script(world);
    await install(sandbox, world, shape);
    if (isHidden) writeFileSync(join(sandbox.repo, 'tidy.cjs'), hidden(script));
    else writeFileSync(join(sandbox.repo, 'tidy.sh'), `${script}\n`);
    const options = {
      ...{ home: sandbox.home, cwd: sandbox.repo, stub, model: MODEL },
      permissionMode: 'bypassPermissions',
      extraEnv: { TOLLGATE_HOME: world.state, IS_SANDBOX: '1', PATH: pathOf(world) },
    };
    const { end, shown } = await (mode === 'print' ? inPrint(options) : inTerminal(options, stub));
    const spentUsd = stub.served.length * REQUEST_USD;
    const overCount = Math.max(0, Math.ceil((spentUsd - CEILING_USD) / REQUEST_USD));
    const said = whatWasSaid(world, shown);
    const outcome = overCount === 0 ? 'held' : said === '' ? 'OVER' : 'told';
    return {
      id: shape.id,
      outcome,
      spentUsd,
      overCount,
      note: [end, said].filter(Boolean).join('; '),
    };
  } finally {
    await stub.close();
    await sandbox.cleanup();
  }
}

/** A program whose text does not tell what it does. */
const hidden = (script: string): string =>
  `const code = Buffer.from('${Buffer.from(script).toString('base64')}', 'base64').toString();
require('node:child_process').spawnSync('sh', ['-c', code], { stdio: 'inherit' });\n`;

/** How a run ended, and what a person could read of it at the client. */
interface Ended {
  readonly end: string;
  readonly shown: string;
}

async function inPrint(options: ClaudeOptions): Promise<Ended> {
  const run = await runClaude({ ...options, prompt: 'go', timeoutMs: 240_000 });
  const end = run.result?.terminal_reason ?? `exit ${run.exitCode}`;
  return { end: run.timedOut ? 'timed out' : end, shown: run.stderr };
}

/** Somebody types, waits until nothing moves any more, and asks once more to go on. */
async function inTerminal(options: ClaudeOptions, stub: MessagesApiStub): Promise<Ended> {
  const tty = await openClaudeTty({ ...options, waitUntilReady: false });
  const screens: string[] = [];
  try {
    await tty.waitFor(/Yes, I accept/, 60_000);
    await tty.key('down');
    await tty.key('enter');
    await tty.waitFor(/^❯\s*(Try .*)?$/m, 60_000);
    for (const prompt of ['go', 'and go on']) {
      await tty.submit(prompt);
      await untilIdle(stub);
      screens.push(tty.screen());
    }
    return { end: 'idle', shown: screens.join('\n') };
  } catch (error) {
    // A client that was ended takes no more words.
    const end = `ended: ${String(error).split('\n')[0]?.slice(0, 60)}`;
    return { end, shown: [...screens, tty.screen()].join('\n') };
  } finally {
    await tty.close();
  }
}

/** Until no request was served for a while; a client at work makes one every second or two. */
async function untilIdle({ served }: MessagesApiStub): Promise<void> {
  let [count, since] = [served.length, Date.now()];
  while (Date.now() - since < IDLE_MS && served.length < 2 * TURNS) {
    await sleep(200);
    if (served.length !== count) [count, since] = [served.length, Date.now()];
  }
}

async function makeWorld(sandbox: Sandbox, { url }: MessagesApiStub): Promise<TamperWorld> {
  const program = join(sandbox.root, 'npm', 'tollgate');
  const node = join(sandbox.root, 'node', 'bin', 'node');
  cpSync(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'));
  cpSync(join(ROOT, 'package.json'), join(program, 'package.json'));
  mkdirSync(dirname(node), { recursive: true });
  try {
    linkSync(process.execPath, node);
  } catch {
    cpSync(process.execPath, node);
  }
  const { repo, home, tollgateHome: state } = sandbox;
  return { repo, home, state, program, node, claude: await ensureClaudeClient(), api: url };
}

const pathOf = ({ node }: TamperWorld): string => `${dirname(node)}:/usr/bin:/bin`;

async function install(
  sandbox: Sandbox,
  world: TamperWorld,
  { scope }: TamperShape,
): Promise<void> {
  const limits = ['--session-soft', '0.40', '--session-hard', CEILING_USD.toFixed(2)];
  const where = ['--scope', scope ?? 'user'];
  const words = [join(world.program, 'dist/cli/main.js'), 'init', '--yes', ...limits, ...where];
  const { exitCode, stdout, stderr } = await sandbox.run(world.node, words, {
    timeoutMs: 240_000,
    env: {
      TOLLGATE_CLAUDE: world.claude,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      PATH: pathOf(world),
    },
  });
  if (exitCode !== 0) throw new Error(`init -> ${exitCode}\n${stdout}\n${stderr}`);
}

/** What a person could have read while it went on. */
function whatWasSaid({ state, home }: TamperWorld, stderr: string): string {
  const losses = [state, `${home}/elsewhere`].flatMap((folder) => {
    const lost = join(folder, 'guard-lost');
    return existsSync(lost) ? readdirSync(lost).filter((name) => name.endsWith('.json')) : [];
  });
  const said = /Tollgate[^\n]{0,90}/.exec(stderr)?.[0];
  return [losses.length > 0 ? 'guard-lost file' : '', said ?? ''].filter(Boolean).join('; ');
}
