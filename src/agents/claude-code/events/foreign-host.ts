// Which other program sent an event: some hosts run the hooks of `.claude/settings.json` by their Claude
// compatibility, with payloads of their own. Rule: only what Claude Code never sends counts; no doubt makes a host foreign.
// Sources: herdrdev/herdr#2832 (Cursor's payload, 2026-08-17), entireio/cli#1262, github/app#1717; read 2026-11-28.

/** A host that is not Claude Code, as people call it. */
export type ForeignHost = 'Cursor' | 'VS Code or Copilot' | 'another program';

const CURSOR_FIELDS = ['cursor_version', 'conversation_id', 'generation_id', 'workspace_roots'];
/** Field names of VS Code and of the Copilot agents; Claude Code spells its own with underscores and sends no time. */
const COPILOT_FIELDS = ['timestamp', 'hookEventName', 'sessionId', 'toolName', 'transcriptPath'];

/** The sender of an event, by its fields; `null`: nothing speaks against Claude Code. */
export function foreignHostOf(raw: Readonly<Record<string, unknown>>): ForeignHost | null {
  const has = (name: string): boolean => Object.hasOwn(raw, name);
  if (CURSOR_FIELDS.some(has)) return 'Cursor';
  if (COPILOT_FIELDS.some(has)) return 'VS Code or Copilot';
  // `preToolUse`: Claude Code's names begin with a capital letter.
  const name = raw.hook_event_name;
  return typeof name === 'string' && /^[a-z]/.test(name) ? 'another program' : null;
}
