// Tollgate on Windows, step by step: runs inside Node for Windows (under Wine, or on a Windows machine) and writes what happened as
// JSON. `node steps.mjs <package folder> <working folder> <result file>`; all three are paths of Windows.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [app, work, resultFile] = process.argv.slice(2);
const home = join(work, 'home folder');
const shop = join(work, 'shop & co');
const settings = join(shop, '.claude', 'settings.local.json');
const ledger = join(home, 'AppData', 'Local', 'tollgate');
const folder = join(home, '.claude', 'projects', 'C--t-shop---co');
for (const each of [join(shop, '.claude'), folder]) mkdirSync(each, { recursive: true });

const env = {
  ...{ SystemRoot: process.env.SystemRoot, PATH: process.env.PATH, TEMP: work, TMP: work },
  ...{ USERPROFILE: home, APPDATA: join(home, 'AppData', 'Roaming') },
  ...{ LOCALAPPDATA: join(home, 'AppData', 'Local'), CLAUDE_PROJECT_DIR: shop },
};
const options = { cwd: shop, env, encoding: 'utf8', timeout: 120_000, windowsHide: true };
const results = [];
const note = (name, isRight, detail) => {
  results.push({ name, isRight, detail });
  writeFileSync(resultFile, JSON.stringify(results));
};

const tollgate = (...args) =>
  spawnSync(process.execPath, [join(app, 'dist', 'cli', 'main.js'), ...args], {
    ...options,
    input: '',
  });
function command(name, args, expected, mentions = '') {
  const { status, stdout, stderr } = tollgate(...args);
  const isRight = expected.includes(status) && `${stdout}${stderr}`.includes(mentions);
  note(name, isRight, `exit ${status}: ${`${stdout}${stderr}`.slice(0, 400)}`);
  return stdout;
}

const hookArgs = (event) => [join(app, 'dist', 'hooks', `${event}.cjs`)];
const NAMES = { 'pre-tool-use': 'PreToolUse', 'post-tool-batch': 'PostToolBatch' };
const nameOf = (event) =>
  NAMES[event] ?? event.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase());
const eventOf = (event, id, more) =>
  JSON.stringify({
    ...{ hook_event_name: nameOf(event), session_id: id, cwd: shop },
    ...{ transcript_path: join(folder, `${id}.jsonl`), ...more },
  });
function hook(event, id, more = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, hookArgs(event), {
    ...options,
    input: eventOf(event, id, more),
  });
  let output = null;
  try {
    output = stdout === '' ? null : JSON.parse(stdout);
  } catch {
    output = { unreadable: stdout };
  }
  return {
    status,
    output,
    text: `exit ${status}: ${stdout.slice(0, 400)} ${stderr.slice(0, 300)}`,
  };
}

let serial = 0;
function respond(id, outputTokens, cwd = shop) {
  serial += 1;
  const tool = { type: 'tool_use', id: `toolu_${serial}`, name: 'PowerShell', input: {} };
  const message = {
    ...{
      id: `msg_${serial}`,
      model: 'claude-opus-4-7',
      role: 'assistant',
      stop_reason: 'tool_use',
    },
    ...{ usage: { input_tokens: 10, output_tokens: outputTokens }, content: [tool] },
  };
  const line = { type: 'assistant', timestamp: new Date().toISOString(), message };
  appendFileSync(
    join(folder, `${id}.jsonl`),
    `${JSON.stringify({ ...line, sessionId: id, cwd, gitBranch: 'main' })}\r\n`,
  );
  return `toolu_${serial}`;
}
const tool = (id, use, words = 'Get-ChildItem') =>
  hook('pre-tool-use', id, {
    ...{ prompt_id: 'turn-1', tool_use_id: use },
    ...{ tool_name: 'PowerShell', tool_input: { command: words } },
  });
const isHalt = ({ output }) => output?.continue === false;
const isDenied = ({ output }) => output?.hookSpecificOutput?.permissionDecision === 'deny';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const C = 'cccccccc-0000-4000-8000-000000000003';

command('version', ['--version'], [0], 'better-sqlite3');
command(
  'init',
  ['init', '--yes', '--scope', 'local', '--session-soft', '0.20', '--session-hard', '0.50'],
  [0],
);
const written = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
note(
  'init writes hooks',
  written.includes('pre-tool-use') && written.includes('--tollgate'),
  written.slice(0, 300),
);
command('config', ['config'], [0], 'Program Files');

note('session-start', hook('session-start', A, { source: 'startup' }).status === 0, '');
let answer = hook('user-prompt-submit', A, { prompt: 'go', prompt_id: 'turn-1' });
note('prompt: allowed', answer.status === 0 && !isHalt(answer), answer.text);
answer = tool(A, respond(A, 1_000));
note('tool: allowed', answer.status === 0 && !isHalt(answer) && !isDenied(answer), answer.text);
answer = tool(A, 'toolu_x', `Remove-Item -Recurse "${ledger}"`);
note('tool: PowerShell against the ledger is refused', isDenied(answer), answer.text);
answer = tool(A, 'toolu_y', `cmd /c del "${settings}"`);
note('tool: cmd against the settings is refused', isDenied(answer), answer.text);
respond(A, 8_000);
answer = hook('post-tool-batch', A, { prompt_id: 'turn-1' });
note(
  'batch: soft limit is told',
  /0\.2/.test(JSON.stringify(answer.output)) && !isHalt(answer),
  answer.text,
);
answer = tool(A, respond(A, 15_000));
note('tool: halted', isHalt(answer), answer.text);
answer = hook('user-prompt-submit', A, { prompt: 'again', prompt_id: 'turn-2' });
note('prompt: refused', answer.output?.decision === 'block' || isHalt(answer), answer.text);
for (const event of ['stop', 'subagent-start', 'subagent-stop', 'pre-compact', 'config-change']) {
  const each = hook(event, A, {
    agent_id: 'a1',
    agent_type: 'Explore',
    trigger: 'auto',
    source: 'local_settings',
  });
  note(event, [0, 2].includes(each.status), each.text);
}
command('grant', ['grant', '2', '--session', A.slice(0, 8), '--reason', 'windows', '--yes'], [0]);
answer = tool(A, respond(A, 100));
note('tool: allowed after the grant', !isHalt(answer), answer.text);

