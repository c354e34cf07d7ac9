// How long the hook of a tool call takes on this machine, beside starting Node alone.
import type { InspectedHook } from './inspect-settings.ts';
import { openRehearsal, type RehearsalPlace } from './rehearse.ts';

/** Hook and bare Node are timed this often, in turn. */
const ROUNDS = 5;

/** Medians in milliseconds; `null` where no tool hook is a process that can be started. */
export async function timeToolHook(
  hooksInForce: readonly InspectedHook[],
  place: RehearsalPlace,
): Promise<{ readonly hookMs: number; readonly nodeMs: number } | null> {
  const found = hooksInForce.find(({ event, isResident }) => event === 'PreToolUse' && !isResident);
  if (found?.hook.type !== 'command' || found.missingFiles.length > 0) return null;
  const { hook } = found;
  const bare = { ...hook, command: process.execPath, args: ['-e', '0'] };
  const session = openRehearsal(place);
  try {
    const [hookMs, nodeMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      hookMs.push((await session.run('PreToolUse', hook)).ms);
      nodeMs.push((await session.run('PreToolUse', bare)).ms);
    }
    return { hookMs: median(hookMs), nodeMs: median(nodeMs) };
  } finally {
    session.remove();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
