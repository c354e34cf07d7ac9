// The real Claude Code for Windows, under Wine, driven against the stub: what our hooks make it do.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLAUDE_CLIENT_VERSION } from '../../scripts/claude-client.mjs';
import { type ClaudeResult, claudeArgs, claudeEnv, parseResult } from '../support/claude.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { fetchPackage } from '../support/packages.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { toolLoop } from '../support/scenarios.ts';
import type { Step } from './step.ts';
import { addMissingLibrary, type Wine, type WineRun } from './wine.ts';

const CEILING_USD = 0.5;
/** Some $0.11 a request. */
const USAGE = { input_tokens: 120, output_tokens: 4_000, cache_read_input_tokens: 20_000 };
const NANO = 1e9;

/** What one world needs. */
interface World {
  readonly wine: Wine;
  readonly stub: MessagesApiStub;
  /** The working folder, seen from here. */
  readonly shop: string;
  /** The folder of `claude.exe`, as Windows names it. */
  readonly client: string;
}

/** Runs the steps in a Windows that is there; throws when Claude Code cannot be had. */
export async function clientSteps(sandbox: Sandbox, wine: Wine): Promise<readonly Step[]> {
  if (!addMissingLibrary(wine)) {
    const detail = 'the library that Wine lacks could not be compiled';
    return [{ name: 'Claude Code for Windows starts', isRight: false, detail }];
  }
  const package_ = '@anthropic-ai/claude-code-win32-x64';
  const folder = await fetchPackage(sandbox, package_, CLAUDE_CLIENT_VERSION);
  const shop = join(wine.drive, 'claude & co');
  mkdirSync(join(shop, '.git', 'objects'), { recursive: true });
  writeFileSync(join(shop, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(
    join(shop, '.git', 'config'),
    '[remote "origin"]\n\turl = git@github.com:acme/wine.git\n',
  );
  const input = (step: number) =>
    step === 1
      ? { file_path: 'C:\\t\\claude & co\\.claude\\settings.local.json', content: '{}' }
      : { file_path: `C:\\t\\claude & co\\${step}.txt`, content: 'x' };
  const stub = await startMessagesApiStub(
    toolLoop({ turns: 30, usage: USAGE, tool: 'Write', input }),
  );
  try {
    return await inWorld({ wine, stub, shop, client: `Z:${folder.replaceAll('/', '\\')}` });
  } finally {
    await stub.close();
  }
}

async function inWorld(world: World): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const note = (name: string, isRight: boolean, detail: string) =>
    steps.push({ name: `Claude Code: ${name}`, isRight, detail: detail.slice(0, 1_000) });
  const limits = ['--session-soft', '0.20', '--session-hard', String(CEILING_USD)];
  const init = await tollgate(world, ['init', '--yes', '--scope', 'local', ...limits]);
  note(
    'init sees it',
    init.exitCode === 0 && !/no Claude Code was found/.test(init.stderr),
    said(init),
  );

  const first = await claude(world);
  const spent = first.result?.total_cost_usd ?? Number.NaN;
  const before = world.stub.served.length;
  const isHalted = first.result?.terminal_reason === 'hook_stopped';
  note(
    'a loop is halted under its ceiling',
    isHalted && spent <= CEILING_USD && spent > 0,
    said(first),
  );
  const refused = first.result?.permission_denials.map(({ tool_name }) => tool_name) ?? [];
  note('a write into its settings is refused', refused.length === 2, said(first));

  const report = await tollgate(world, ['report', '--by', 'session', '--json']);
  const counted = (JSON.parse(report.stdout) as { total: { costNanoUsd: string } }).total;
  const isEqual = Math.abs(Number(counted.costNanoUsd) / NANO - spent) < 1e-6;
  note('its total and the ledger agree', isEqual, `${counted.costNanoUsd} for ${spent}`);
  const rows = await tollgate(world, ['report', '--by', 'repository', '--json']);
  note('booked on its repository', rows.stdout.includes('github.com/acme/wine'), rows.stdout);

  const id = first.result?.session_id ?? '';
  const resumed = await claude(world, id);
  note('a halted session takes no prompt', world.stub.served.length === before, said(resumed));
  const grant = ['grant', '0.3', '--session', id, '--reason', 'windows', '--yes'];
  const granted = await tollgate(world, grant);
  const afterwards = await claude(world, id);
  const goesOn = granted.exitCode === 0 && world.stub.served.length > before;
  note('it goes on after a grant', goesOn, said(granted) + said(afterwards));
  return steps;
}

const said = ({ exitCode, stdout, stderr }: WineRun) => `exit ${exitCode}: ${stdout} ${stderr}`;

const tollgate = ({ wine, shop, client }: World, args: readonly string[]): Promise<WineRun> =>
  wine.run([wine.node, wine.commandLine, ...args], { cwd: shop, env: { WINEPATH: client } });

async function claude(
  { wine, stub, shop, client }: World,
  resume?: string,
): Promise<WineRun & { readonly result: ClaudeResult | null }> {
  const options = { home: '', cwd: shop, stub, allowedTools: ['Write'] };
  const args = ['-p', 'go', '--output-format', 'json'];
  const more = claudeArgs(resume === undefined ? options : { ...options, resume });
  const { PATH: _path, HOME: _home, ...env } = claudeEnv(options);
  const run = await wine.run([`${client}\\claude.exe`, ...args, ...more], {
    ...{ cwd: shop, env: { ...env, WINEPATH: client } },
  });
  return { ...run, result: parseResult(run.stdout) };
}
