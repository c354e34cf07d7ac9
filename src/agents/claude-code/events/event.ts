// What Claude Code sends a hook on stdin, read by hand: this runs before every tool call, and a schema
// library would cost more than the rest of the decision. Source: client 2.1.330, read 2026-11-21.
import { agentId, sessionId, turnId } from '../../../domain/ids.ts';
import { TollgateError } from '../../../errors.ts';
import type { AgentEvent, Moment } from '../../agent.ts';
import { MOMENTS } from '../event-names.ts';
import { callFactsOf } from './call-facts.ts';
import { foreignHostOf } from './foreign-host.ts';
import { newContentTokens } from './new-content.ts';

/** The client's own name of each moment. */
export const EVENT_NAMES: Readonly<Record<Moment, string>> = Object.fromEntries(
  Object.entries(MOMENTS).map(([name, moment]) => [moment, name]),
) as Record<Moment, string>;

/** Code of the error for an event of another program; its message names the program. */
export const FOREIGN_HOST = 'FOREIGN_HOST';

/** How a prompt begins that the client gave itself when a background task ended. */
const NOTIFICATION = '<task-notification>';

/** Whether a prompt is one that the client gave itself. */
export const isTaskNotification = (prompt: string): boolean =>
  prompt.trimStart().startsWith(NOTIFICATION);

/** Reads one hook event. Throws `TollgateError`: `FOREIGN_HOST` for another program's, `EVENT_UNREADABLE` for none that we know. */
export function parseEvent(text: string): AgentEvent {
  const raw = parseObject(text);
  const host = foreignHostOf(raw);
  if (host !== null) {
    throw new TollgateError({
      code: FOREIGN_HOST,
      message: host,
      hint: 'Tollgate counts Claude Code only',
    });
  }
  const name = stringOf(raw.hook_event_name);
  const moment = name === null ? undefined : MOMENTS[name];
  const session = stringOf(raw.session_id);
  if (!moment || session === null) {
    throw unreadable(
      moment ? 'it has no session_id' : `it is no event we know (${shownName(name)})`,
    );
  }
  const agent = stringOf(raw.agent_id);
  const turn = stringOf(raw.prompt_id);
  const prompt = stringOf(raw.prompt);
  return {
    moment,
    sessionId: sessionId(session),
    transcriptPath: stringOf(raw.transcript_path),
    cwd: stringOf(raw.cwd) ?? '.',
    // An empty id is what resident hooks get in the main loop.
    agentId: agent ? agentId(agent) : null,
    agentType: stringOf(raw.agent_type) || null,
    turnId: turn === null ? null : turnId(turn),
    tool:
      typeof raw.tool_name === 'string'
        ? {
            name: raw.tool_name,
            input: raw.tool_input ?? null,
            useId: stringOf(raw.tool_use_id) ?? '',
          }
        : null,
    toolUseIds: toolUseIdsOf(moment, raw),
    calls: callFactsOf(moment, raw),
    // Before a tool nothing is new yet, and the file that measures is not loaded.
    newTokens: moment === 'before-tool' ? null : newContentTokens(moment, raw, prompt),
    source: stringOf(raw.source) ?? stringOf(raw.reason) ?? stringOf(raw.trigger),
    prompt,
    isFromPerson: moment === 'prompt' && !isTaskNotification(prompt ?? ''),
    lastWords: stringOf(raw.last_assistant_message),
  };
}

function toolUseIdsOf(moment: Moment, raw: Record<string, unknown>): string[] {
  const calls: unknown[] =
    moment === 'after-tools' && Array.isArray(raw.tool_calls)
      ? raw.tool_calls
      : moment === 'after-tool'
        ? [raw]
        : [];
  return calls.flatMap((call) => {
    const id = stringOf((call as Record<string, unknown> | null)?.tool_use_id);
    return id === null ? [] : [id];
  });
}

function parseObject(text: string): Record<string, unknown> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // What the parser says repeats the text.
    throw unreadable('it is not JSON');
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw unreadable('it is not an object');
  }
  return raw as Record<string, unknown>;
}

const stringOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A name as far as it looks like one of an event: anything else may be what nobody should read in a log. */
const shownName = (name: string | null): string =>
  name === null ? 'no name' : /^[A-Za-z]{1,40}$/.test(name) ? name : 'its name is none';

function unreadable(why: string): TollgateError {
  return new TollgateError({
    code: 'EVENT_UNREADABLE',
    message: `the agent's event cannot be read: ${why}`,
    hint: 'run tollgate init again after updating Tollgate; if it stays, report the client version',
  });
}
