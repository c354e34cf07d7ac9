// Commands that would run Claude Code without its hooks, or take the hooks out. Source: client 2.1.330, read 2026-11-21.
import type { RunCommand } from '../../agent.ts';

/** Options under which Claude Code runs without its hooks, or without a transcript. */
const UNGUARDED = /^--(bare|safe-mode|settings|setting-sources|no-session-persistence)(=|$)/;
/** Where Claude Code looks for its hooks, and Tollgate for its ledger. */
const STEERING: readonly string[] = [
  'HOME',
  'CLAUDE_CONFIG_DIR',
  'TOLLGATE_HOME',
  'XDG_STATE_HOME',
  'XDG_CONFIG_HOME',
  'CLAUDE_CODE_SIMPLE',
  'NODE_OPTIONS',
];
/** The client, by its own name or as its package's file or name. */
const CLIENT =
  /(^|\/)claude(-code)?(@[\w.-]+)?$|claude-code\/cli\.js$|^@anthropic-ai\/claude-code(@|$)/;

/** See `AgentTools.unguards`. */
export function unguards({ program, operands: given, assigned }: RunCommand): string | null {
  // `node …/cli.js` is the client, too.
  const operands =
    /^(node|bun)$/.test(program) && CLIENT.test(given[0] ?? '') ? given.slice(1) : given;
  if (operands === given && !CLIENT.test(program)) return null;
  const cause =
    operands.find((option) => UNGUARDED.test(option)) ??
    assigned.find((name) => STEERING.includes(name));
  if (cause !== undefined) return `claude without its hooks (${cause})`;
  const [first = '', second = ''] = operands;
  if (first === 'config' && /^(set|add|remove|rm)$/.test(second)) return 'claude config';
  if (first === 'mcp' && operands.some((word) => word.includes('tollgate'))) return 'claude mcp';
  if (first === 'plugin' && /^(disable|uninstall|remove)$/.test(second)) return 'claude plugin';
  return null;
}
