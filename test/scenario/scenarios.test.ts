// Every scenario in this folder, line by line, over the real gate and a real ledger.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSandbox } from '../support/sandbox.ts';
import { ScenarioHarness } from './harness.ts';
import { expectedOf, runStep } from './run-steps.ts';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));

/** A file holds several scenarios, each under a `# title`. */
function scenariosIn(file: string): { title: string; lines: { text: string; at: number }[] }[] {
  const found: { title: string; lines: { text: string; at: number }[] }[] = [];
  const texts = readFileSync(join(import.meta.dirname, file), 'utf8').split('\n');
  for (const [index, raw] of texts.entries()) {
    const text = raw.trim();
    if (text.startsWith('# ')) found.push({ title: text.slice(2), lines: [] });
    else if (text !== '' && !text.startsWith('//')) {
      found.at(-1)?.lines.push({ text, at: index + 1 });
    }
  }
  return found;
}

for (const file of files) {
  for (const { title, lines } of scenariosIn(file)) {
    test(`${file}: ${title}`, async () => {
      const sandbox = await createSandbox();
      const harness = new ScenarioHarness(sandbox);
      try {
        for (const { text, at } of lines) {
          const outcome = runStep(text, harness);
          const expected = expectedOf(text);
          if (expected !== null) expect(outcome, `${file}:${at}: ${text}`).toBe(expected);
        }
      } finally {
        harness.close();
        await sandbox.cleanup();
      }
    });
  }
}
