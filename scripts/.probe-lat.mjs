// test/support/world.ts
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

async function createWorld() {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'tollgate-world-')));
  const home = join(root, 'home');
  const repo = join(root, 'repo');
  const tollgateHome = join(root, 'tollgate');
  await mkdir(home);
  await mkdir(repo);
  const env = (extra = {}) => ({
    HOME: home,
    PATH: basicPath,
    LANG: 'C.UTF-8',
    TOLLGATE_HOME: tollgateHome,
    ...extra,
  });
  const run2 = (file, args, options = {}) =>
    runProcess(file, args, { ...options, cwd: options.cwd ?? repo, env: env(options.env) });
  const git = async (...args) => {
    const result = await run2('git', args, { env: { GIT_CONFIG_NOSYSTEM: '1' } });
    if (result.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'Dana Dev');
  await git('config', 'user.email', 'dana@acme.example');
  await git('remote', 'add', 'origin', 'git@github.com:Acme/Shop.git');
  await writeFile(join(repo, 'README.md'), '# Shop\n');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'Open the shop');
  return {
    ...{ root, home, repo, tollgateHome, env, run: run2, git },
    async writeSettings(place, settings) {
      const folder = join(place === 'user' ? home : repo, '.claude');
      const file = join(folder, place === 'local' ? 'settings.local.json' : 'settings.json');
      await mkdir(folder, { recursive: true });
      await writeFile(
        file,
        `${JSON.stringify(settings, null, 2)}
`,
      );
      return file;
    },
    // A child that is just ending may still write: try again rather than leave the folder behind.
    cleanup: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
var basicPath = `${dirname(process.execPath)}:/usr/bin:/bin`;
async function runProcess(file, args, options) {
  const { cwd, env, stdin = '', timeoutMs = 3e4 } = options;
  const child = spawn(file, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL' });
  const ended = new Promise((resolve2, reject) => {
    child.once('error', reject);
    child.once('close', resolve2);
  });
  child.stdin.on('error', () => void 0);
  child.stdin.end(stdin);
  const [exitCode, stdout, stderr] = await Promise.all([
    ended,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode, stdout, stderr };
}

// test/support/messages-api-stub.ts
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { text as text2 } from 'node:stream/consumers';
// test/support/messages-api-reply.ts
import { setTimeout as sleep, setTimeout as sleep2 } from 'node:timers/promises';

function fullUsage(usage) {
  return {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    ...usage,
  };
}
function composeMessage(reply, id, askedModel) {
  const tools = reply.tools ?? [];
  const blocks = [];
  if (reply.text !== void 0) blocks.push({ type: 'text', text: reply.text });
  tools.forEach((tool, n) => {
    blocks.push({ type: 'tool_use', id: id.replace('msg_', `toolu_${n}`), ...tool });
  });
  return {
    id,
    model: reply.model ?? askedModel,
    usage: fullUsage(reply.usage),
    blocks,
    stopReason: reply.stopReason ?? (tools.length > 0 ? 'tool_use' : 'end_turn'),
  };
}
async function streamMessage(response, message, { blockGapMs = 0, tailMs = 0 }) {
  const send = (type, data) => {
    if (!response.destroyed)
      response.write(`event: ${type}
data: ${JSON.stringify({ type, ...data })}

`);
  };
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'request-id': requestId(message),
  });
  send('message_start', {
    message: envelope(message, { usage: { ...message.usage, output_tokens: 1 } }),
  });
  for (const [index, content] of message.blocks.entries()) {
    if (index > 0) await pause(blockGapMs, response);
    sendBlock(send, index, content);
  }
  await pause(tailMs, response);
  const delta = { stop_reason: message.stopReason, stop_sequence: null };
  send('message_delta', { delta, usage: message.usage });
  send('message_stop', {});
  return finish(response);
}
async function sendMessage(response, message, { blockGapMs = 0, tailMs = 0 }) {
  await pause(blockGapMs * Math.max(0, message.blocks.length - 1) + tailMs, response);
  response.writeHead(200, { 'content-type': 'application/json', 'request-id': requestId(message) });
  const whole = { content: message.blocks, stop_reason: message.stopReason };
  response.write(JSON.stringify(envelope(message, { ...whole, usage: message.usage })));
  return finish(response);
}
function sendError(response, error) {
  const retry = error.retryAfterSeconds;
  response.writeHead(error.status, {
    'content-type': 'application/json',
    ...(retry === void 0 ? {} : { 'retry-after': String(retry) }),
  });
  const type = errorTypes[error.status] ?? 'api_error';
  response.end(JSON.stringify({ type: 'error', error: { type, message: error.message ?? type } }));
}
async function pause(ms, response) {
  if (ms <= 0 || response.destroyed) return;
  const hungUp = new AbortController();
  const abort = () => hungUp.abort();
  response.once('close', abort);
  await sleep(ms, void 0, { signal: hungUp.signal }).catch(() => void 0);
  response.off('close', abort);
}
var errorTypes = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
var deltaLength = 4e3;
function sendBlock(send, index, content) {
  const empty = content.type === 'text' ? { ...content, text: '' } : { ...content, input: {} };
  send('content_block_start', { index, content_block: empty });
  const whole = content.type === 'text' ? content.text : JSON.stringify(content.input);
  for (let at = 0; at < whole.length; at += deltaLength) {
    const piece = whole.slice(at, at + deltaLength);
    const delta =
      content.type === 'text'
        ? { type: 'text_delta', text: piece }
        : { type: 'input_json_delta', partial_json: piece };
    send('content_block_delta', { index, delta });
  }
  send('content_block_stop', { index });
}
function envelope(message, rest) {
  const { id, model } = message;
  const shape = { type: 'message', role: 'assistant', content: [], stop_reason: null };
  return { id, model, ...shape, stop_sequence: null, ...rest };
}
function requestId(message) {
  return message.id.replace('msg_', 'req_');
}
function finish(response) {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve2) => {
    response.once('close', () => resolve2(response.writableFinished));
    response.end();
  });
}

