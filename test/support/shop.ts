// A shop with a little of everything, the same at each run: sessions that work, are halted, were labelled; a clock that
// stands still. For tests of what commands print.
import { appendFileSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claudeCode } from '../../src/agents/claude-code/claude-code.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configSources } from '../../src/config/paths.ts';
import { sessionId } from '../../src/domain/ids.ts';
import { haltManually } from '../../src/gate/manual-halt.ts';
import { onEvent } from '../../src/gate/on-event.ts';
import { openLedger, wireEvents } from '../../src/wire.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { type WrittenTranscript, writeTranscript } from './transcript.ts';

/** When it is in the shop. */
export const SHOP_NOW = Date.parse('2026-11-21T12:00:00Z');
/** At work, with a subagent; it has a title. */
export const WORKING = 'a1b2c3d4-0001-4000-8000-000000000001';
/** Halted by the forecast. */
export const HALTED = 'b2c3d4e5-0002-4000-8000-000000000002';
/** Halted by hand. */
export const HALTED_BY_HAND = 'c3d4e5f6-0003-4000-8000-000000000003';
/** Begun, without a request. */
export const EMPTY = 'd4e5f6a7-0004-4000-8000-000000000004';

const MINUTE = 60_000;

/** Fires one hook of the host in this process. */
export function fireHook(
  sandbox: Sandbox,
  name: string,
  { path, sessionId: id }: Pick<WrittenTranscript, 'path' | 'sessionId'>,
  at: number,
  fields: Readonly<Record<string, unknown>> = {},
) {
  const env = sandbox.env();
  const { config } = loadConfig(configSources(sandbox.repo, env));
  const store = openLedger(sandbox.tollgateHome, sandbox.env());
  try {
    const event = claudeCode.parseEvent(
      JSON.stringify({
        ...{ hook_event_name: name, session_id: id, transcript_path: path },
        ...{ cwd: sandbox.repo, prompt_id: 'turn-1', ...fields },
      }),
    );
    const deps = wireEvents(store, config, env, sandbox.repo);
    // There is no host whose keyboard could be looked for.
    return onEvent(event, { ...deps, readPresence: () => ({ kind: 'person', where: '' }) }, at);
  } finally {
    store.close();
  }
}

/** Budgets of the shop: a session's and a day's. */
export async function configureShop(sandbox: Sandbox): Promise<void> {
  await mkdir(join(sandbox.repo, '.claude'), { recursive: true });
  const config = {
    handOffs: 'keep',
    budgets: [
      { id: 'session', scope: { per: 'session' }, soft: '4.00', hard: '5.00' },
      { id: 'day', period: 'day', soft: '15.00', hard: '20.00' },
    ],
    timeZone: 'UTC',
  };
  await writeFile(
    join(sandbox.repo, '.claude/tollgate.json'),
    `${JSON.stringify(config, null, 2)}\n`,
  );
}

/** A transcript of so many requests, `gap` apart, the last of them at `until`. */
function work(
  sandbox: Sandbox,
  id: string,
  requests: readonly number[],
  until: number,
): WrittenTranscript {
  const transcript = writeTranscript(sandbox, id);
  const startedAt = until - requests.length * MINUTE;
  transcript.prompt('turn-1', startedAt);
  for (const [index, outputTokens] of requests.entries()) {
    transcript.respond({
      id: `msg_${id.slice(0, 4)}_${index}`,
      usage: {
        ...{ input_tokens: 40, output_tokens: outputTokens },
        ...{ cache_read_input_tokens: 20_000 + 1_000 * index, cache_creation_input_tokens: 1_000 },
      },
      text: 'x'.repeat(outputTokens),
      at: startedAt + (index + 1) * MINUTE,
    });
  }
  return transcript;
}

/** A shop's folder as golden files name it. Each has as many letters, so that lines break alike on every machine. */
export const SHOP_ROOT = '/tmp/tollgate-world-000000';
const RANDOM_LETTERS = 6;

/** `/tmp` is `/private/tmp` where it is a link; the name is as much shorter. */
function shopPrefix(): string {
  const folder = `${realpathSync('/tmp')}/`;
  const nameLength = SHOP_ROOT.length - RANDOM_LETTERS - folder.length;
  return `${folder}${'tollgate-world-'.slice(-nameLength)}`;
}

/** Makes the shop. Call `cleanup` when done. */
export async function openShop(): Promise<Sandbox> {
  const sandbox = await createSandbox(shopPrefix());
  await configureShop(sandbox);
  const day = 24 * 60 * MINUTE;
  const old = work(sandbox, HALTED_BY_HAND, [9_000, 7_000, 5_000], SHOP_NOW - day);
  fireHook(sandbox, 'UserPromptSubmit', old, SHOP_NOW - day, { prompt: 'go' });
  const halted = work(sandbox, HALTED, Array(20).fill(8_500), SHOP_NOW - 30 * MINUTE);
  fireHook(sandbox, 'PostToolBatch', halted, SHOP_NOW - 30 * MINUTE, { tool_calls: [] });
  const empty = writeTranscript(sandbox, EMPTY);
  empty.prompt('turn-1', SHOP_NOW - 4 * MINUTE);
  fireHook(sandbox, 'SessionStart', empty, SHOP_NOW - 4 * MINUTE, { source: 'startup' });
  const working = work(sandbox, WORKING, [6_000, 12_000, 9_000], SHOP_NOW - MINUTE);
  const title = { type: 'ai-title', aiTitle: 'Fix the totals of the cart', sessionId: WORKING };
  appendFileSync(working.path, `${JSON.stringify(title)}\n`);
  fireHook(sandbox, 'PostToolBatch', working, SHOP_NOW - MINUTE, { tool_calls: [] });
  const store = openLedger(sandbox.tollgateHome, sandbox.env());
  const session = store.readSession(sessionId(HALTED_BY_HAND));
  if (session !== null)
    haltManually(
      session,
      'wrong branch',
      { store, config: { alerts: { channels: [] } } },
      SHOP_NOW - day,
    );
  store.close();
  return sandbox;
}
