// The example of docs/reports.md: their commands are run, in a real repository with a real configuration, and
// what they print is what the page says. `npx vitest run test/e2e/reports-example.test.ts -u` writes it anew.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { basicPath, createSandbox, type Sandbox } from '../support/sandbox.ts';
import { CLI } from '../support/tollgate.ts';
import { prompt, response, result } from '../support/transcript-lines.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'reports.md');
const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const BRANCH = 'feat/SHOP-12-search';
const HOUR = 3_600;
let sandbox: Sandbox;
let env: Record<string, string>;

beforeEach(async () => {
  sandbox = await createSandbox();
  const bin = join(sandbox.root, 'bin');
  await mkdir(bin);
  const list = [{ number: 42, headRefName: BRANCH, headRepositoryOwner: { login: 'Acme' } }];
  await writeFile(join(bin, 'gh'), `#!/bin/sh\necho '${JSON.stringify(list)}'\n`, { mode: 0o755 });
  await writeFile(join(bin, 'tollgate'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, {
    mode: 0o755,
  });
  env = { PATH: `${bin}:${basicPath}`, TOLLGATE_GH: '', TZ: 'UTC' };
});
afterEach(() => sandbox.cleanup());

/** A session: a prompt, and requests of which the first asks for what costs the most. */
async function work(
  serial: number,
  at: number,
  given: { branch: string; skill?: string; agent?: boolean; searches?: number },
): Promise<void> {
  const session = `00000000-0000-4000-8000-00000000000${serial}`;
  const folder = join(sandbox.home, '.claude', 'projects', '-home-dana-shop');
  await mkdir(join(folder, session, 'subagents'), { recursive: true });
  const of = { gitBranch: given.branch, cwd: sandbox.repo };
  const tools = ['Read', 'Edit', 'Bash', 'Edit', 'Bash'];
  const lines = (agent: string | null, count: number, model: string) =>
    Array.from({ length: count }, (_, step) =>
      response({
        ...{ id: `msg_${serial}_${agent}_${step}`, session, model, at: at + step * 45 },
        ...{ input: 12 + step, output: 420 + 310 * (step % 3), stopReason: 'tool_use' },
        ...{ tool: tools[step % tools.length] ?? 'Bash', ...(agent === null ? {} : { agent }) },
        usage: {
          cache_read_input_tokens: 18_000 + 1_500 * step,
          cache_creation_input_tokens: 1_400,
        },
        line: { ...of, ...(given.skill ? { attributionSkill: given.skill } : {}) },
      }),
    ).join('');
  const own = prompt(`turn-${serial}`, { session, at }) + lines(null, 5, 'claude-opus-5-5');
  const searches = result(
    `turn-${serial}`,
    { searchCount: given.searches ?? 0 },
    { session, at: at + 300 },
  );
  await writeFile(join(folder, `${session}.jsonl`), own + (given.searches ? searches : ''));
  if (!given.agent) return;
  const file = join(folder, session, 'subagents', 'agent-a1.jsonl');
  await writeFile(file, lines('a1', 4, 'claude-haiku-4-5'));
  await writeFile(file.replace('.jsonl', '.meta.json'), '{"agentType":"general-purpose"}');
}

async function gitAt(at: string, ...words: string[]): Promise<void> {
  const dates = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at, GIT_CONFIG_NOSYSTEM: '1' };
  const run = await sandbox.run('git', words, { env: dates });
  if (run.exitCode !== 0) throw new Error(run.stderr);
}

/** The text with a block of commands in it that prints what they print now. */
async function played(text: string, block: string, home: Record<string, string>): Promise<string> {
  const printed: string[] = [];
  for (const command of block.match(/^\$ .*$/gm) ?? []) {
    const run = await sandbox.run('sh', ['-c', command.slice(2)], { env: { ...env, ...home } });
    expect([command, run.exitCode, run.stderr]).toEqual([command, 0, '']);
    printed.push(`${command}\n${run.stdout.trimEnd()}\n`);
  }
  expect(printed).not.toHaveLength(0);
  return text.replace(block, () => printed.join('\n'));
}

test('prints what docs/reports.md says', async () => {
  let text = await readFile(PAGE, 'utf8');
  const recorded = /```\n(\$ tollgate report --by agent,model[\s\S]*?)```/.exec(text)?.[1];
  const example = text.slice(text.indexOf('## Example'));
  const config = /```jsonc\n([\s\S]*?)```/.exec(example)?.[1];
  const commands = /```\n(\$ [\s\S]*?)```/.exec(example)?.[1];
  if (!recorded || !config || !commands) throw new Error('docs/reports.md has no example');

  // The first one is of the sessions that were recorded for the tests.
  const elsewhere = { TOLLGATE_HOME: join(sandbox.root, 'recorded') };
  const sync = ['sync', '--quiet', '--from', join(FIXTURES, 'transcripts')];
  const synced = await sandbox.run(process.execPath, [CLI, ...sync], { env: elsewhere });
  expect(synced.exitCode).toBe(0);
  text = await played(text, recorded, elsewhere);

  await mkdir(join(sandbox.repo, '.claude'));
  await writeFile(join(sandbox.repo, '.claude', 'tollgate.json'), config);
  // The lines' time begins at noon of 21 November 2026.
  await gitAt('2026-11-20T08:00:00Z', 'commit', '--quiet', '--allow-empty', '-m', 'on main');
  await work(1, -20 * HOUR, { branch: 'main' });
  await gitAt('2026-11-21T09:00:00Z', 'switch', '--quiet', '--create', BRANCH);
  await work(2, 0, { branch: BRANCH, agent: true });
  await work(3, 3 * HOUR, { branch: BRANCH, skill: 'polish', searches: 2 });
  await gitAt('2026-11-21T16:00:00Z', 'commit', '--quiet', '--allow-empty', '-m', 'Find things');
  text = await played(text, commands, {});

  await expect(text).toMatchFileSnapshot(PAGE);
});
