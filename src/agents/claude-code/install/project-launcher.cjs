// Runs Tollgate (npm: tollgate), a spending guard for Claude Code, from wherever this machine has it.
// Written by `tollgate init`. Commit it with .claude/settings.json. To take both out without Tollgate:
// node .claude/tollgate-hook.cjs --uninstall
'use strict';
const {
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} = require('node:fs');
const { delimiter, dirname, join } = require('node:path');

/** What happens on a machine without Tollgate: "block" prompts and tools, or "warn" when a session starts. */
const WHEN_MISSING = 'block';

const { env } = process;
const PROJECT = dirname(__dirname);
const HOME = env.HOME || env.USERPROFILE || '/';
const hasHooks = (folder) => existsSync(join(folder, 'dist', 'hooks', 'pre-tool-use.cjs'));
const tried = (work) => {
  try {
    return work();
  } catch {
    return null;
  }
};

/** The folder of the Tollgate package, the nearest first; undefined where there is none. */
function packageFolder() {
  for (const places of [named, inProject, recorded, onPath, asPlugin]) {
    const found = (tried(places) || []).find((folder) => folder && hasHooks(folder));
    if (found) return found;
  }
  return undefined;
}

const named = () => [env.TOLLGATE_INSTALL];

/** In node_modules of this checkout, or of the repository that this linked worktree belongs to. */
function inProject() {
  const main = tried(
    () =>
      /^gitdir: (.+?)[\\/]\.git[\\/]worktrees[\\/]/.exec(
        readFileSync(join(PROJECT, '.git'), 'utf8'),
      )[1],
  );
  return [PROJECT, ...(main ? [main] : [])].map((folder) =>
    join(folder, 'node_modules', 'tollgate'),
  );
}

/** Where `tollgate init` last ran on this machine. */
function recorded() {
  const state =
    env.TOLLGATE_HOME || join(env.XDG_STATE_HOME || join(HOME, '.local', 'state'), 'tollgate');
  return [readFileSync(join(state, 'install-path'), 'utf8').trim()];
}

/** Global installations: beside this Node, and behind `tollgate` on PATH. */
function onPath() {
  const bins = [dirname(process.execPath), ...(env.PATH || '').split(delimiter)].filter(Boolean);
  return bins.flatMap((bin) => [
    tried(() => dirname(dirname(dirname(realpathSync(join(bin, 'tollgate')))))),
    join(bin, '..', 'lib', 'node_modules', 'tollgate'),
    join(bin, 'node_modules', 'tollgate'),
  ]);
}

/** In the cache of Claude Code's plugins: marketplace, plugin, version. */
function asPlugin() {
  const cache = join(env.CLAUDE_CONFIG_DIR || join(HOME, '.claude'), 'plugins', 'cache');
  return readdirSync(cache).flatMap((market) => {
    const plugin = join(cache, market, 'tollgate');
    return (tried(() => readdirSync(plugin)) || []).map((version) => join(plugin, version));
  });
}

/** Says once what to do, in the form that the event obeys. Other programs than Claude Code are left alone. */
function answerMissing(name) {
  const event = tried(() => JSON.parse(readFileSync(0, 'utf8'))) || {};
  if (event.cursor_version || event.timestamp || /^[a-z]/.test(event.hook_event_name || '')) return;
  const line =
    'This repository limits what Claude Code may spend with Tollgate, which is not installed here. ' +
    `Install it: npm install -g tollgate. (Or take it out of the repository: node ${join('.claude', 'tollgate-hook.cjs')} --uninstall)`;
  const isBlocking = /^(user-prompt-submit|pre-tool-use|post-tool-(batch|use)|pre-compact)$/.test(
    name,
  );
  if (WHEN_MISSING !== 'block' || !isBlocking) {
    if (name === 'session-start') console.log(JSON.stringify({ systemMessage: line }));
    return;
  }
  const isPrompt = name === 'user-prompt-submit' || name === 'pre-compact';
  console.log(
    JSON.stringify(
      isPrompt ? { decision: 'block', reason: line } : { continue: false, stopReason: line },
    ),
  );
  console.error(line);
  process.exitCode = 2;
}

/** Takes the hooks out of .claude/settings.json, and this file and the /budget command away. */
function uninstall() {
  if (env.CLAUDECODE) throw new Error('only a person may do this, in a terminal of their own');
  const file = join(__dirname, 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  const isOurs = (hook) =>
    JSON.stringify(hook).includes('tollgate-hook.cjs') || hook.server === 'tollgate';
  for (const [event, groups] of Object.entries(settings.hooks || {})) {
    const left = groups
      .map((group) => ({ ...group, hooks: group.hooks.filter((hook) => !isOurs(hook)) }))
      .filter((group) => group.hooks.length > 0);
    if (left.length > 0) settings.hooks[event] = left;
    else delete settings.hooks[event];
  }
  if (settings.hooks && Object.keys(settings.hooks).length === 0) delete settings.hooks;
  writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`);
  const commands = join(__dirname, 'commands');
  const budget = join(commands, 'budget.md');
  if (existsSync(budget) && readFileSync(budget, 'utf8').includes('\nTollgate answers /budget ')) {
    rmSync(budget);
    tried(() => rmdirSync(commands));
  }
  rmSync(__filename);
  console.log('Tollgate is out of .claude/settings.json. Budgets stay in .claude/tollgate.json.');
}

const [name = ''] = process.argv.slice(2);
if (name === '--uninstall') {
  try {
    uninstall();
  } catch (error) {
    console.error(
      `Not done (${error.message}). By hand: remove the entries of .claude/settings.json that name tollgate-hook.cjs.`,
    );
    process.exitCode = 2;
  }
} else {
  const folder = packageFolder();
  if (folder === undefined) answerMissing(name);
  else
    require(
      join(folder, 'dist', ...(name === 'mcp' ? ['cli', 'main.js'] : ['hooks', `${name}.cjs`])),
    );
}
