// What reports say of trees that meters get wrong, against a book kept apart from the product: to the nano-dollar, in
// every way to divide that other meters have.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTranscripts } from '../bench/transcripts.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { tollgateOk } from '../support/tollgate.ts';
import { type BookedRequest, GROUPINGS, totalsBy } from '../support/usage-book.ts';
import { TREES } from '../support/usage-trees.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

async function expectTruth(book: readonly BookedRequest[], config: string): Promise<void> {
  const env = { CLAUDE_CONFIG_DIR: config };
  await tollgateOk(sandbox, ['sync', '--quiet'], env);
  for (const timeZone of ['UTC', 'America/New_York']) {
    for (const grouping of GROUPINGS) {
      const words = ['report', '--by', grouping, '--timezone', timeZone, '--json'];
      const { rows } = JSON.parse(await tollgateOk(sandbox, words, env)) as {
        rows: { key: Record<string, string>; costNanoUsd: number }[];
      };
      const said = Object.fromEntries(rows.map((row) => [row.key[grouping], row.costNanoUsd]));
      expect(said, `${grouping} in ${timeZone}`).toEqual(totalsBy(grouping, book, timeZone));
    }
  }
}

test.each(Object.keys(TREES))('%s', async (name) => {
  const config = join(sandbox.root, 'tree');
  await expectTruth(TREES[name]?.(config) ?? [], config);
});

test('dense', async () => {
  const book: BookedRequest[] = [];
  const config = join(sandbox.root, 'tree');
  writeTranscripts(config, { fileCount: 8, messagesPerFile: 60, textBytes: 200 }, (request) =>
    book.push(request),
  );
  await expectTruth(book, config);
});