// test/support/messages-api-request.ts
import { z } from 'zod';

var block = z.looseObject({ type: z.string() });
var body = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(
    z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) }),
  ),
  tools: z
    .array(z.looseObject({ name: z.string().optional(), type: z.string().optional() }))
    .optional(),
});
function parseRequest(index, headers, rawBody) {
  const parsed = body.parse(JSON.parse(rawBody));
  const agentId = header(headers, 'x-claude-code-agent-id');
  const turn = readTurn(parsed);
  return {
    index,
    model: parsed.model,
    kind: kindOf(parsed, agentId),
    agentId,
    parentAgentId: header(headers, 'x-claude-code-parent-agent-id'),
    sessionId: header(headers, 'x-claude-code-session-id'),
    ...turn,
    toolNames: (parsed.tools ?? []).flatMap((tool) => (tool.name ? [tool.name] : [])),
    body: parsed,
  };
}
function readTurn(parsed) {
  const prompts = [];
  let lastUserText = '';
  let stepIndex = 0;
  let toolResultCount = 0;
  for (const message of parsed.messages) {
    if (message.role === 'assistant') stepIndex += 1;
    if (message.role !== 'user') continue;
    lastUserText = textOf(message.content);
    toolResultCount += countOf(message.content, 'tool_result');
    const prompt = promptOf(message.content);
    if (prompt === '') continue;
    prompts.push(prompt);
    stepIndex = 0;
    toolResultCount = 0;
  }
  return {
    firstPromptText: prompts[0] ?? '',
    promptText: prompts.at(-1) ?? '',
    lastUserText,
    stepIndex,
    toolResultCount,
  };
}
function kindOf(parsed, agentId) {
  const own = (parsed.tools ?? []).filter((tool) => tool.type === void 0 || tool.type === 'custom');
  if (own.length === 0 || isCompaction(parsed)) return 'side';
  return agentId === null ? 'main' : 'subagent';
}
function isCompaction(parsed) {
  const last = parsed.messages.at(-1);
  if (last?.role !== 'user') return false;
  return /Your task is to create a detailed summary of/.test(textOf(last.content));
}
function textOf(content) {
  if (typeof content === 'string') return content;
  return content
    .map((part) => textOfPart(part))
    .filter((text4) => text4 !== '')
    .join('\n');
}
function textOfPart(part) {
  if (part.type === 'text' && typeof part.text === 'string') return part.text;
  if (part.type !== 'tool_result') return '';
  const inner = z.union([z.string(), z.array(block)]).safeParse(part.content);
  return inner.success ? textOf(inner.data) : '';
}
function promptOf(content) {
  const typed =
    typeof content === 'string' ? content : textOf(content.filter((part) => part.type === 'text'));
  return typed
    .replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    .replace(/\[Request interrupted by user[^\]]*\]/g, '')
    .trim();
}
function countOf(content, type) {
  return typeof content === 'string' ? 0 : content.filter((part) => part.type === type).length;
}
function header(headers, name) {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

// test/support/messages-api-stub.ts
async function startMessagesApiStub(script) {
  const served = [];
  const refused = [];
  const otherCalls = [];
  const failures = [];
  const series = randomBytes(6).toString('hex');
  let requestCount = 0;
  const onModelRequest = async (incoming, response) => {
    const index = requestCount++;
    const request = parseRequest(index, incoming.headers, await text2(incoming));
    const receivedAt = Date.now();
    const reply = await script(request);
    if (isError(reply)) {
      refused.push({ index, status: reply.status, receivedAt });
      sendError(response, reply);
      return;
    }
    await pause(reply.delayMs ?? 0, response);
    if (response.destroyed) return;
    const id = `msg_${series}${String(index).padStart(6, '0')}`;
    const message = composeMessage(reply, id, request.model);
    const { kind, agentId, sessionId, model } = request;
    const entry = {
      ...{ index, messageId: id, model, kind, agentId, sessionId, usage: message.usage },
      toolUseIds: message.blocks.flatMap((part) => (part.type === 'tool_use' ? [part.id] : [])),
      receivedAt,
      completedAt: null,
    };
    served.push(entry);
    const send = request.body.stream === true ? streamMessage : sendMessage;
    if (await send(response, message, reply)) entry.completedAt = Date.now();
  };
  const server = createServer((incoming, response) => {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/';
    if (incoming.method === 'POST' && path === '/v1/messages') {
      onModelRequest(incoming, response).catch((error) => {
        failures.push(error);
        const message = `stub: ${error instanceof Error ? error.message : String(error)}`;
        if (response.headersSent) response.destroy();
        else sendError(response, { status: 400, message });
      });
      return;
    }
    otherCalls.push(`${incoming.method} ${path}`);
    incoming.resume();
    answerOther(incoming.method ?? 'GET', path, response);
  });
  await new Promise((resolve2, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve2);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    served,
    refused,
    otherCalls,
    failures,
    async waitForServed(count, timeoutMs = 3e4) {
      const deadline = Date.now() + timeoutMs;
      const done = () => served.filter((entry) => entry.completedAt !== null).length;
      while (done() < count) {
        if (Date.now() > deadline) {
          throw new Error(`${done()} of ${count} messages were served within ${timeoutMs} ms`);
        }
        await sleep2(20);
      }
    },
    close: () =>
      new Promise((resolve2) => {
        server.close(() => resolve2());
        server.closeAllConnections();
      }),
  };
}
function isError(reply) {
  return 'status' in reply;
}
function answerOther(method, path, response) {
  const json = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(method === 'HEAD' ? void 0 : JSON.stringify(value));
  };
  if (path === '/') json(200, {});
  else if (path === '/v1/messages/count_tokens') json(200, { input_tokens: 1e3 });
  else json(404, { type: 'error', error: { type: 'not_found_error', message: path } });
}

