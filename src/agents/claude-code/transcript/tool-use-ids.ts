// The tools that a session's responses asked for, wherever its transcripts say so. Rule: read whole, so only where something is missing.
import { readFileSync } from 'node:fs';
import { transcriptFiles } from '../paths.ts';
import { toolSteps } from './tool-steps.ts';

/** See `Agent.readToolUseIds`. */
export function readToolUseIds(mainPath: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { path } of transcriptFiles(mainPath)) {
    try {
      for (const step of toolSteps(readFileSync(path)).steps) {
        if (step.kind === 'call') found.add(step.useId);
      }
    } catch {
      // Told by whoever reads it for its usage.
    }
  }
  return found;
}
