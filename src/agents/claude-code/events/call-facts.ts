// The calls of tools that an event tells of, as circuit breakers know them. Loaded after tools only. Source: client 2.1.330, seen 2026-11-28: an
// event gives each result as the model gets it, and does not say whether it is an error; its text does.
import type { CallFact } from '../../../breakers/breaker.ts';
import type { Moment } from '../../agent.ts';
import { type Fields, fieldsOf } from '../fields.ts';
import { resultText, toCallFact } from '../tools/call-facts.ts';

/** How the result of a call that failed begins. */
const FAILED =
  /^(Exit code [1-9]|<tool_use_error>|Error\b|File does not exist|Command timed out|API Error|MCP error|Permission to use|The user doesn't want|PreToolUse:\S+ hook|Hook PreToolUse)/;

/** The calls, in order; none at other moments. */
export function callFactsOf(moment: Moment, raw: Fields): readonly CallFact[] {
  if (moment === 'after-tools' && Array.isArray(raw.tool_calls)) {
    return raw.tool_calls.flatMap((call) => factOf(fieldsOf(call)));
  }
  return moment === 'after-tool' ? factOf(raw) : [];
}

function factOf(call: Fields): CallFact[] {
  if (typeof call.tool_name !== 'string') return [];
  const result = resultText(call.tool_response);
  return [toCallFact(call.tool_name, call.tool_input, result, FAILED.test(result))];
}
