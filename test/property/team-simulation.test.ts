// Machines of a team and a real server, with a network between them that loses, repeats and delays, machines that are killed, copied, revoked or lose their
// ledger, clocks that are wrong, and managers who change their mind. What must hold at every step is said in test/support/team-simulation/truth.ts. A thousand: npm run simulate -- 1000.
import { expect, test } from 'vitest';
import { runs } from '../support/runs.ts';
import { simulate } from '../support/team-simulation/simulate.ts';

test('no dollar is handed out twice, every entry counts once, and nobody is shut out', async () => {
  const { failures, questionCount } = await simulate(1, runs(100));
  expect(failures).toEqual([]);
  expect(questionCount).toBeGreaterThan(runs(100) * 20);
});
