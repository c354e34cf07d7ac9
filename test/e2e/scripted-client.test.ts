// A shell script in the client's place, as repros of problems are written: its events count, and none of its shells is taken for a nested client.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guard, hooksDir, readLedger } from '../support/guarded.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const EVENT = {
  session_id: 's1',
  prompt: 'go on',
  prompt_id: 'p1',
  hook_event_name: 'UserPromptSubmit',
};

test.skipIf(process.platform === 'win32')(
  'events of a script are believed, from a pipe and from a file',
  async () => {
    await guard(sandbox, { budgets: [{ id: 'session', soft: '1.00' }] });
    const event = JSON.stringify({
      ...EVENT,
      cwd: sandbox.repo,
      transcript_path: join(sandbox.root, 's1.jsonl'),
    });
    const hook = `CLAUDE_PID=$$ "${process.execPath}" "${join(hooksDir, 'user-prompt-submit.cjs')}"`;
    const script = `cat > e.json; cat e.json | ${hook} || exit 1; ${hook} < e.json`;
    const run = await sandbox.run('bash', ['-c', script], { stdin: event });
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(readLedger(sandbox).decisions.flatMap(({ codes }) => codes)).not.toContain(
      'EVENT_FORGED',
    );
  },
);
