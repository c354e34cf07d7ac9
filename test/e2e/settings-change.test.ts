// The real client, in bypassPermissions, while a script changes the settings: the hooks stay, the ceiling holds, and the
// person is told what to run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureClaudeClient } from '../../scripts/claude-client.mjs';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import { runGuarded, tollgateOk } from '../support/tollgate.ts';

const CEILING = 0.6;
const TURNS = 12;
/** Some $0.1 a request: $1.3 for the whole loop when nobody stops it. */
const USAGE = {
  input_tokens: 10,
  output_tokens: 2_000,
  cache_read_input_tokens: 20_000,
  cache_creation_input_tokens: 6_000,
};

let sandbox: Sandbox;
let stub: MessagesApiStub;

beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(async () => {
  await stub.close();
  await sandbox.cleanup();
});

/** What a script does that no reader of shell text sees, and what the settings look like then. */
const SHAPES: readonly [name: string, scope: string, script: string][] = [
  ['git clean', 'local', 'git clean -fdxq'],
  ['git clean with the launcher', 'project', 'git clean -fdxq'],
  ['git stash', 'project', 'git stash -u -q'],
  ['the folder removed', 'project', 'rm -rf .claude'],
  ['the own settings removed', 'user', 'rm -f ~/.claude/settings.json'],
  ['hooks switched off', 'local', `echo '{"disableAllHooks":true}' > .claude/settings.json`],
  [
    'two changes one after the other',
    'user',
    `mkdir -p .claude; echo '{"disableAllHooks":true}' > .claude/settings.local.json; sleep 2; echo '{"model":"x"}' > .claude/settings.json`,
  ],
  ['malformed', 'local', `echo '{' > .claude/settings.local.json`],
  [
    'one bad value',
    'local',
    `sed -i 's/"timeout": 10/"timeout": "10"/' .claude/settings.local.json`,
  ],
  [
    'another ledger',
    'user',
    `mkdir -p .claude; echo '{"env":{"TOLLGATE_HOME":"/tmp/nowhere"}}' > .claude/settings.local.json`,
  ],
];

test.each(SHAPES)('%s (%s) ends no guard', async (_name, scope, script) => {
  // The ceiling is where no script of these removes it: here only the settings go.
  const config = join(sandbox.home, '.config', 'tollgate');
  mkdirSync(config, { recursive: true });
  writeFileSync(
    join(config, 'config.json'),
    JSON.stringify({ budgets: [{ id: 'session', period: 'session', hard: CEILING.toFixed(2) }] }),
  );
  await tollgateOk(sandbox, ['init', '--yes', '--scope', scope], {
    TOLLGATE_CLAUDE: await ensureClaudeClient(),
  });
  writeFileSync(join(sandbox.home, 'script.sh'), `${script}\n`);
  stub = await startMessagesApiStub(
    toolLoop({
      turns: TURNS,
      usage: () => USAGE,
      command: (step) => (step === 1 ? 'sh ~/script.sh; sleep 3' : `echo ran ${step}`),
    }),
  );
  const run = await runGuarded(sandbox, {
    stub,
    prompt: 'go',
    permissionMode: 'bypassPermissions',
    // The client takes this mode from an administrator in a container only.
    extraEnv: { IS_SANDBOX: '1' },
  });
  // Launcher gone: every gate fails, and a gate that fails blocks. Else the guard goes on to the ceiling.
  expect(run.result?.terminal_reason).toBe('hook_stopped');
  expect(run.result?.total_cost_usd ?? 0).toBeLessThanOrEqual(CEILING);
});