const racing = await Promise.all(
  [1, 2].map(
    () =>
      new Promise((resolve) => {
        const use = respond(B, 9_000);
        const child = spawn(process.execPath, hookArgs('pre-tool-use'), { cwd: shop, env });
        let text = '';
        child.stdout.on('data', (bytes) => {
          text += bytes;
        });
        child.on('close', (status) => resolve({ status, text }));
        const more = { prompt_id: 't', tool_use_id: use, tool_name: 'Read', tool_input: {} };
        child.stdin.end(eventOf('pre-tool-use', B, more));
      }),
  ),
);
note(
  'two hooks at once',
  racing.every(({ status }) => status !== null && status !== 1),
  JSON.stringify(racing),
);

for (let count = 0; count < 300; count += 1) respond(C, 10);
const killed = spawn(process.execPath, [join(app, 'dist', 'cli', 'main.js'), 'sync'], {
  cwd: shop,
  env,
  stdio: 'ignore',
});
await new Promise((resolve) => setTimeout(resolve, 700));
killed.kill();
await new Promise((resolve) =>
  killed.exitCode === null && killed.signalCode === null ? killed.on('close', resolve) : resolve(),
);
command('sync after a kill', ['sync'], [0]);
const again = command('sync again records nothing', ['sync', '--json'], [0]);
note(
  '… nothing new',
  /"(recorded|newEntries|recordedCount|entriesRecorded)": ?0/.test(again) || again.includes(': 0'),
  again.slice(0, 400),
);
// A repository as its files; its folder in every spelling that reaches the one on this drive.
const spelled = join(work, 'Spelled Repo');
mkdirSync(join(spelled, '.git', 'objects'), { recursive: true });
writeFileSync(join(spelled, '.git', 'HEAD'), 'ref: refs/heads/main\r\n');
writeFileSync(
  join(spelled, '.git', 'config'),
  '[remote "origin"]\r\n\turl = git@github.com:Acme/Spelled.git\r\n',
);
const drive = spelled[0];
const rest = spelled.slice(2);
const slashed = rest.replaceAll('\\', '/');
const HERE = [
  ...[spelled, spelled.toLowerCase(), spelled.toUpperCase(), `${spelled}\\`, `${drive}:${slashed}`],
  ...[`${drive.toLowerCase()}:${slashed}/`, `\\\\?\\${spelled}`, `\\\\.\\${spelled}`],
  ...[`/${drive.toLowerCase()}${slashed}`, `/mnt/${drive.toLowerCase()}${slashed}`],
  ...[`/cygdrive/${drive.toLowerCase()}${slashed}`, `${spelled}\\.\\src\\..`],
];
const ELSEWHERE = [slashed, rest, `${drive}:`, 'Spelled Repo', `.${rest}`, '/home/dana/spelled'];
[...HERE, ...ELSEWHERE].forEach((place, index) => {
  const id = `dddddddd-0000-4000-8000-${String(index).padStart(12, '0')}`;
  respond(id, 10, place);
});
command('sync of many spellings', ['sync'], [0]);
const repositories = JSON.parse(
  command('report by repository', ['report', '--by', 'repository', '--json'], [0]),
);
const counted = JSON.stringify(repositories);
const own = repositories.rows?.find((row) =>
  JSON.stringify(row).includes('github.com/Acme/Spelled'),
);
note(
  `${HERE.length} spellings are booked on one repository, ${ELSEWHERE.length} others are not`,
  own?.requestCount === HERE.length,
  counted.slice(0, 1500),
);
const ledgerFile = join(ledger, 'ledger.db');
const total = () => JSON.parse(tollgate('report', '--json').stdout).total?.costNanoUsd;
const before = total();
writeFileSync(ledgerFile, readFileSync(ledgerFile).subarray(0, 40_000));
const restored = command('status of a ledger that was cut off', ['status'], [0, 1]);
note(
  'it is restored, with the same total',
  before > 0 && total() === before && existsSync(ledgerFile),
  `${before} then ${total()}: ${restored.slice(0, 300)}`,
);
command('report', ['report', '--by', 'session'], [0], 'aaaaaaaa');
command('status', ['status'], [0, 1]);
const doctor = command('doctor', ['doctor', '--json'], [0, 1]);
note('doctor: the ledger is sound', /"integrity": ?"ok"/.test(doctor), doctor.slice(0, 300));
const line = spawnSync(process.execPath, [join(app, 'dist', 'cli', 'main.js'), 'statusline'], {
  ...options,
  input: JSON.stringify({
    session_id: A,
    transcript_path: join(folder, `${A}.jsonl`),
    cwd: shop,
    model: { id: 'claude-opus-4-7' },
  }),
});
note(
  'statusline',
  line.status === 0 && line.stdout.includes('$'),
  `${line.status} ${line.stdout} ${line.stderr}`.slice(0, 300),
);
note('session-end', hook('session-end', A, { reason: 'exit' }).status === 0, '');
command('uninstall', ['uninstall', '--yes', '--scope', 'local'], [0]);
note(
  'uninstall takes the hooks out',
  !existsSync(settings) || !readFileSync(settings, 'utf8').includes('--tollgate'),
  '',
);
