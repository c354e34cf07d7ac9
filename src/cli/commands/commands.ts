// All commands, in the order in which the help shows them. To add one: a file, and a line here.
import type { CommandSpec } from '../command.ts';

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    group: 'Set up',
    summary: 'put Tollgate into this repository (or your own settings), with a first budget',
    load: () => import('./init.ts'),
  },
  {
    name: 'uninstall',
    group: 'Set up',
    summary: 'take Tollgate out again, byte for byte',
    load: () => import('./uninstall.ts'),
  },
  {
    name: 'config',
    group: 'Set up',
    summary: 'show the configuration in force, and where each value came from',
    load: () => import('./config.ts'),
  },
  {
    name: 'doctor',
    group: 'Set up',
    summary: 'what keeps the guard from working, and how to mend it',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'drill',
    group: 'Set up',
    summary: 'fire a halt through the installed hooks and show that the gate closes',
    load: () => import('./drill.ts'),
  },
  {
    name: 'completions',
    group: 'Set up',
    summary: 'print what completes commands and options in bash, zsh or fish',
    load: () => import('./completions.ts'),
  },
  {
    name: 'status',
    group: 'Money',
    summary: 'what sessions have spent, and how far their budgets still go',
    load: () => import('./status.ts'),
  },
  {
    name: 'watch',
    group: 'Money',
    summary: 'every running session, live; keys halt, resume and grant',
    load: () => import('./watch.ts'),
  },
  {
    name: 'report',
    group: 'Money',
    summary: 'what was spent: by day, branch, client, model, session and more',
    load: () => import('./report.ts'),
  },
  {
    name: 'why',
    group: 'Money',
    summary: 'what made a session expensive, and its cost on other models',
    load: () => import('./why.ts'),
  },
  {
    name: 'pr',
    group: 'Money',
    summary: 'what a branch has cost, as a note for its pull request',
    load: () => import('./pr.ts'),
  },
  {
    name: 'trailer',
    group: 'Money',
    summary: 'what was spent since the last commit, as a trailer for the next one',
    load: () => import('./trailer.ts'),
  },
  {
    name: 'label',
    group: 'Money',
    summary: 'reassign recorded cost; every change is audited',
    load: () => import('./label.ts'),
  },
  {
    name: 'price',
    group: 'Money',
    summary: 'what a usage costs on a model, term by term',
    load: () => import('./price.ts'),
  },
  {
    name: 'sync',
    group: 'Money',
    summary: 'read every transcript of this machine into the ledger, before Claude Code deletes it',
    load: () => import('./sync.ts'),
  },
  {
    name: 'reconcile',
    group: 'Money',
    summary: 'compare the ledger with the totals of Claude Code and of the provider',
    load: () => import('./reconcile.ts'),
  },
  {
    name: 'grant',
    group: 'Control',
    summary: 'raise the ceiling of a session, once, and say why',
    load: () => import('./grant.ts'),
  },
  {
    name: 'run',
    group: 'Control',
    summary: 'run a command; exit code 3 when a budget halted it',
    load: () => import('./run.ts'),
  },
  {
    name: 'replay',
    group: 'Money',
    summary: 'what other budgets would have stopped, over what was spent',
    load: () => import('./replay.ts'),
  },
  {
    name: 'alerts',
    group: 'Control',
    summary: 'what you were told of in time, and whether it arrives',
    load: () => import('./alerts.ts'),
  },
  {
    name: 'halt',
    group: 'Control',
    summary: 'stop a running session before its next request',
    load: () => import('./halt.ts'),
  },
  {
    name: 'resume',
    group: 'Control',
    summary: 'lift a halt that was given by hand',
    load: () => import('./resume.ts'),
  },
  {
    name: 'statusline',
    group: 'For the agent',
    summary: "one line for Claude Code's status bar",
    load: () => import('./statusline.ts'),
  },
  {
    name: 'mcp',
    group: 'For the agent',
    summary: 'the resident gate; Claude Code starts it by itself',
    load: () => import('./mcp.ts'),
  },
];
