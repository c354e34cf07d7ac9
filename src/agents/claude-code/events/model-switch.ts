// PreModelSwitch: a person is about to change the session's model. What it sends, and how the person is asked. Source: client 2.1.330, seen 2026-11-28:
// it fires before `/model` takes effect, and of an answer the client shows only the reason of `ask`, in the dialog that it mostly opens anyway.
import type { Reply } from '../../agent.ts';

/** A switch that is about to be made. */
export interface ModelSwitch {
  readonly sessionId: string;
  readonly cwd: string;
  readonly fromModel: string;
  readonly toModel: string;
  /** What the next request sends, all of it new to the other model. */
  readonly contextTokens: number;
  readonly cacheLifetime: '5m' | '1h';
}

/** Reads the event; `null` where it does not name both models. Never throws. */
export function parseModelSwitch(text: string): ModelSwitch | null {
  let raw: Record<string, unknown> = {};
  try {
    raw = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return null;
  }
  const {
    session_id: session,
    from_model: fromModel,
    to_model: toModel,
    context_tokens: tokens,
  } = raw;
  if (typeof session !== 'string' || typeof fromModel !== 'string' || typeof toModel !== 'string') {
    return null;
  }
  return {
    ...{ sessionId: session, fromModel, toModel, cwd: typeof raw.cwd === 'string' ? raw.cwd : '.' },
    contextTokens: typeof tokens === 'number' && tokens > 0 ? tokens : 0,
    cacheLifetime: raw.cache_ttl === '1h' ? '1h' : '5m',
  };
}

/** The person is asked, with what it costs; `null`: nothing to say, and the client does as it would. */
export function askModelSwitch(text: string | null): Reply {
  const asked = { permissionDecision: 'ask', permissionDecisionReason: text };
  const hookSpecificOutput = { hookEventName: 'PreModelSwitch', ...asked };
  const stdout = text === null ? '' : JSON.stringify({ hookSpecificOutput });
  return { stdout, stderr: '', exitCode: 0 };
}
