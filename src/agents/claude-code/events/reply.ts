// How an answer is said so that Claude Code obeys it. Rule: a halt is printed as JSON and by exit code 2,
// since the client lets a call through when the output is cut short and the code is 0.
// Source: client 2.1.330, observed 2026-11-21.
import type { Answer, Moment, Reply } from '../../agent.ts';
import { EVENT_NAMES } from './event.ts';

const BLOCK = 2;

/** Moments at which the client ignores any attempt to stop it. */
const NOT_STOPPABLE: ReadonlySet<Moment> = new Set<Moment>([
  'session-start',
  'session-end',
  'subagent-start',
  'subagent-end',
]);

/** Moments at which the client hands `additionalContext` to the model. */
const SPEAKS_TO_MODEL: ReadonlySet<Moment> = new Set<Moment>([
  'session-start',
  'prompt',
  'before-tool',
  'after-tool',
  'after-tools',
  'subagent-start',
]);

export function formatReply(moment: Moment, answer: Answer): Reply {
  const { kind } = answer.verdict;
  const output: Record<string, unknown> = {};
  const specific: Record<string, unknown> = {};
  const isStoppable = moment === 'turn-end' ? isLoop(answer) : !NOT_STOPPABLE.has(moment);
  const stops = (kind === 'halt' || kind === 'deny') && isStoppable;
  const { reason, forPerson } = saidOnce(answer, stops, moment);

  if (forPerson !== null) output.systemMessage = forPerson;
  if (answer.forModel !== null && SPEAKS_TO_MODEL.has(moment)) {
    specific.additionalContext = answer.forModel;
  }
  if (stops && kind === 'halt') {
    // The client heeds `decision` before a compaction or a prompt, and `continue` elsewhere.
    if (moment === 'prompt' || moment === 'before-compaction') {
      output.decision = 'block';
      output.reason = reason;
    } else {
      output.continue = false;
      output.stopReason = reason;
    }
  }
  // A prompt that was answered instead of sent: nothing of it is left to send again.
  if (stops && kind === 'deny' && moment === 'prompt') {
    output.decision = 'block';
    output.reason = reason;
    specific.suppressOriginalPrompt = true;
  }
  // Stopping alone still runs the tool that was asked for; it takes a refusal as well.
  if (stops && moment === 'before-tool') {
    specific.permissionDecision = 'deny';
    specific.permissionDecisionReason = kind === 'halt' ? HALTED : reason;
  }
  if (!stops && moment === 'before-tool') {
    if (answer.updatedInput !== undefined) specific.updatedInput = answer.updatedInput;
    if (answer.asks !== undefined) {
      specific.permissionDecision = 'ask';
      specific.permissionDecisionReason = answer.asks;
    }
  }
  if (Object.keys(specific).length > 0) {
    output.hookSpecificOutput = { hookEventName: EVENT_NAMES[moment], ...specific };
  }
  return {
    stdout: Object.keys(output).length > 0 ? JSON.stringify(output) : '',
    stderr: stops ? (answer.reason ?? '') : '',
    // After a turn the code would send the agent on; `continue` ends even what another hook sends on (seen 2026-11-28).
    exitCode: stops && moment !== 'turn-end' ? BLOCK : 0,
  };
}

/** A turn that is over needs no stopping, unless another hook sends it on again and again. */
const isLoop = ({ verdict }: Answer): boolean =>
  verdict.breaches.some(({ code }) => code === 'BREAKER_TRIPPED');

const HALTED = 'Tollgate halted this session.';

/**
 * The client shows both the message and the reason of what it stops, so each is said in one of them: where a prompt or a
 * compaction is refused in the reason, which print mode shows, too; elsewhere in the message.
 */
function saidOnce(
  { verdict, reason, forPerson }: Answer,
  stops: boolean,
  moment: Moment,
): { readonly reason: string; readonly forPerson: string | null } {
  const whole = reason ?? '';
  if (!stops || whole === '' || !forPerson?.startsWith(whole)) return { reason: whole, forPerson };
  if (moment === 'prompt' || moment === 'before-compaction') {
    return { reason: whole, forPerson: forPerson.slice(whole.length).trim() || null };
  }
  return { reason: verdict.kind === 'halt' ? HALTED : whole, forPerson };
}
