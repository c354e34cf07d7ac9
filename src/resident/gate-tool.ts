// The tool that the client's own hooks call: an event in, what a command hook would print out. Rule: the same
// event, the same gate, the same answer, whichever way it came.
import type { Reply } from '../agents/agent.ts';
import { answerHook, type LedgerUse } from '../hooks/answer-event.ts';

/** Fields that the client gives as JSON text, because placeholders are texts. */
const JSON_FIELDS: readonly string[] = ['tool_input', 'tool_calls', 'tool_response'];

/** Answers one call. The arguments are an event's fields as texts; those that have no value are empty. */
export function callGate(
  fields: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  ledger: LedgerUse,
): Reply {
  const name = fields.hook_event_name;
  return answerHook(typeof name === 'string' ? name : '', eventText(fields), env, ledger);
}

/** The event as a command hook would have read it. */
function eventText(fields: Readonly<Record<string, unknown>>): string {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    // An agent's prompt can be empty, and nothing else; a placeholder that an older client leaves is no value.
    if (typeof value !== 'string' || value === '' || value === `\${${name}}`) continue;
    event[name] = JSON_FIELDS.includes(name) ? parsed(value) : value;
  }
  return JSON.stringify(event);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the result of a tool may be plain text
  }
}
