// Fires a halt through the installed hooks: a session of its own that has spent more than its ceiling, and every gate of
// it asked once. Rule: the person's ledger, configuration and sessions are not touched.
// The answers that stop Claude Code: client 2.1.330, seen 2026-11-21.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InspectedHook } from './inspect-settings.ts';
import { type HookRun, openRehearsal, type RehearsalPlace } from './rehearse.ts';

/** What a gate answered. */
export interface DrilledHook {
  readonly scope: InspectedHook['scope'];
  readonly event: string;
  readonly closes: boolean;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Drill {
  readonly hooks: readonly DrilledHook[];
  /** Gates that a resident server answers; a process cannot be fired for them. */
  readonly residentEvents: readonly string[];
  /** Gates at which nothing closed: the session would go on. */
  readonly openEvents: readonly string[];
}

/** The gates that a session over its ceiling has to find closed; the last two are the same gate. */
const GATES = [['UserPromptSubmit'], ['PreToolUse'], ['PostToolBatch', 'PostToolUse']] as const;
const CEILING_USD = '0.01';

/** Asks every gate in force, as the settings have it. */
export async function drill(
  hooksInForce: readonly InspectedHook[],
  place: RehearsalPlace,
): Promise<Drill> {
  const gates = hooksInForce.filter(({ isGate }) => isGate);
  const session = openRehearsal(place);
  try {
    spendTooMuch(session.transcriptPath);
    setCeiling(join(session.folder, 'config', 'tollgate'));
    const hooks: DrilledHook[] = [];
    for (const { scope, event, hook } of gates) {
      if (hook.type !== 'command') continue;
      const run = await session.run(event, hook);
      const { exitCode, stdout } = run;
      const stderr = run.failure ?? run.stderr;
      hooks.push({ scope, event, closes: isClosed(event, run), exitCode, stdout, stderr });
    }
    const resident = gates.filter(({ isResident }) => isResident).map(({ event }) => event);
    const closed = hooks.filter(({ closes }) => closes).map(({ event }) => event);
    const openEvents = GATES.filter(
      (names) => !names.some((name) => closed.includes(name) || resident.includes(name)),
    ).map(([name]) => name);
    return { hooks, residentEvents: [...new Set(resident)], openEvents };
  } finally {
    session.remove();
  }
}

/** One response that costs some dollars, with the tool call that the sample events are about. */
function spendTooMuch(transcriptPath: string): void {
  const line = {
    type: 'assistant',
    sessionId: 'rehearsal',
    requestId: 'rehearsal',
    timestamp: new Date().toISOString(),
    cwd: '/',
    message: {
      id: 'rehearsal',
      model: 'claude-opus-4-7',
      role: 'assistant',
      stop_reason: 'tool_use',
      usage: { input_tokens: 100_000, output_tokens: 100_000 },
      content: [{ type: 'tool_use', id: 'rehearsal', name: 'Read', input: {} }],
    },
  };
  writeFileSync(transcriptPath, `${JSON.stringify(line)}\n`);
}

function setCeiling(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const budgets = [{ id: 'drill', hard: CEILING_USD }];
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ budgets }));
}

/** Whether Claude Code stops on this answer. */
function isClosed(event: string, { exitCode, stdout }: HookRun): boolean {
  const answer = parsed(stdout);
  if (event === 'UserPromptSubmit') return answer.decision === 'block' || exitCode === 2;
  if (event === 'PreToolUse') return answer.continue === false && exitCode === 2;
  return answer.continue === false;
}

function parsed(text: string): { readonly continue?: unknown; readonly decision?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
