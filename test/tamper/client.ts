// The client of a tamper world: does as Claude Code does, as far as tampering could tell. It asks the hooks that the settings name, runs the
// tools, spends, and takes settings that change. Bundled, and run as a process of its own inside the world.
// Source of how it behaves: client 2.1.330, measured 2026-11-21 and 2026-11-28.
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Outcome, TamperCase } from './case.ts';

/** What the runner hands over. */
export interface ClientOrder {
  readonly world: string;
  readonly case: TamperCase;
  /** What hooks say where nothing is wrong, without digits: everything else is news. */
  readonly ordinary: readonly string[];
}

/** What the client reports. */
export interface ClientReport {
  readonly outcome: Outcome;
  readonly spentUsd: number;
  /** What was said to the person, without digits. */
  readonly said: readonly string[];
  readonly log: readonly string[];
}

const SESSION = '7f3c0000-0000-4000-8000-00000000abcd';
const EARLIER = '6e2b0000-0000-4000-8000-00000000dcba';
const CEILING_CENTS = 50;
/** 2,000 tokens of output of Opus 4.7. */
const REQUEST_CENTS = 5;

interface Hook {
  readonly command: string;
  readonly args?: readonly string[];
  readonly onFailure?: string;
}
type HookGroups = Readonly<Record<string, readonly { matcher?: string; hooks: readonly Hook[] }[]>>;
interface Settings {
  readonly hooks: readonly HookGroups[];
  readonly env: Readonly<Record<string, string>>;
}

interface HookResult {
  readonly isBlocked: boolean;
  readonly isHalt: boolean;
  readonly ran: number;
}

const words = (text: string) => text.replace(/[\d.,$]+/g, '#').trim();

/** One session. `isNested`: started by a tool of another one. */
class Client {
  readonly said: string[] = [];
  readonly log: string[] = [];
  spentCents = 0;
  isStopped = false;
  private serial = 0;
  private ranCount = 0;
  private turn = 1;
  private settings: Settings;
  private texts: Readonly<Record<string, string | null>>;
  private readonly world: string;
  private readonly cwd: string;
  readonly home: string;
  private readonly session: string;
  private readonly options: readonly string[];

