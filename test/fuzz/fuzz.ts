// Damaged inputs, one valid answer each: events of hooks, lines of transcripts, configurations and the prices in them. Rule: a seed gives the
// same inputs again.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_CARRY } from '../../src/agents/agent.ts';
import { MOMENTS } from '../../src/agents/claude-code/event-names.ts';
import { scanTranscript } from '../../src/agents/claude-code/transcript/scan-transcript.ts';
import { loadConfig } from '../../src/config/load.ts';
import { answerHook } from '../../src/hooks/answer-event.ts';
import { priceRequest } from '../../src/pricing/price.ts';
import { RATE_CARDS } from '../../src/pricing/rate-cards.ts';
import { keepLedgerOpen } from '../../src/resident/open-ledger.ts';
import { compactBoundary, costState, prompt, response } from '../support/transcript-lines.ts';

export const KINDS = ['events', 'lines', 'configurations', 'prices'] as const;
export type Kind = (typeof KINDS)[number];

export interface FuzzResult {
  readonly slowestMs: number;
  /** What was given where there was no valid answer, and what came; at most ten. */
  readonly failures: readonly string[];
}

/** Gives `count` inputs of a kind to what reads them. */
export function fuzz(kind: Kind, count: number, seed: number): FuzzResult {
  const root = mkdtempSync(join(tmpdir(), 'tollgate-fuzz-'));
  const random = randomOf(seed);
  const failures: string[] = [];
  let slowestMs = 0;
  const reader = readerOf(kind, root);
  try {
    for (let done = 0; done < count && failures.length < 10; done += 1) {
      const text = damaged(pick(SAMPLES[kind], random), random);
      const startedAt = performance.now();
      const why = wrongWith(text, reader.read);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      if (why !== null) failures.push(`${why}: ${JSON.stringify(text).slice(0, 600)}`);
    }
  } finally {
    reader.end();
    rmSync(root, { recursive: true, force: true });
  }
  return { slowestMs, failures };
}

/** Why an answer is none; `null`: it is one. */
type Read = (text: string) => string | null;

function wrongWith(text: string, read: Read): string | null {
  try {
    return read(text);
  } catch (error) {
    return `threw ${error}`;
  }
}

function readerOf(kind: Kind, root: string): { readonly read: Read; readonly end: () => void } {
  if (kind === 'events') return eventReader(root);
  const read = kind === 'lines' ? readLines : kind === 'configurations' ? readConfig : readPrices;
  return { read, end: () => {} };
}

/** Answers as a resident gate does, in a state folder of its own, under a ceiling that is far away. */
function eventReader(root: string) {
  const env = { HOME: root, TOLLGATE_HOME: join(root, 'state'), TOLLGATE_BACKGROUND_SYNC: 'off' };
  mkdirSync(join(root, 'repo'));
  const ledger = keepLedgerOpen();
  const names = Object.keys(MOMENTS);
  let at = 0;
  const read: Read = (text) => {
    at += 1;
    const placed = text.replaceAll('@ROOT@', root);
    const { stdout, exitCode } = answerHook(names[at % names.length] ?? '', placed, env, ledger);
    if (exitCode !== 0 && exitCode !== 2) return `exit code ${exitCode}`;
    return stdout === '' || isObject(JSON.parse(stdout)) ? null : `said ${stdout.slice(0, 80)}`;
  };
  return { read, end: ledger.end };
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readLines(text: string): string | null {
  const bytes = Buffer.from(text);
  let wrong: string | null = null;
  const { consumedBytes } = scanTranscript(bytes, NO_CARRY, (fact) => {
    if (fact.kind !== 'request') return;
    const counts = Object.values(fact.report.usage).filter((count) => typeof count === 'number');
    if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
      wrong = `counts ${counts.join()}`;
    }
  });
  return consumedBytes > bytes.length ? `consumed ${consumedBytes}` : wrong;
}

const sources = [{ kind: 'user', file: '/nowhere/config.json' }] as const;
const load = (text: string) =>
  loadConfig([...sources], {
    timeZone: 'UTC',
    at: 0,
    texts: [{ ...sources[0], text, code: null }],
  });

function readConfig(text: string): string | null {
  const { config, problems } = load(text);
  const limits = config.budgets.flatMap(({ hardNanoUsd }) => hardNanoUsd ?? []);
  if (!limits.every((limit) => Number.isSafeInteger(limit) && limit >= 0)) {
    return `a limit of ${limits.join()}`;
  }
  return problems.every(({ message }) => message !== '') ? null : 'a problem without words';
}

