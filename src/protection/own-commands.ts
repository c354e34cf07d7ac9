// Commands that only people may give, and those that would run the agent without the guard or end what guards.
import type { AgentTools } from '../agents/agent.ts';
import type { PlainCommand } from './wrappers.ts';

const FOR_PEOPLE: readonly string[] = ['grant', 'resume', 'uninstall', 'init', 'accept'];
/** Of `tollgate team`, what changes nothing. */
const TEAM_READS: readonly string[] = ['status', 'sync', ''];
const PROGRAM = /(^|\/)tollgate(@[\w.-]+)?$|(^|\/)dist\/cli\/main\.js$/;
const PACKAGE_MANAGER = /^(npm|pnpm|yarn|bun)$/;
/** Programs that type into another terminal, as a person would. */
const TYPES = /^(tmux|screen|zellij|kitty|wezterm|xdotool|ydotool|wtype|dotool|osascript)$/;
const TYPED = /\btollgate(?:\s+\S+)*?\s+(grant|resume|uninstall|init|accept)\b/;
/** Names under which our processes run. */
const PROCESSES = /tollgate|dist\/hooks|(pre|post)-tool-(use|batch)|user-prompt-submit|watchdog/;

/** The first of such commands, in words; `null`: none. `exported`: variables that commands before it set for good. */
export function ownCommand(commands: readonly PlainCommand[], tools: AgentTools): string | null {
  const exported = commands.flatMap(({ program, operands, assigned }) =>
    program === 'export' || program === '' ? [...operands, ...assigned] : [],
  );
  for (const command of commands) {
    const found = forbidden(command) ?? unguarding(command, exported, tools);
    if (found !== null) return found;
  }
  return null;
}

function forbidden({ program, programPath, operands }: PlainCommand): string | null {
  const at = operands.findIndex((word) => PROGRAM.test(word));
  const args = PROGRAM.test(programPath)
    ? operands
    : at >= 0 && /^(node|bun|deno)$/.test(program)
      ? operands.slice(at + 1)
      : [];
  const [verb = '', action = ''] = args.filter((word) => !word.startsWith('-'));
  const isHarmless = operands.includes('--dry-run') || operands.includes('--help');
  if (FOR_PEOPLE.includes(verb) && !isHarmless) return `tollgate ${verb}`;
  if (verb === 'team' && !TEAM_READS.includes(action) && !isHarmless) {
    return `tollgate team ${action}`;
  }
  const typed = TYPES.test(program) ? TYPED.exec(operands.join(' '))?.[1] : undefined;
  if (typed !== undefined) return `tollgate ${typed}`;
  const removes = /^(uninstall|remove|rm|un|unlink|r)$/.test(operands[0] ?? '');
  const ours = operands.find((word) => /^(tollgate|better-sqlite3)(@|$)/.test(word));
  const isOurs =
    ours?.startsWith('tollgate') ||
    (ours !== undefined && operands.some((word) => /^(-g|--global)$/.test(word)));
  if (PACKAGE_MANAGER.test(program) && removes && isOurs)
    return `${program} ${operands[0]} ${ours}`;
  if (
    /^(pkill|killall|kill|pgrep)$/.test(program) &&
    program !== 'pgrep' &&
    operands.some((word) => PROCESSES.test(word))
  ) {
    return `${program} of tollgate`;
  }
  return null;
}

function unguarding(
  { program, operands, assigned }: PlainCommand,
  exported: readonly string[],
  tools: AgentTools,
): string | null {
  return tools.unguards({
    program,
    operands,
    assigned: [...exported, ...assigned].map((each) => each.replace(/=.*/s, '')),
  });
}
