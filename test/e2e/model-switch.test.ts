// A change of the model in the real client's terminal: the person is asked, with what it costs, before anything is switched.
import { afterEach, expect, test } from 'vitest';
import { type ClaudeTty, openClaudeTty } from '../support/claude-tty.ts';
import { guard } from '../support/guarded.ts';
import { type MessagesApiStub, startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { plainAnswer } from '../support/scenarios.ts';

let sandbox: Sandbox;
let stub: MessagesApiStub;
let tty: ClaudeTty;

afterEach(async () => {
  await tty.close();
  await stub.close();
  await sandbox.cleanup();
});

test('/model says what the cache costs anew, and a turn afterwards', async () => {
  sandbox = await createSandbox();
  stub = await startMessagesApiStub(plainAnswer());
  await guard(sandbox, { budgets: [{ id: 'session', hard: '5.00' }] });
  const extraEnv = { TOLLGATE_HOME: sandbox.tollgateHome };
  tty = await openClaudeTty({ home: sandbox.home, cwd: sandbox.repo, stub, extraEnv });
  await tty.submit('hello');
  await tty.waitFor(/Stop says|\$0\.0\d+ of \$5\.00/);
  const served = stub.served.length;
  await tty.submit('/model haiku');
  await tty.waitFor(/the cache is written anew for \$0\.0/);
  expect(tty.screen()).toMatch(/a turn then costs \$0\.0\d+ instead of \$0\.0\d+\./);
  expect(stub.served.length).toBe(served);
});
