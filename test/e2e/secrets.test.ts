// Nothing that is typed, run, read or configured as a secret is found below the state folder, or in what any hook or command
// prints: thirty seeds in prompts, tool inputs, results, answers, the environment and remotes.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
const SEED = /sk-seed\d\d-Zq7xK2/g;

/** The bytes of every file below a folder. */
function textsBelow(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? textsBelow(path) : [[path, readFileSync(path, 'latin1')]];
  });
}

const found = (text: string) => text.match(SEED) ?? [];

/** Odd addresses of one repository, each with a seed where a secret may stand. */
const REMOTES = [
  `https://user:${seed(20)}@github.com/Acme/Shop.git`,
  `https://${seed(21)}@github.com/Acme/Shop.git`,
  `https://oauth2:${seed(22)}@gitlab.example/group/sub/shop.git`,
  `ssh://git:${seed(23)}@host.example:2222/acme/shop.git`,
  `https://x-access-token:${seed(24)}@ghe.example/acme/shop`,
  `https://host.example/acme/shop.git?token=${seed(25)}`,
  `https://host.example/acme/shop.git#${seed(26)}`,
  `git+https://u:${seed(27)}@host.example/acme/shop`,
  `HTTPS://U:${seed(28)}@HOST.example/acme/shop`,
  `https://u:p%40${seed(29)}@host.example/acme/shop.git`,
];

const COMMANDS = [
  ['status', '--json'],
  ['report', '--json'],
  ['report', '--by', 'repository', '--format', 'csv'],
  ['config', '--json'],
  ['doctor', '--json'],
  ['sync', '--json'],
  ['why', 's1'],
];

test('no seed is stored or printed', { timeout: 240_000 }, async () => {
  await guard(sandbox, { budgets: [{ id: 'session', hard: '0.50' }] });
  const env = {
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
    await send('UserPromptSubmit', { prompt: `use ${seed(5)}` });
  }
  appendFileSync(transcript_path, response({ id: 'm1', text: seed(6), tool: 'Bash' }));
  const bash = { tool_name: 'Bash', tool_use_id: 'toolu_m1' };
  await send('PreToolUse', { ...bash, tool_input: { command: `curl -H ${seed(7)} x` } });
  await send('PreToolUse', {
    ...{ tool_name: 'Write', tool_use_id: 'toolu_2' },
    tool_input: { file_path: join(sandbox.tollgateHome, 'x'), content: seed(8) },
  });
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
  const stored = textsBelow(sandbox.tollgateHome).flatMap(([path, text]) =>
    found(text).map((each) => `${path}: ${each}`),
  );
  expect(stored).toEqual([]);
});
