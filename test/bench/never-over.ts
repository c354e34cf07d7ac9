// The promise, measured: seeded workloads with heavy tails, the real client, a stub that bills what it
// says, and a ceiling. Each workload runs under Tollgate and under the client's own --max-budget-usd.
//   node scripts/run-ts.mjs test/bench/never-over.ts [--count 40] [--level cautious] [--seed 100] [--guard tollgate|native] [--json FILE]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ClaudeRun, runClaude } from '../support/claude.ts';
import type { StubRequest } from '../support/messages-api-request.ts';
import { startMessagesApiStub } from '../support/messages-api-stub.ts';
import { createSandbox } from '../support/sandbox.ts';
import { logNormal, logUniform, pareto, type Rng, rngOf, uniform } from './workload.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '40' },
    level: { type: 'string', default: 'cautious' },
    seed: { type: 'string', default: '100' },
    parallel: { type: 'string', default: '2' },
    guard: { type: 'string', default: 'tollgate' },
    json: { type: 'string' },
  },
});

const root = process.env.TOLLGATE_CHECKOUT ?? process.cwd();
const MODELS = [
  { model: 'claude-opus-4-7', output: 25, read: 0.5, write: 6.25, input: 5 },
  { model: 'claude-sonnet-4-6', output: 15, read: 0.3, write: 3.75, input: 3 },
  { model: 'claude-opus-5-5', output: 20, read: 0.2, write: 5, input: 4 },
] as const;
const OUTPUT_CAP = 32_000;

interface Case {
  readonly seed: number;
  readonly ceilingUsd: number;
  readonly model: (typeof MODELS)[number];
  readonly rng: Rng;
  /** Mean output tokens of a request. */
  readonly meanOutput: number;
  readonly shape: string;
  readonly draw: () => number;
  /** Bytes a tool prints. */
  readonly toolBytes: () => number;
}

function caseOf(seed: number): Case {
  const rng = rngOf(seed * 7919 + 17);
  for (let i = 0; i < 8; i++) rng.next();
  const model = MODELS[Math.floor(rng.next() * MODELS.length)] ?? MODELS[0];
  const shapes = {
    'log-normal 1.1': logNormal(1.1),
    'log-normal 1.4': logNormal(1.4),
    'pareto 1.6': pareto(1.6),
    bursts: (inner: Rng) =>
      inner.next() < 0.12 ? 5 * logNormal(0.5)(inner, at0) : 0.45 * logNormal(0.6)(inner, at0),
  };
  const at0 = { index: 0, spentRatio: 0 };
  const names = Object.keys(shapes) as (keyof typeof shapes)[];
  const shape = names[Math.floor(rng.next() * names.length)] ?? 'log-normal 1.1';
  const meanUsd = logUniform(rng, 0.012, 0.045);
  const meanOutput = (meanUsd * uniform(rng, 0.45, 0.75) * 1e6) / model.output;
  const toolLaw = logNormal(1.3);
  return {
    seed,
    ceilingUsd: Math.round(uniform(rng, 1, 5) * 100) / 100,
    model,
    rng,
    meanOutput,
    shape,
    draw: () => shapes[shape](rng, at0),
    toolBytes: () => Math.min(25_000, Math.ceil(1_200 * toolLaw(rng, at0))),
  };
}

/** The model of a case: it always asks for one more tool, and bills context, new tokens and its reply. */
function scriptOf(chosen: Case) {
  let context = 12_000;
  let lastOutput = 0;
  return (request: StubRequest) => {
    if (request.kind === 'side')
      return { text: 'ok', usage: { input_tokens: 10, output_tokens: 5 } };
    const output = Math.max(
      20,
      Math.min(OUTPUT_CAP, Math.round(chosen.meanOutput * chosen.draw())),
    );
    const fresh = lastOutput + Math.ceil(newBytes(request) / 3.7);
    const usage = {
      input_tokens: 4,
      cache_read_input_tokens: context,
      cache_creation_input_tokens: fresh,
      output_tokens: output,
    };
    context = Math.min(150_000, context + fresh);
    lastOutput = output;
    const bytes = chosen.toolBytes();
    return {
      tools: [{ name: 'Bash', input: { command: `printf '%*s' ${bytes} x`, description: 'look' } }],
      usage,
    };
  };
}

