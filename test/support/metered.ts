// One judge for all tests of metering: the ledger against the client's own total and against what was really served.
import { expect } from 'vitest';
import { type ClaudeRun, type RunClaudeOptions, runClaudeOk } from './claude.ts';
import { type GuardOptions, guard, type LedgerView, readLedger } from './guarded.ts';
import { type MessagesApiStub, type Script, startMessagesApiStub } from './messages-api-stub.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

/** A guarded world with a model to talk to. */
export interface MeteredSandbox {
  readonly sandbox: Sandbox;
  readonly stub: MessagesApiStub;
  /** Runs one prompt to its end; the model is `claude-opus-4-7` unless said otherwise. */
  run(options?: Partial<RunClaudeOptions>): ReturnType<typeof runClaudeOk>;
  close(): Promise<void>;
}

/** Makes a world with Tollgate in front of its client. Call `close` when done. */
export async function openMeteredSandbox(
  script: Script,
  options: GuardOptions = {},
): Promise<MeteredSandbox> {
  const sandbox = await createSandbox();
  const stub = await startMessagesApiStub(script);
  await guard(sandbox, options);
  return {
    sandbox,
    stub,
    run: (given = {}) =>
      runClaudeOk({ home: sandbox.home, cwd: sandbox.repo, stub, prompt: 'go', ...given }),
    async close() {
      await stub.close();
      await sandbox.cleanup();
    },
  };
}

/** What the ledger must agree with. */
export interface Expected {
  readonly sessionId: string;
  /** The client's own total, in dollars. */
  readonly totalUsd: number;
}

const MICRO_USD = 1_000;

/**
 * Holds the ledger against the client's totals (to the micro-dollar) and the stub's books (every message that shows in
 * a transcript exactly once), and returns it.
 */
export function expectMetered(
  { sandbox, stub }: Pick<MeteredSandbox, 'sandbox' | 'stub'>,
  ...expected: readonly Expected[]
): LedgerView {
  const ledger = readLedger(sandbox);
  for (const { sessionId, totalUsd } of expected) {
    const session = ledger.sessions.find((each) => each.sessionId === sessionId);
    if (!session) throw new Error(`the ledger does not know session ${sessionId}`);
    const { costNanoUsd, inheritedNanoUsd, rollupNanoUsd } = session;
    const offNanoUsd = Math.abs(costNanoUsd + inheritedNanoUsd - totalUsd * 1e9);
    expect(offNanoUsd, `${JSON.stringify(session)} against ${totalUsd}`).toBeLessThanOrEqual(
      MICRO_USD,
    );
    expect(rollupNanoUsd).toBe(costNanoUsd);
  }
  const shown = stub.served.filter(({ kind }) => kind !== 'side').map((each) => each.messageId);
  const recorded = ledger.entries.filter(({ kind }) => kind === 'usage');
  expect(recorded.map(({ entryId }) => entryId).sort()).toEqual([...shown].sort());
  expect(ledger.sessions.reduce((sum, each) => sum + each.requestCount, 0)).toBe(shown.length);
  return ledger;
}

/** The client's account of a run, as `expectMetered` wants it. */
export function totalOf({ result }: Pick<ClaudeRun, 'result'>): Expected {
  if (result === null) throw new Error('the run has no result');
  return { sessionId: result.session_id, totalUsd: result.total_cost_usd };
}
