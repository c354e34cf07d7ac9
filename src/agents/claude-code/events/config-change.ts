// ConfigChange: a settings file has changed and Claude Code is about to go by it. What it sends, and how a change is refused.
// Source: client 2.1.330, seen 2026-11-28: `decision: "block"` or exit code 2 keeps the hooks of the running session.
import type { Reply } from '../../agent.ts';

/** A change of settings. */
export interface ConfigChange {
  readonly sessionId: string;
  readonly cwd: string;
  /** `user_settings`, `project_settings`, `local_settings`, `policy_settings`, `skills`; `null`: not said. */
  readonly source: string | null;
  /** The file that changed; `null`: not said. */
  readonly file: string | null;
}

/** Reads the event; what it does not say is `null`. Never throws. */
export function parseConfigChange(text: string): ConfigChange {
  let raw: Record<string, unknown> = {};
  try {
    raw = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    // All files are judged, whichever has changed.
  }
  const stringOf = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    sessionId: stringOf(raw.session_id) ?? 'unknown',
    cwd: stringOf(raw.cwd) ?? '.',
    source: stringOf(raw.source),
    file: stringOf(raw.file_path),
  };
}

/** Refuses the change, and tells the person. */
export function refuseConfigChange(reason: string): Reply {
  const stdout = JSON.stringify({ decision: 'block', reason, systemMessage: reason });
  return { stdout, stderr: reason, exitCode: 2 };
}
