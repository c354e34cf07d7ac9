// Whatever clients, terms, zones and corrections there are: statements, report and ledger add up to the nano-dollar. A thousand worlds: TOLLGATE_RUNS=25.
import { expect, test } from 'vitest';
import { runs } from '../support/runs.ts';
import { checkWorld } from '../support/statement-world.ts';

test('all statements are the ledger, before and after it was corrected', {
  timeout: 120_000,
}, async () => {
  const count = runs(40);
  for (let seed = 1; seed <= count; seed += 1) {
    await expect(checkWorld(seed), `seed ${seed}`).resolves.toBeUndefined();
  }
});