// test/support/scenarios.ts
var ordinaryUsage = {
  input_tokens: 120,
  output_tokens: 350,
  cache_read_input_tokens: 2e4,
  cache_creation_input_tokens: 1e3,
  cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 600 },
};
var sideAnswer = () => ({
  text: '<analysis>Short.</analysis>\n<summary>All went well.</summary>',
  usage: ordinaryUsage,
});
function toolLoop(loop) {
  const { turns, usage = ordinaryUsage, parallel = 1, tool = 'Bash', pace = {} } = loop;
  const command = loop.command ?? ((step, call) => `echo step ${step} call ${call}`);
  const input =
    loop.input ?? ((step, call) => ({ command: command(step, call), description: 'a step' }));
  return (request) => {
    if (request.kind === 'side') return sideAnswer(request);
    const { stepIndex } = request;
    const message = { usage: usageAt(usage, stepIndex), ...pace };
    if (stepIndex >= turns) return { ...message, text: loop.finalText ?? 'done' };
    const calls = Array.from({ length: parallel }, (_, call) => ({
      name: tool,
      input: input(stepIndex, call),
    }));
    return { ...message, text: `step ${stepIndex}`, tools: calls };
  };
}
function usageAt(usage, step) {
  return typeof usage === 'function' ? usage(step) : usage;
}