function newBytes({ lastUserText, toolResultCount, body }: StubRequest): number {
  if (toolResultCount === 0) return Buffer.byteLength(lastUserText);
  const last = body.messages[body.messages.length - 1];
  return Buffer.byteLength(JSON.stringify(last?.content ?? ''));
}

interface Outcome {
  readonly seed: number;
  readonly shape: string;
  readonly model: string;
  readonly ceilingUsd: number;
  readonly spentUsd: number;
  readonly requestCount: number;
  readonly ending: string;
}

async function play(chosen: Case, how: 'tollgate' | 'native'): Promise<Outcome> {
  const sandbox = await createSandbox();
  const stub = await startMessagesApiStub(scriptOf(chosen));
  try {
    if (how === 'tollgate') {
      mkdirSync(join(sandbox.repo, '.claude'), { recursive: true });
      writeFileSync(
        join(sandbox.repo, '.claude', 'tollgate.json'),
        JSON.stringify({
          safety: values.level,
          budgets: [{ id: 'session', hard: String(chosen.ceilingUsd) }],
        }),
      );
      const init = await sandbox.run(
        process.execPath,
        [join(root, 'dist/cli/main.js'), 'init', '--yes'],
        {
          env: { TOLLGATE_CLAUDE: process.env.TOLLGATE_CLAUDE ?? '' },
        },
      );
      if (init.exitCode !== 0) throw new Error(init.stderr);
    }
    const run: ClaudeRun = await runClaude({
      home: sandbox.home,
      cwd: sandbox.repo,
      stub,
      prompt: 'Work until it is done.',
      model: chosen.model.model,
      timeoutMs: 600_000,
      extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome },
      extraArgs: how === 'native' ? ['--max-budget-usd', String(chosen.ceilingUsd)] : [],
    });
    return {
      seed: chosen.seed,
      shape: chosen.shape,
      model: chosen.model.model,
      ceilingUsd: chosen.ceilingUsd,
      spentUsd: run.result?.total_cost_usd ?? Number.NaN,
      requestCount: stub.served.length,
      ending: run.result?.terminal_reason ?? `exit ${run.exitCode}`,
    };
  } finally {
    await stub.close();
    await sandbox.cleanup();
  }
}

async function playAll(how: 'tollgate' | 'native'): Promise<Outcome[]> {
  const first = Number(values.seed);
  const waiting = Array.from({ length: Number(values.count) }, (_, at) => first + at);
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const outcome = await play(caseOf(seed), how);
      outcomes.push(outcome);
      process.stderr.write(
        `${how} ${outcomes.length}/${values.count} seed ${seed} ${outcome.shape}: $${outcome.spentUsd.toFixed(4)} of $${outcome.ceilingUsd} in ${outcome.requestCount} (${outcome.ending})\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Number(values.parallel) }, worker));
  return outcomes.sort((a, b) => a.seed - b.seed);
}

function summary(name: string, outcomes: readonly Outcome[]): string {
  const ratios = outcomes
    .map(({ spentUsd, ceilingUsd }) => spentUsd / ceilingUsd)
    .sort((a, b) => a - b);
  const over = outcomes.filter(({ spentUsd, ceilingUsd }) => spentUsd > ceilingUsd);
  const worst = Math.max(0, ...over.map(({ spentUsd, ceilingUsd }) => spentUsd - ceilingUsd));
  const median = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
  const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
  return `| ${name} | ${outcomes.length} | ${over.length} (${((100 * over.length) / outcomes.length).toFixed(1)} %) | $${worst.toFixed(3)} | ${median.toFixed(3)} | ${mean.toFixed(3)} |`;
}

const isNative = values.guard === 'native';
const outcomes = await playAll(isNative ? 'native' : 'tollgate');
console.log(
  '| guard | workloads | over the ceiling | worst by | median utilisation | mean |\n| --- | --- | --- | --- | --- | --- |',
);
console.log(summary(isNative ? '--max-budget-usd' : `Tollgate, ${values.level}`, outcomes));
if (values.json) {
  const key = isNative ? 'native' : String(values.level);
  writeFileSync(
    values.json,
    `${JSON.stringify({ ...readJson(values.json), [key]: outcomes }, null, 1)}\n`,
  );
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {}; // the first of several runs makes the file
  }
}