  constructor(world: string, cwd: string, session: string, options: readonly string[] = []) {
    this.world = world;
    this.cwd = cwd;
    this.session = session;
    this.options = options;
    this.home = process.env.HOME ?? join(world, 'home');
    this.texts = this.readTexts();
    this.settings = this.readSettings();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.isStopped = true;
        this.log.push(`stopped by ${signal}`);
      });
    }
  }

  get transcript(): string {
    const folder = process.env.CLAUDE_CONFIG_DIR ?? join(this.home, '.claude');
    const slug = this.cwd.replace(/[^A-Za-z0-9]/g, '-');
    return join(folder, 'projects', slug, `${this.session}.jsonl`);
  }

  private settingsFiles(): readonly { source: string; file: string }[] {
    const folder = process.env.CLAUDE_CONFIG_DIR ?? join(this.home, '.claude');
    return [
      { source: 'user_settings', file: join(folder, 'settings.json') },
      { source: 'project_settings', file: join(this.cwd, '.claude', 'settings.json') },
      { source: 'local_settings', file: join(this.cwd, '.claude', 'settings.local.json') },
    ];
  }

  private readTexts(): Record<string, string | null> {
    return Object.fromEntries(
      this.settingsFiles().map(({ file }) => {
        try {
          return [file, readFileSync(file, 'utf8')];
        } catch {
          return [file, null];
        }
      }),
    );
  }

  private readSettings(): Settings {
    const given = this.options.flatMap((word, at) =>
      word.startsWith('--settings') ? [word.split('=')[1] ?? this.options[at + 1] ?? ''] : [],
    );
    const isBare =
      this.options.some((word) => /^--(bare|safe-mode)$/.test(word)) ||
      process.env.CLAUDE_CODE_SIMPLE === '1';
    const sources = this.options.find((word) => word.startsWith('--setting-sources'));
    const texts = [
      ...(sources === undefined ? Object.values(this.texts) : []),
      ...given.map((text) => (text.startsWith('{') ? text : readOr(text, '{}'))),
    ];
    const parsed = texts.flatMap((text) => (text === null ? [] : [parseSettings(text)]));
    const isOff = isBare || parsed.some((each) => each?.disableAllHooks === true);
    return {
      hooks: isOff ? [] : parsed.flatMap((each) => (each?.hooks ? [each.hooks] : [])),
      env: Object.assign({}, ...parsed.map((each) => each?.env ?? {})) as Record<string, string>,
    };
  }

  private env(): Record<string, string> {
    return {
      ...(process.env as Record<string, string>),
      ...this.settings.env,
      CLAUDECODE: '1',
      CLAUDE_PID: String(process.pid),
      CLAUDE_CODE_ENTRYPOINT: 'sdk-cli',
      CLAUDE_CODE_SESSION_ID: this.session,
      CLAUDE_CODE_CHILD_SESSION: '1',
      CLAUDE_PROJECT_DIR: this.cwd,
    };
  }

  /** Asks every hook of an event, as the settings in force name them. */
  async hook(event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<HookResult> {
    const text = JSON.stringify({
      ...{ session_id: this.session, transcript_path: this.transcript, cwd: this.cwd },
      ...{ prompt_id: `turn-${this.turn}`, permission_mode: 'bypassPermissions' },
      ...{ hook_event_name: event, ...fields },
    });
    const name = String(fields.tool_name ?? fields.source ?? '');
    const hooks = this.settings.hooks
      .flatMap((groups) => groups[event] ?? [])
      .filter(
        ({ matcher }) => !matcher || matcher === '*' || new RegExp(`^(${matcher})$`).test(name),
      )
      .flatMap((group) => group.hooks);
    this.ranCount += hooks.length;
    const results = await Promise.all(hooks.map((hook) => this.runHook(event, hook, text)));
    return {
      isBlocked: results.some((each) => each.isBlocked),
      isHalt: results.some((each) => each.isHalt),
      ran: results.length,
    };
  }

  private async runHook(event: string, hook: Hook, text: string): Promise<HookResult> {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the client's own placeholder.
    const fill = (word: string) => word.replaceAll('${CLAUDE_PROJECT_DIR}', this.cwd);
    const { code, stdout, stderr } = await run(
      hook.args ? fill(hook.command) : 'sh',
      hook.args ? hook.args.map(fill) : ['-c', hook.command],
      {
        cwd: existsSync(this.cwd) ? this.cwd : this.world,
        env: this.env(),
        stdin: text,
        timeoutMs: 10_000,
      },
    );
    let answer: Record<string, unknown> | null = null;
    try {
      answer = JSON.parse(stdout) as Record<string, unknown>;
    } catch {
      // nothing was said
    }
    const isFailure = code !== 0 && code !== 2;
    if (isFailure) this.log.push(`${event} hook failed (${code}) ${stderr.slice(0, 200)}`);
    const specific = answer?.hookSpecificOutput as Record<string, unknown> | undefined;
    const isHalt =
      answer?.continue === false ||
      (isFailure && hook.onFailure === 'block' && event === 'PostToolBatch');
    const isBlocked =
      isHalt ||
      code === 2 ||
      answer?.decision === 'block' ||
      specific?.permissionDecision === 'deny' ||
      (isFailure && hook.onFailure === 'block');
    for (const each of [answer?.systemMessage, answer?.stopReason, answer?.reason]) {
      if (typeof each === 'string') this.say(each);
    }
    if (isFailure && hook.onFailure === 'block') this.say('hook failed; blocking');
    if (typeof specific?.permissionDecisionReason === 'string')
      this.log.push(specific.permissionDecisionReason);
    return { isBlocked, isHalt, ran: 1 };
  }

  private say(text: string): void {
    this.said.push(words(text));
    this.log.push(`said: ${text}`);
  }

  /** Settings files that have changed: asked about one by one, and taken when nobody blocks. */
  async takeChanges(): Promise<void> {
    const texts = this.readTexts();
    const changed = this.settingsFiles().filter(({ file }) => texts[file] !== this.texts[file]);
    this.texts = texts;
    for (const { source, file } of changed) {
      const { isBlocked } = await this.hook('ConfigChange', { source, file_path: file });
      this.log.push(`${source} changed, ${isBlocked ? 'blocked' : 'taken'}`);
      if (!isBlocked) this.settings = this.readSettings();
    }
  }

  /** One response of the model that asks for a tool. */
  request(tool: string, input: unknown): string {
    this.serial += 1;
    const id = `toolu_${this.session.slice(0, 4)}${this.serial}`;
    this.spentCents += REQUEST_CENTS;
    this.append({
      type: 'assistant',
      timestamp: new Date().toISOString(),
      requestedModel: 'claude-opus-4-7',
      message: {
        ...{
          id: `msg_${this.session}_${this.serial}`,
          model: 'claude-opus-4-7',
          role: 'assistant',
        },
        ...{ stop_reason: 'tool_use', usage: { input_tokens: 0, output_tokens: 2_000 } },
        content: [{ type: 'tool_use', id, name: tool, input }],
      },
    });
    return id;
  }

  private append(line: object): void {
    const text = `${JSON.stringify({ ...line, sessionId: this.session, cwd: this.cwd, gitBranch: 'main', version: '2.1.330' })}\n`;
    try {
      mkdirSync(dirname(this.transcript), { recursive: true });
      const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
      const file = openSync(this.transcript, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
      writeSync(file, text);
      closeSync(file);
    } catch (error) {
      this.log.push(`transcript not written: ${(error as Error).message}`);
    }
  }

  /** Begins a turn; false when a hook keeps the prompt from the model. */
  async prompt(): Promise<boolean> {
    this.append({
      ...{ type: 'user', promptId: `turn-${this.turn}`, timestamp: new Date().toISOString() },
      message: { role: 'user', content: 'go' },
    });
    const { isBlocked } = await this.hook('UserPromptSubmit', { prompt: 'go' });
    return !isBlocked;
  }

  nextTurn(): void {
    this.turn += 1;
  }

  /** A request, its tool call, and what comes after; `work` does what the tool does. */
  async step(
    tool: string,
    input: unknown,
    work: () => Promise<string>,
  ): Promise<'ok' | 'denied' | 'halted'> {
    const id = this.request(tool, input);
    const call = { tool_name: tool, tool_input: input, tool_use_id: id };
    const before = await this.hook('PreToolUse', call);
    if (before.isHalt) return 'halted';
    const output = before.isBlocked ? 'refused' : await work();
    if (!before.isBlocked) {
      this.append({
        ...{ type: 'user', promptId: `turn-${this.turn}`, timestamp: new Date().toISOString() },
        message: {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: id, content: output.slice(0, 500) }],
        },
      });
    }
    await this.takeChanges();
    const after = await this.hook('PostToolBatch', {
      tool_calls: [{ ...call, tool_response: output.slice(0, 500) }],
    });
    if (after.isHalt || this.isStopped) return 'halted';
    return before.isBlocked ? 'denied' : 'ok';
  }

  /** A harmless step. Where no hook takes its time, the request takes it. */
  async echo(): Promise<'ok' | 'denied' | 'halted'> {
    const hookCount = this.ranCount;
    const result = await this.step('Bash', { command: 'echo working' }, async () => 'working');
    if (this.ranCount === hookCount) await sleep(1_000);
    return this.isStopped ? 'halted' : result;
  }

  /** What a tool does, for real. */
  async work(given: TamperCase): Promise<string> {
    const { tool, input } = given;
    const command = given.as ?? input.command ?? input.cmd ?? input.script;
    if (typeof command === 'string') {
      const shell = tool === 'PowerShell' && given.as === undefined ? null : command;
      if (shell === null) return 'no PowerShell here';
      const { code, stdout, stderr } = await run('bash', ['-c', shell], {
        ...{
          cwd: existsSync(this.cwd) ? this.cwd : this.world,
          env: this.env(),
          stdin: '',
          timeoutMs: 20_000,
        },
      });
      this.log.push(`${code} ${stdout.slice(-200)} ${stderr.slice(-200)}`);
      return stdout + stderr;
    }
    return this.writeFile(tool, input);
  }

  private writeFile(tool: string, input: Readonly<Record<string, unknown>>): string {
    const inner = (input.file as { path?: unknown } | undefined)?.path;
    const named = [
      input.file_path,
      input.notebook_path,
      input.path,
      input.uri,
      input.destination,
      inner,
    ];
    const path = named.find((each): each is string => typeof each === 'string');
    if (path === undefined) return 'nothing to do';
    const file = resolve(this.cwd, path.replace(/^file:\/\//, ''));
    const text = [input.content, input.text, input.new_source, input.contents, input.data].find(
      (each): each is string => typeof each === 'string',
    );
    try {
      if (typeof input.source === 'string') renameSync(resolve(this.cwd, input.source), file);
      else if (/delete|remove/i.test(tool)) rmSync(file, { recursive: true });
      else if (typeof input.old_string === 'string') {
        writeFileSync(
          file,
          readFileSync(file, 'utf8').replace(input.old_string, String(input.new_string)),
        );
      } else if (text !== undefined) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      return 'done';
    } catch (error) {
      this.log.push((error as Error).message);
      return (error as Error).message;
    }
  }
}

const readOr = (file: string, other: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return other;
  }
};

