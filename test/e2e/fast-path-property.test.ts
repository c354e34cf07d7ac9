// With leases or without, whatever a session does, the same is answered and the same is in the ledger. Real hook processes, two
// ledgers; beside one of them every lease is removed before it can be used.
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type BudgetInput, configure } from '../support/guarded.ts';
import { type HookAnswer, runHook } from '../support/hook-process.ts';
import { dumpLedger } from '../support/ledger-dump.ts';
import { runs } from '../support/runs.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';
import { type WrittenTranscript, writeTranscript } from '../support/transcript.ts';

type Step =
  | {
      readonly kind: 'respond';
      readonly outputTokens: number;
      readonly model: string;
      readonly isSplit: boolean;
      readonly isOfAgent: boolean;
    }
  | { readonly kind: 'tool'; readonly tool: keyof typeof TOOLS; readonly isLate: boolean }
  | { readonly kind: 'batch' | 'prompt' | 'end' }
  | { readonly kind: 'other'; readonly outputTokens: number };

/** Reading and writing ones, harmless ones and others, and one that starts a subagent. */
const TOOLS = {
  read: { name: 'Read', input: { file_path: 'README.md' } },
  echo: { name: 'Bash', input: { command: 'echo hello' } },
  build: { name: 'Bash', input: { command: 'cd src && npm run build > log.txt 2>&1; ls' } },
  edit: { name: 'Edit', input: { file_path: 'src/a.ts', old_string: 'a', new_string: 'b' } },
  raise: { name: 'Bash', input: { command: 'tollgate grant session 5.00' } },
  loosen: { name: 'Write', input: { file_path: '.claude/tollgate.json', content: '{}' } },
  forge: { name: 'SendMessage', input: { to: 'x', message: '/budget raise 5' } },
  agent: { name: 'Agent', input: { subagent_type: 'Explore', prompt: 'look' } },
};

const MODELS = [...Array(9).fill('claude-opus-4-7'), 'claude-haiku-4-5'] as const;
const BUDGETS: readonly (readonly BudgetInput[])[] = [
  [],
  [{ id: 'session', period: 'session', soft: '8.00', hard: '60.00' }],
  [{ id: 'session', period: 'session', hard: '14.00' }],
  [
    { id: 'turn', period: 'turn', soft: '2.00', mode: 'warn' },
    { id: 'day', period: 'day', soft: '20.00', hard: '80.00' },
  ],
  [
    { id: 'haiku', period: 'session', scope: { model: 'claude-haiku-*' }, hard: '30.00' },
    { id: 'hours', period: { rolling: '5h' }, soft: '5.00', hard: '50.00' },
  ],
];

const outputTokens = fc.integer({ min: 20, max: 40_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('respond' as const),
      outputTokens,
      model: fc.constantFrom<string>(...MODELS),
      isSplit: fc.boolean(),
      isOfAgent: fc.nat(30).map((n) => n === 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('tool' as const),
      tool: fc.constantFrom(...(Object.keys(TOOLS) as (keyof typeof TOOLS)[])),
      isLate: fc.nat(4).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'batch' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'prompt' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('other' as const), outputTokens }) },
);
const scene = fc.record({
  budgets: fc.constantFrom(...BUDGETS),
  steps: fc.array(step, { minLength: 10, maxLength: 18 }),
});

let fastCount = 0;
let toolCalls = 0;
afterAll(() => {
  console.log(`the fast path answered ${fastCount} of ${toolCalls} tool calls`);
});

/** The part of an answer that the host acts on; its text holds times of day. */
const heeded = ({ exitCode, output }: HookAnswer) => ({
  exitCode,
  continue: output?.continue,
  decision: output?.decision,
  permission: output?.hookSpecificOutput?.permissionDecision,
  hasSystemMessage: output?.systemMessage !== undefined,
  hasContext: output?.hookSpecificOutput?.additionalContext !== undefined,
});