// test/support/claude.ts
// scripts/claude-client.mjs
import { execFile, spawn as spawn2 } from 'node:child_process';
import {
  access,
  mkdir as mkdir2,
  mkdtemp as mkdtemp2,
  open,
  readdir,
  readdir as readdir2,
  readFile,
  rename,
  rm as rm2,
  stat,
} from 'node:fs/promises';
import { dirname as dirname2, join as join2, join as join3, resolve } from 'node:path';
import { text as text3 } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z as z2 } from 'zod';

var CLAUDE_CLIENT_VERSION = '2.1.330';
var run = promisify(execFile);
var cacheRoot = resolve(
  dirname2(fileURLToPath(import.meta.url)),
  '../node_modules/.cache/tollgate',
);
var installDir = join2(cacheRoot, `claude-code-${CLAUDE_CLIENT_VERSION}`);
var binaryName = process.platform === 'win32' ? 'claude.exe' : 'claude';
var lockPath = `${installDir}.lock`;
var fetchTimeoutMs = 10 * 6e4;
async function ensureClaudeClient() {
  const chosen = process.env.TOLLGATE_CLAUDE;
  if (chosen) return resolve(chosen);
  const binary = join2(installDir, binaryName);
  if (await exists(binary)) return binary;
  await mkdir2(cacheRoot, { recursive: true });
  const waitUntil = Date.now() + fetchTimeoutMs;
  while (!(await takeLock())) {
    if (await exists(binary)) return binary;
    if (Date.now() > waitUntil) {
      throw new Error(
        `Another process has held ${lockPath} for too long. Remove it and try again.`,
      );
    }
    await new Promise((wake) => setTimeout(wake, 250));
  }
  try {
    if (!(await exists(binary))) await fetchClient();
  } finally {
    await rm2(lockPath, { force: true });
  }
  return binary;
}
async function fetchClient() {
  await removeAbandoned();
  const incoming = await mkdtemp2(join2(cacheRoot, `incoming-${process.pid}-`));
  try {
    await run('npm', ['pack', packageSpec(), '--pack-destination', incoming, '--silent'], {
      cwd: incoming,
      timeout: fetchTimeoutMs,
    });
    const tarball = (await readdir(incoming)).find((name) => name.endsWith('.tgz'));
    if (!tarball) throw new Error(`npm pack ${packageSpec()} left no tarball`);
    await run('tar', ['-xzf', tarball], { cwd: incoming });
    const unpacked = join2(incoming, 'package');
    await checkVersion(join2(unpacked, binaryName), incoming);
    await rename(unpacked, installDir).catch(async (error) => {
      if (!(await exists(join2(installDir, binaryName)))) throw error;
    });
  } finally {
    await rm2(incoming, { recursive: true, force: true });
  }
}
async function checkVersion(binary, home) {
  const env = { HOME: home, PATH: '/usr/bin:/bin', DISABLE_AUTOUPDATER: '1' };
  const { stdout } = await run(binary, ['--version'], { env, timeout: 6e4 });
  if (stdout.trim().split(' ')[0] !== CLAUDE_CLIENT_VERSION) {
    throw new Error(
      `Expected client ${CLAUDE_CLIENT_VERSION}, the package holds: ${stdout.trim()}`,
    );
  }
}
function packageSpec() {
  const libc = process.platform === 'linux' && isMusl() ? '-musl' : '';
  const build = `${process.platform}-${process.arch}${libc}`;
  return `@anthropic-ai/claude-code-${build}@${CLAUDE_CLIENT_VERSION}`;
}
function isMusl() {
  return !process.report.getReport().header.glibcVersionRuntime;
}
async function takeLock() {
  try {
    const lock = await open(lockPath, 'wx');
    await lock.writeFile(String(process.pid));
    await lock.close();
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (await isAbandonedLock()) await rm2(lockPath, { force: true });
  return false;
}
async function isAbandonedLock() {
  try {
    const pid = Number(await readFile(lockPath, 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return Date.now() - (await stat(lockPath)).mtimeMs > 1e4;
  } catch {
    return false;
  }
}
async function removeAbandoned() {
  for (const name of await readdir(cacheRoot)) {
    const pid = /^incoming-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) {
      await rm2(join2(cacheRoot, name), { recursive: true, force: true });
    }
  }
}
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(await ensureClaudeClient());
}

// test/support/claude.ts
var fakeApiKey = 'sk-ant-test-not-a-key';
var claudeResult = z2.looseObject({
  session_id: z2.string(),
  total_cost_usd: z2.number(),
  num_turns: z2.number(),
  is_error: z2.boolean(),
  subtype: z2.string(),
  /** `completed`, `hook_stopped`, `budget_exhausted` … */
  terminal_reason: z2.string().optional(),
  result: z2.string().optional(),
  permission_denials: z2.array(z2.looseObject({ tool_name: z2.string() })).default([]),
  modelUsage: z2.record(z2.string(), z2.looseObject({ costUSD: z2.number() })).default({}),
});
async function runClaude(options) {
  const args = ['-p', options.prompt, '--output-format', 'json', ...claudeArgs(options)];
  const child = spawn2(await ensureClaudeClient(), args, {
    cwd: options.cwd,
    env: claudeEnv(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: a timeout ends the client and what it started, and nothing else.
    detached: true,
  });
  let timedOut = false;
  let killTimer;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), 3e3);
  }, options.timeoutMs ?? 6e4);
  const onExit = () => endGroup(child.pid, 'SIGTERM');
  process.once('exit', onExit);
  const ended = new Promise((resolve2, reject) => {
    child.once('error', reject);
    child.once('close', resolve2);
  });
  try {
    const [exitCode, stdout, stderr] = await Promise.all([
      ended,
      text3(child.stdout),
      text3(child.stderr),
    ]);
    const result = parseResult(stdout);
    const transcriptPath = result && (await findTranscript(options.home, result.session_id));
    return { exitCode, timedOut, result, stdout, stderr, transcriptPath };
  } finally {
    clearTimeout(timer);
    clearTimeout(killTimer);
    process.off('exit', onExit);
  }
}
function claudeArgs(options) {
  const args = ['--model', options.model ?? 'claude-opus-4-7'];
  const allowedTools = options.allowedTools ?? ['Bash'];
  if (allowedTools.length > 0) args.push('--allowedTools', allowedTools.join(','));
  if (options.permissionMode) args.push('--permission-mode', options.permissionMode);
  if (options.resume) args.push('--resume', options.resume);
  if (options.forkSession) args.push('--fork-session');
  if (options.settings) args.push('--settings', JSON.stringify(options.settings));
  return [...args, ...(options.extraArgs ?? [])];
}
function claudeEnv({ home, stub, extraEnv }) {
  return {
    HOME: home,
    PATH: basicPath,
    LANG: 'C.UTF-8',
    ANTHROPIC_API_KEY: fakeApiKey,
    ANTHROPIC_BASE_URL: stub.url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_BUG_COMMAND: '1',
    ...extraEnv,
  };
}
async function findTranscript(home, sessionId) {
  const projects = join3(home, '.claude', 'projects');
  const files = await readdir2(projects, { recursive: true }).catch(() => []);
  const file = files.find((name) => name.endsWith(`${sessionId}.jsonl`));
  return file === void 0 ? null : join3(projects, file);
}
function endGroup(leader, signal) {
  if (leader === void 0) return;
  try {
    process.kill(-leader, signal);
  } catch {}
}
function parseResult(stdout) {
  try {
    return claudeResult.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}

// ../../tmp/perf/probe/lat.ts
var ROUNDS = Number(process.argv[2] ?? 3);
var P = [
  'hook_event_name',
  'session_id',
  'transcript_path',
  'cwd',
  'prompt_id',
  'agent_id',
  'agent_type',
  'tool_name',
  'tool_input',
  'tool_use_id',
  'tool_calls',
];
var mcp = {
  type: 'mcp_tool',
  server: 'tollgate',
  tool: 'gate',
  input: Object.fromEntries(P.map((p) => [p, '${' + p + '}'])),
  timeout: 10,
  onFailure: 'block',
};
var sh = {
  type: 'command',
  command: '/bin/sh',
  args: ['-c', 'kill -0 "$1" 2>/dev/null || exit 1', 'x', String(process.pid)],
  timeout: 10,
};
var tru = { type: 'command', command: '/bin/true', args: [], timeout: 10 };
var nod = { type: 'command', command: process.execPath, args: ['-e', '0'], timeout: 10 };
var variants = { none: [], mcp: [mcp], 'mcp+sh': [mcp, sh], true: [tru], node: [nod] };
var gaps = {};
for (let r = 0; r < ROUNDS; r++)
  for (const [name, list] of Object.entries(variants)) {
    const world = await createWorld();
    const stub = await startMessagesApiStub(toolLoop({ turns: 20, command: (s) => `echo ${s}` }));
    const entry = { hooks: list };
    await world.writeSettings('project', {
      hooks: list.length
        ? { PreToolUse: [{ matcher: '*', ...entry }], PostToolBatch: [entry] }
        : {},
    });
    const mcpServers = {
      tollgate: {
        command: process.execPath,
        args: ['/tmp/perf/probe/server.mjs'],
        env: { PROBE_LOG: '/tmp/perf/probe/log.jsonl', HIDE: '1' },
      },
    };
    await runClaude({
      stub,
      prompt: 'go',
      home: world.home,
      cwd: world.repo,
      extraArgs: ['--mcp-config', JSON.stringify({ mcpServers })],
    });
    const served = stub.served;
    for (let i = 2; i < served.length; i++)
      (gaps[name] ??= []).push(served[i].receivedAt - (served[i - 1].completedAt ?? 0));
    await stub.close();
    await world.cleanup();
  }
for (const [n, g] of Object.entries(gaps)) {
  g.sort((a, b) => a - b);
  console.log(
    n.padEnd(8),
    'n',
    g.length,
    'p25',
    g[g.length >> 2],
    'p50',
    g[g.length >> 1],
    'p90',
    g[Math.floor(g.length * 0.9)],
    'min',
    g[0],
  );
}
process.exit(0);
