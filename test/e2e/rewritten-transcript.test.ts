// A transcript that is changed where it had been read, with size, beginning and end as before: the built hooks see it at the turn's end.
import { appendFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { guard, readLedger } from '../support/guarded.ts';
import { runHook } from '../support/hook-process.ts';
import { createSandbox } from '../support/sandbox.ts';
import { prompt, response } from '../support/transcript-lines.ts';

test('it is read anew, nothing is taken back, and it is told once', async () => {
  const sandbox = await createSandbox();
  try {
    await guard(sandbox, { budgets: [{ id: 'session', hard: '9.00' }] });
    const folder = join(sandbox.home, '.claude', 'projects', 'shop');
    mkdirSync(folder, { recursive: true });
    const transcript_path = join(folder, 's1.jsonl');
    const event = { session_id: 's1', transcript_path, prompt_id: 'p1' };
    const answer = (id: string) => response({ id, session: 's1', output: 20_000 });
    const spent = () => readLedger(sandbox).sessions[0]?.costNanoUsd ?? 0;
    const turnEnds = async () =>
      (await runHook(sandbox, 'Stop', event)).output?.systemMessage ?? '';

    writeFileSync(transcript_path, prompt('t1') + answer('m1') + answer('m2') + answer('m3'));
    expect(await turnEnds()).not.toContain('changed');
    appendFileSync(transcript_path, answer('m4'));
    expect(await turnEnds()).not.toContain('changed');
    const before = spent();
    const text = readFileSync(transcript_path, 'utf8');
    writeFileSync(transcript_path, text.replace('"output_tokens":20000', '"output_tokens":10000'));
    utimesSync(transcript_path, 1, 1);
    expect(await turnEnds()).toContain('changed where it had been read');
    expect(spent()).toBe(before);
    expect(readLedger(sandbox).decisions.flatMap(({ codes }) => codes)).toContain(
      'TRANSCRIPT_REWRITTEN',
    );
    expect(await turnEnds()).not.toContain('changed');

    // A request that was never counted, in the place of one that was.
    const other = readFileSync(transcript_path, 'utf8')
      .replaceAll('"m2"', '"n2"')
      .replaceAll('m2', 'n2');
    writeFileSync(transcript_path, other);
    expect(await turnEnds()).toContain('changed where it had been read');
    expect(spent()).toBe(before + before / 4);
  } finally {
    await sandbox.cleanup();
  }
});
