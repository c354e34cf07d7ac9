// Nothing that is typed, run, read or configured as a secret is found below the state folder, or in what any hook or command
// prints or serves: thirty seeds in prompts, tool inputs, results, answers, the environment and the configuration, and thirty odd remotes with a
// seed each.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDashboard } from '../support/dashboard.ts';
import { guard } from '../support/guarded.ts';
import { type HookAnswer, runHook } from '../support/hook-process.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgate } from '../support/tollgate.ts';
import { prompt, response } from '../support/transcript-lines.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

/** Seeds by number; each occurs in one place. */
const seed = (place: number): string => `sk-seed${String(place).padStart(2, '0')}-Zq7xK2`;
const SEED = /sk-seed\d+-Zq7xK2/gi;

/** The bytes of every file below a folder. */
function textsBelow(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? textsBelow(path) : [[path, readFileSync(path, 'latin1')]];
  });
}

const found = (text: string) => text.match(SEED) ?? [];

/** Odd addresses of repositories, each with a seed where a secret may stand; the first one's is 101. */
const REMOTES = [
  'https://user:SECRET@github.com/Acme/Shop.git',
  'https://SECRET@github.com/Acme/Shop.git',
  'https://oauth2:SECRET@gitlab.example/group/sub/shop.git',
  'ssh://git:SECRET@host.example:2222/acme/shop.git',
  'https://x-access-token:SECRET@ghe.example/acme/shop',
  'https://host.example/acme/shop.git?token=SECRET',
  'https://host.example/acme/shop.git#SECRET',
  'git+https://u:SECRET@host.example/acme/shop',
  'HTTPS://U:SECRET@HOST.example/acme/shop',
  'https://u:p%40SECRET@host.example/acme/shop.git',
  'https://u:SECRET:more@host.example/acme/shop.git',
  'https://u:p@SECRET@host.example/acme/shop.git',
  'https://host.example/acme/shop.git?a=1&private_token=SECRET&b=2',
  'https://host.example:8443/acme/shop.git;token=SECRET',
  'git+ssh://u:SECRET@host.example/acme/shop.git',
  'ssh+git://u:SECRET@host.example/acme/shop.git',
  'ftp://u:SECRET@host.example/acme/shop.git',
  'u:SECRET@host.example:acme/shop.git',
  'https://u:SECRET@[2001:db8::1]/acme/shop.git',
  'https://u:SECRET@host.example/acme/shop.git/',
  'https:/u:SECRET@host.example/acme/shop.git',
  'https:\\\\u:SECRET@host.example\\acme\\shop.git',
  ' https://u:SECRET@host.example/acme/shop.git',
  'https://u:SECRET@host.example',
  'https://org@dev.azure.com/org/_git/shop?pat=SECRET',
  'https://u:SECRET@dev.azure.com/acme/Project/_git/shop',
  'codecommit::eu-west-1://SECRET@shop',
  's3://AKIA:SECRET@bucket/shop',
  'ext::ssh -i SECRET host.example %S shop',
  'https://u:SECRET@host.example/~dana/shop.git?x#y',
].map((url, at) => url.replace('SECRET', seed(101 + at)));

const COMMANDS = [
  ['status', '--json'],
  ['report', '--json'],
  ['report', '--by', 'repository', '--format', 'csv'],
  ['config', '--json'],
  ['doctor', '--json'],
  ['sync', '--json'],
  ['why', 's1'],
  ['export'],
  ['statement', '--all', '--month', 'this-month', '--format', 'json'],
  ['statement', '--all', '--month', 'this-month', '--format', 'html'],
  ['project', '--json'],
  ['alerts', 'test'],
  ['alerts', 'push'],
  ['alerts', '--json'],
  ['digest', '--json'],
  ['advise', '--json'],
  ['statusline'],
];