const USAGE = { input_tokens: 1_000, output_tokens: 100 };

function readPrices(text: string): string | null {
  const { config } = load(text);
  const seen: number[] = [];
  const line = Buffer.from(response({ id: 'm1', usage: USAGE }));
  scanTranscript(line, NO_CARRY, (fact) => {
    if (fact.kind === 'request') {
      seen.push(priceRequest(fact, config.pricing, RATE_CARDS).costNanoUsd);
    }
  });
  const isValid =
    seen.length === 1 && seen.every((cost) => Number.isSafeInteger(cost) && cost >= 0);
  return isValid ? null : `costs ${seen.join()}`;
}

const EVENT = {
  ...{ session_id: 's1', transcript_path: '@ROOT@/s1.jsonl', cwd: '@ROOT@/repo', prompt_id: 'p1' },
  ...{ permission_mode: 'default', prompt: 'go on', tool_name: 'Bash', tool_use_id: 'toolu_1' },
  ...{ tool_input: { command: 'ls', description: 'x' }, tool_response: { stdout: 'a' } },
  ...{ source: 'startup', reason: 'other', agent_id: 'a1', agent_type: 'Explore', tool_calls: [] },
};
const BUDGET = { id: 'day', period: 'day', soft: '1.00', hard: '5.00', mode: 'enforce' };
const PRICES = { input: '5.00', output: '25.00', cacheRead: '0.5', cacheWrite5m: '6.25' };

/** What is damaged: valid inputs of each kind. */
const SAMPLES: Readonly<Record<Kind, readonly string[]>> = {
  events: Object.keys(MOMENTS).map((name) => JSON.stringify({ ...EVENT, hook_event_name: name })),
  lines: [
    prompt('t1') + response({ id: 'm1' }) + response({ id: 'm2', tool: 'Bash' }),
    response({ id: 'm3', agent: 'a1' }) + compactBoundary('t2', 100_000),
    response({ id: 'm4' }) + costState(12_345),
  ],
  configurations: [
    JSON.stringify({ budgets: [BUDGET, { id: 's', hard: '2' }], timeZone: 'Europe/Berlin' }),
    JSON.stringify({ budgets: [{ ...BUDGET, scope: { branch: 'x/*' } }], onFailure: 'warn' }),
    JSON.stringify({ pricing: { multiplier: '0.85' }, fanOut: '1.00', unknownModel: 'halt' }),
  ],
  prices: [
    JSON.stringify({ pricing: { multiplier: '0.85', models: { 'claude-opus-4-7': PRICES } } }),
  ],
};

type Random = () => number;

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const below = (limit: number, random: Random): number => Math.floor(random() * limit);
const pick = <T>(from: readonly T[], random: Random): T => from[below(from.length, random)] as T;

/** Pieces that have broken readers of such texts. */
const PIECES = [
  ...['null', '-1', '1e999', '0.1e-400', '[]', '{}', '""', '[[[[', '}}}', '"\\ud800"', '\u0000'],
  ...['"__proto__":{}', '99999999999999999999', 'true', '\n', '\r\n', '"../../etc"', '\ufeff'],
  ...['"1.00"', '"$5"', '-0', '{"a":{"a":{"a":1}}}', 'NaN', '\u2028', 'ü'.repeat(500)],
];

/** The text with one to four places cut, doubled, overwritten or exchanged. */
function damaged(text: string, random: Random): string {
  let result = text;
  for (let left = 1 + below(4, random); left > 0; left -= 1) {
    const from = below(result.length + 1, random);
    const to = Math.min(result.length, from + below(24, random));
    const way = below(5, random);
    if (way === 0) result = result.slice(0, from) + result.slice(to);
    else if (way === 1) result = result.slice(0, to) + result.slice(from);
    else if (way === 2) result = result.slice(0, from) + pick(PIECES, random) + result.slice(to);
    else if (way === 3) result = exchanged(result, random);
    else if (random() < 0.1) result = result.slice(0, from);
  }
  return result;
}

/** One value of the text in place of another. */
function exchanged(text: string, random: Random): string {
  const values = [...text.matchAll(/:("[^"]*"|[\d.]+|null|true|\{\}|\[\])/g)];
  if (values.length === 0) return text;
  const at = pick(values, random);
  const other = random() < 0.5 ? pick(PIECES, random) : (pick(values, random)[1] ?? '');
  const start = at.index + 1;
  return text.slice(0, start) + other + text.slice(start + (at[1] ?? '').length);
}