/** A session's events, each sent to both ledgers. */
function player(sandbox: Sandbox, transcript: WrittenTranscript) {
  const homes = ['with', 'without'].map((name) => join(sandbox.root, `tollgate-${name}`));
  const leases = homes.map((home) => join(home, 'leases'));
  const leaseOf = (index: number) => join(leases[index] ?? '', `${transcript.sessionId}.json`);
  const agent = transcript.agent('a1');
  let serial = 0;
  let turn = 'turn-0';
  let latest = 'none';
  const lookOf = (file: string) => (existsSync(file) ? statSync(file).mtimeMs : null);
  const send = async (name: string, fields: object, of = transcript) => {
    const prompt_id = of === transcript ? turn : 'other';
    const ids = { session_id: of.sessionId, transcript_path: of.path, prompt_id };
    rmSync(leases[1] ?? '', { recursive: true, force: true });
    // At once: what is held expires by itself, and what waits waits for the same.
    const answers = await Promise.all(
      homes.map(async (home) =>
        heeded(await runHook(sandbox, name, { ...ids, ...fields }, { TOLLGATE_HOME: home })),
      ),
    );
    expect(answers[0], name).toEqual(answers[1]);
  };
  const other = writeTranscript(sandbox, 'bbbbbbbb-0000-4000-8000-000000000002');

  const play = async (each: Step): Promise<void> => {
    serial += 1;
    const id = `msg_${serial}`;
    switch (each.kind) {
      case 'respond': {
        const usage = {
          ...{ input_tokens: 2_000, cache_read_input_tokens: 20_000 },
          output_tokens: each.outputTokens,
        };
        const base = { id, usage, model: each.model };
        const writer = each.isOfAgent ? agent : transcript;
        if (each.isSplit) writer.respond({ ...base, text: 'I look.' });
        latest = `toolu_${serial}`;
        writer.respond({ ...base, tools: [{ id: latest, ...TOOLS.echo }] });
        return;
      }
      case 'tool': {
        const { name, input } = TOOLS[each.tool];
        const tool_use_id = each.isLate ? `toolu_late_${serial}` : latest;
        const before = lookOf(leaseOf(0));
        await send('PreToolUse', { tool_name: name, tool_input: input, tool_use_id });
        toolCalls += 1;
        // A decision leaves another lease, or none; refusals of protected files leave it as it is.
        const isHarmless = ['read', 'echo', 'build', 'edit'].includes(each.tool);
        if (isHarmless && before !== null && lookOf(leaseOf(0)) === before) fastCount += 1;
        return;
      }
      case 'batch': {
        const call = { tool_name: 'Bash', tool_input: {}, tool_response: 'x', tool_use_id: latest };
        return send('PostToolBatch', { tool_calls: [call] });
      }
      case 'prompt':
        turn = `turn-${serial}`;
        transcript.prompt(turn);
        return send('UserPromptSubmit', { prompt: 'go on' });
      case 'other':
        other.prompt('other');
        other.respond({ id, usage: { output_tokens: each.outputTokens } });
        return send('PostToolBatch', { tool_calls: [] }, other);
      case 'end':
        return send('Stop', {});
    }
  };
  return { homes, play };
}

/** Our own clock is in these; the two hooks of a step do not run in the same millisecond. */
const withoutClock = (lines: readonly string[] | undefined) =>
  lines
    ?.map((line) =>
      line
        .replace(
          /\["(last_seen|started|made|expires|halted|announced)_at_ms",\d+\]|\\?"(haltedAt|sinceAt)\\?":\d+/g,
          '',
        )
        .replace(/(breaker\|\w+\|[\w-]+\|)\d+/g, '$1'),
    )
    .sort();

test('property: with leases or without, the same answers and the same ledger', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ budgets, steps }) => {
      const sandbox = await createSandbox();
      try {
        await configure(sandbox, { budgets: [...budgets] });
        const transcript = writeTranscript(sandbox, 'aaaaaaaa-0000-4000-8000-000000000001');
        const { homes, play } = player(sandbox, transcript);
        const begin: Step[] = [
          { kind: 'prompt' },
          {
            kind: 'respond',
            outputTokens: 50,
            model: MODELS[0] ?? '',
            isSplit: true,
            isOfAgent: false,
          },
          { kind: 'tool', tool: 'echo', isLate: false },
        ];
        for (const each of [...begin, ...steps, { kind: 'end' } as const]) await play(each);
        const [a, b] = homes.map((home) => dumpLedger(join(home, 'ledger.db'), true));
        expect(Object.keys(a ?? {}).length).toBeGreaterThan(10);
        for (const table of Object.keys(a ?? {})) {
          expect(withoutClock(a?.[table]), table).toEqual(withoutClock(b?.[table]));
        }
      } finally {
        await sandbox.cleanup();
      }
    }),
    { numRuns: runs(10), endOnFailure: true },
  );
  expect(fastCount).toBeGreaterThan(0);
});
