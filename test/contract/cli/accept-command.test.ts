// `tollgate accept`: a limit that was loosened while a session ran waits; what waits is shown, and counts once a person says so.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../support/in-process-cli.ts';
import type { Sandbox } from '../../support/sandbox.ts';
import { fireHook, openShop, WORKING } from '../../support/shop.ts';
import { writeTranscript } from '../../support/transcript.ts';

let shop: Sandbox;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.cleanup());

const accept = (...words: string[]) =>
  runCli(shop, ['accept', ...words], { now: Date.now(), columns: 200 });
/** The day's ceiling in the repository's file. */
const write = (hard: string) => {
  mkdirSync(join(shop.repo, '.claude'), { recursive: true });
  const budgets = [{ id: 'day', period: 'day', hard }];
  writeFileSync(
    join(shop.repo, '.claude/tollgate.json'),
    JSON.stringify({ budgets, timeZone: 'UTC' }),
  );
};
/** A session that runs now, bound by what the files say. */
const runSession = () => {
  const { path } = writeTranscript(shop, WORKING);
  fireHook(shop, 'UserPromptSubmit', { path, sessionId: WORKING }, Date.now(), { prompt: 'go' });
};

test('where nothing waits, that is said', async () => {
  expect(await accept()).toMatchObject({
    ...{ exitCode: 0, stdout: 'Nothing waits: what the files say is in force.\n' },
  });
  expect(JSON.parse((await accept('--json')).stdout)).toEqual({
    ...{ schema: 'tollgate/accept@1', isAccepted: false, differences: [] },
  });
});

test('a limit that was loosened meanwhile is shown, asked about, and counts when it is accepted', async () => {
  write('20.00');
  runSession();
  // As each hook of the session does: what the files say now is what counts.
  await accept();
  write('500.00');
  runSession();
  const waits =
    /^Waits to be accepted:\n {2}budgets\.day\.hard: \$20\.00 in force, \$500\.00 asked \(.*\)\n$/;
  expect((await accept('--dry-run')).stdout).toMatch(waits);
  const difference = { setting: 'budgets.day.hard', inForce: '$20.00', asked: '$500.00' };
  expect(JSON.parse((await accept('--dry-run', '--json')).stdout)).toMatchObject({
    ...{ isAccepted: false, differences: [difference] },
  });
  const asked = await accept();
  expect(asked).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(waits) });
  expect(asked.stderr).toContain('hint: add --yes to agree');
  expect(JSON.parse((await accept('--yes', '--json')).stdout)).toMatchObject({
    ...{ isAccepted: true, differences: [difference] },
  });
  expect((await accept()).stdout).toContain('Nothing waits');
  write('600.00');
  runSession();
  expect((await accept('--yes')).stdout).toMatch(/\nAccepted: it counts from now on\.\n$/);
});