function parseSettings(
  text: string,
): { disableAllHooks?: boolean; hooks?: HookGroups; env?: Record<string, string> } | null {
  try {
    const parsed = JSON.parse(text) as { hooks?: HookGroups };
    const hooks = Object.values(parsed.hooks ?? {}).flatMap((groups) =>
      groups.flatMap((group) => group.hooks),
    );
    // One invalid value voids the whole file.
    const isValid = hooks.every(
      (hook) =>
        (hook.onFailure === undefined ||
          hook.onFailure === 'block' ||
          hook.onFailure === 'allow') &&
        typeof hook.command === 'string',
    );
    return isValid ? parsed : null;
  } catch {
    return null;
  }
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

function run(
  file: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string>; stdin: string; timeoutMs: number },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env, detached: true });
    let [stdout, stderr] = ['', ''];
    const end = (code: number | null) => {
      clearTimeout(timer);
      done({ code, stdout, stderr });
    };
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
      end(null);
    }, options.timeoutMs);
    child.on('error', () => end(127));
    // The system may refuse to start anything.
    if (child.pid === undefined) return;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // Something in the background may keep the pipes open.
    child.on('exit', (code) => setTimeout(() => end(code), 20));
    child.on('close', end);
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin);
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ended
  }
}

const NESTED_SPEND = 'nested-cents';