test('no seed is stored or printed', { timeout: 240_000 }, async () => {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '0.50' }] });
  const mine = join(sandbox.home, '.config', 'tollgate', 'config.json');
  const sent = join(sandbox.root, 'sent');
  mkdirSync(sent);
  mkdirSync(dirname(mine), { recursive: true });
  const channels = {
    file: { type: 'command', run: ['/bin/sh', '-c', `cat >> ${sent}/alerts`] },
    chat: { type: 'slack', allowPrivate: true, url: { env: 'HOOK_URL' } },
    hook: {
      ...{ type: 'webhook', allowPrivate: true, url: 'http://127.0.0.1:9/hook' },
      secret: { env: 'HOOK_KEY' },
    },
  };
  const clients = [{ repository: '*', client: 'Acme' }];
  const pushed: string[] = [];
  const collector = createServer(async (request, response) => {
    pushed.push(await text(request));
    response.end('{}');
  });
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const otlp = { endpoint, allowPrivate: true };
  writeFileSync(mine, JSON.stringify({ alerts: { channels }, clients, otlp }));
  const env = {
    AWS_SECRET_ACCESS_KEY: seed(20),
    HOOK_URL: `http://127.0.0.1:9/${seed(21)}`,
    HOOK_KEY: seed(22),
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${seed(23)}`,
    ANTHROPIC_API_KEY: seed(1),
    GITHUB_TOKEN: seed(2),
    TOLLGATE_LOG_LEVEL: 'trace',
    HTTPS_PROXY: `http://u:${seed(3)}@proxy.example`,
  };
  const transcript_path = join(sandbox.home, 's1.jsonl');
  writeFileSync(transcript_path, prompt('t1').replace('"t1"', `"t1","note":"${seed(4)}"`));
  const session = { session_id: 's1', transcript_path, prompt_id: 'p1' };
  const answers: HookAnswer[] = [];
  const send = async (name: string, event: object) => {
    answers.push(await runHook(sandbox, name, { ...session, ...event }, env));
  };
  for (const remote of REMOTES) {
    await sandbox.git('remote', 'set-url', 'origin', remote);
    await send('SessionStart', { source: 'startup' });
  }
  await send('UserPromptSubmit', { prompt: `use ${seed(5)}` });
  appendFileSync(transcript_path, response({ id: 'm1', text: seed(6), tool: 'Bash' }));
  const bash = { tool_name: 'Bash', tool_use_id: 'toolu_m1' };
  await send('PreToolUse', { ...bash, tool_input: { command: `curl -H ${seed(7)} x` } });
  await send('PreToolUse', {
    ...{ tool_name: 'Write', tool_use_id: 'toolu_2' },
    tool_input: { file_path: join(sandbox.tollgateHome, 'x'), content: seed(8) },
  });
  const others = [
    { tool_name: 'mcp__db__query', tool_input: { sql: `select '${seed(24)}'` } },
    { tool_name: 'Agent', tool_input: { prompt: seed(25), description: seed(26) } },
    { tool_name: 'TodoWrite', tool_input: { todos: [{ content: seed(27), status: 'pending' }] } },
    { tool_name: 'Read', tool_input: { file_path: `/home/dana/${seed(28)}.txt` } },
  ];
  for (const [at, tool] of others.entries()) {
    await send('PreToolUse', { ...tool, tool_use_id: `toolu_3${at}` });
  }
  await send('PreCompact', { trigger: 'manual', custom_instructions: seed(29) });
  await send('SubagentStart', { agent_id: 'a1', agent_type: 'Explore', prompt: seed(30) });
  await send('PostToolUse', { ...bash, tool_input: seed(9), tool_response: { out: seed(10) } });
  await send('PostToolBatch', { tool_calls: [{ ...bash, tool_response: seed(11) }] });
  appendFileSync(transcript_path, response({ id: 'm2', text: seed(12), output: 20_000 }));
  await send('PostToolBatch', { tool_calls: [] });
  await send('SubagentStop', { agent_id: 'a1', last_assistant_message: seed(13) });
  await send('Stop', { last_assistant_message: seed(14) });
  await send('UserPromptSubmit', { prompt: `/budget ${seed(15)}` });
  // What cannot be read is complained of, and not repeated.
  for (const text of [`{"hook_event_name":"${seed(16)}"}`, seed(17), `{"a":${seed(18)}`]) {
    const file = join(import.meta.dirname, '../../dist/hooks/pre-tool-use.cjs');
    const { stdout, stderr } = await sandbox.run(process.execPath, [file], { stdin: text, env });
    expect(found(stdout + stderr)).toEqual([]);
  }
  await send('SessionEnd', { reason: seed(19) });
  expect(answers.flatMap((answer) => found(JSON.stringify(answer)))).toEqual([]);
  for (const args of COMMANDS) {
    const { stdout, stderr } = await tollgate(sandbox, args, env);
    expect(found(stdout + stderr), args.join(' ')).toEqual([]);
  }
  const dashboard = await startDashboard(sandbox, ['--metrics'], env);
  try {
    for (const path of ['/', '/api/now', '/api/history', '/api/live', '/metrics']) {
      const answered = await dashboard.ask(path, { signal: AbortSignal.timeout(10_000) });
      const body = path === '/api/live' ? '' : await answered.text();
      expect(found(body + JSON.stringify([...answered.headers])), path).toEqual([]);
    }
  } finally {
    await dashboard.stop();
  }
  await new Promise((done) => collector.close(done));
  expect(pushed.length).toBeGreaterThan(0);
  expect(pushed.flatMap(found)).toEqual([]);
  // State, log, caches, both places of the seal, and what alerts were sent.
  const stored = [sandbox.tollgateHome, join(sandbox.home, '.config'), sent]
    .flatMap(textsBelow)
    .flatMap(([path, text]) => found(text).map((each) => `${path}: ${each}`));
  expect(stored).toEqual([]);
  expect(existsSync(join(sent, 'alerts'))).toBe(true);
});
