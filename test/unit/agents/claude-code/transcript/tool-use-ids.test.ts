// The tools that a session's responses asked for, in all its transcripts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readToolUseIds } from '../../../../../src/agents/claude-code/transcript/tool-use-ids.ts';
import { response, result } from '../../../../support/transcript-lines.ts';

test("are those of the main transcript and its subagents', and no results", () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-ids-'));
  try {
    const main = join(folder, 's.jsonl');
    mkdirSync(join(folder, 's', 'subagents'), { recursive: true });
    const subagent = join(folder, 's', 'subagents', 'agent-1.jsonl');
    writeFileSync(subagent, response({ id: 'm2', tool: 'Grep' }));
    expect([...readToolUseIds(main)]).toEqual(['toolu_m2']);
    writeFileSync(main, response({ id: 'm1', tool: 'Bash' }) + result('t1', {}));
    expect([...readToolUseIds(main)]).toEqual(['toolu_m1', 'toolu_m2']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