/** A client that a tool of another one starts: it makes requests until somebody stops it. */
async function nested(world: string, options: readonly string[]): Promise<void> {
  if (options.includes('--version')) {
    process.stdout.write('2.1.330 (Claude Code)\n');
    return;
  }
  if (/^(doctor|mcp|plugin|config)$/.test(options[0] ?? '')) return;
  const session = `8e${process.pid.toString().padStart(6, '0')}-0000-4000-8000-0000000000ff`;
  const client = new Client(world, process.cwd(), session, options);
  await client.hook('SessionStart', { source: 'startup' });
  const count = () => {
    try {
      appendFileSync(join(world, NESTED_SPEND), `${REQUEST_CENTS}\n`);
    } catch {
      // the world is gone
    }
  };
  if (!(await client.prompt())) return;
  for (let index = 0; index < 16 && !client.isStopped; index += 1) {
    count();
    if ((await client.echo()) === 'halted') break;
  }
  await client.hook('Stop');
}

function nestedCents(world: string): number {
  return readOr(join(world, NESTED_SPEND), '')
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0);
}

/** Another session, which has spent 20 cents when it ends. */
async function playEarlier(client: Client): Promise<number> {
  await client.hook('SessionStart', { source: 'startup' });
  await client.prompt();
  while (client.spentCents < 20) await client.echo();
  await client.hook('Stop');
  await client.hook('SessionEnd', { reason: 'other' });
  return client.spentCents;
}

/** Plays one case from the session's start to its end. */
async function play({ world, case: given, ordinary }: ClientOrder): Promise<ClientReport> {
  const repo = join(world, 'repo');
  const before = given.isSecond ? await playEarlier(new Client(world, repo, EARLIER)) : 0;
  const client = new Client(world, repo, SESSION);
  const spent = () => before + client.spentCents + nestedCents(world);
  const news = () => client.said.filter((each) => !ordinary.includes(each));
  const report = (outcome: Outcome): ClientReport => ({
    outcome,
    spentUsd: spent() / 100,
    said: [...new Set(client.said)],
    log: client.log,
  });
  await client.hook('SessionStart', { source: 'startup' });
  if (!(await client.prompt())) return report('broken');
  for (let index = 0; index < 2; index += 1) {
    if ((await client.echo()) !== 'ok') return report('broken');
    if (before > 0) break;
  }
  if (client.said.some((each) => !ordinary.includes(each)) && ordinary.length > 0) {
    client.log.push(`said before anything was done: ${news().join(' | ')}`);
    client.said.length = 0;
  }
  // What goes on in the background shows a little later.
  const isInBackground = /& |&\s*\)|setsid|nohup|\bat now/.test(JSON.stringify(given));
  if (given.meanwhile !== undefined) byPerson(world, given.meanwhile);
  const calls = [
    given,
    ...(given.next === undefined
      ? []
      : [{ ...given, tool: 'Bash', input: { command: given.next } }]),
  ];
  let last: 'ok' | 'denied' | 'halted' = 'ok';
  for (const call of calls) {
    last = await client.step(call.tool, call.input, () => client.work(call));
    if (last === 'denied') return report('denied');
    if (last === 'halted') break;
  }
  if (isInBackground) await sleep(2_500);
  const isOver = () => spent() > CEILING_CENTS + REQUEST_CENTS;
  // A halted session is given another prompt, as a program in charge of it would.
  for (let turn = 0; turn < 2; turn += 1) {
    if (last === 'halted') {
      client.nextTurn();
      if (client.isStopped || !(await client.prompt())) break;
    }
    last = 'ok';
    while (last !== 'halted' && !isOver()) last = await client.echo();
    // Requests take seconds in reality: whoever watches has that long.
    for (
      let tries = 0;
      isOver() && tries < 2 && !client.isStopped && news().length === 0;
      tries += 1
    ) {
      await sleep(1_000);
    }
    if (isOver()) break;
  }
  await client.hook('Stop');
  await client.hook('SessionEnd', { reason: 'other' });
  if (news().length > 0 || hasLoss(client.home)) return report(isOver() ? 'told' : 'held');
  return report(isOver() && !client.isStopped ? 'OPEN' : 'held');
}

/** Whether the watchdog has written down that the guard was lost: `status`, `doctor` and the next prompt tell of it. */
function hasLoss(home: string): boolean {
  try {
    return readdirSync(join(home, '.local/state/tollgate/guard-lost')).some((name) =>
      name.endsWith('.json'),
    );
  } catch {
    return false;
  }
}

function byPerson(world: string, command: string): void {
  spawnSync('bash', ['-c', command], { cwd: join(world, 'repo'), env: process.env });
}

const [mode = '', ...rest] = process.argv.slice(2);
if (mode === 'nested') {
  await nested(dirname(dirname(rest[0] ?? '')), rest.slice(1));
} else {
  const order = JSON.parse(readFileSync(mode, 'utf8')) as ClientOrder;
  const report = await play(order);
  process.stdout.write(`\n@@${JSON.stringify(report)}\n`, () => process.exit(0));
}
