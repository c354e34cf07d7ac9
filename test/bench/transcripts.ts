// A tree of dense Claude Code transcripts for benches and the sync tests, with its own book of what they cost.
// Rule: the truth is kept apart from the product (`test/support/billed.ts`), and a seed always makes the same tree.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billedNanoUsd } from '../support/billed.ts';
import type { ApiUsage } from '../support/messages-api-stub.ts';
import type { BookedRequest } from '../support/usage-book.ts';
import { type Rng, rngOf } from './workload.ts';

/** What a tree is like; the defaults are files of about 2.6 MB and 600 usage lines, half of them duplicates. */
export interface TreeShape {
  readonly fileCount: number;
  /** Absent: 300. */
  readonly messagesPerFile?: number;
  /** Lines that tell a message: one for each of its blocks. Absent: 2, a text and a tool call; 1 is the call alone. */
  readonly linesPerMessage?: 1 | 2;
  /** Bytes of text in each line of a step. Absent: 1 900. */
  readonly textBytes?: number;
  readonly seed?: number;
}

/** What a tree holds, by the generator's own book. */
export interface TreeTruth {
  readonly fileCount: number;
  readonly byteCount: number;
  /** Distinct messages. */
  readonly requestCount: number;
  readonly usageLineCount: number;
  readonly costNanoUsd: number;
  readonly tokens: { readonly input: number; readonly output: number };
}

const MODELS = ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5'] as const;
const TOOLS = ['Bash', 'Read', 'Edit', 'Grep', 'Write'] as const;
const START_AT = Date.UTC(2026, 8, 1, 8);
const STEP_MS = 17_000;
const SESSION_EVERY_MS = 47 * 60_000;
const STEPS_PER_TURN = 25;
/** Texts with letters beyond ASCII, as a share of all. */
const WIDE_RATIO = 0.25;

/** Writes the tree below `configFolder` (what CLAUDE_CONFIG_DIR would name); `book` is told every request. */
export function writeTranscripts(
  configFolder: string,
  shape: TreeShape,
  book: (request: BookedRequest) => void = () => undefined,
): TreeTruth {
  const truth = { byteCount: 0, requestCount: 0, costNanoUsd: 0, input: 0, output: 0 };
  for (let index = 0; index < shape.fileCount; index += 1) {
    const rng = rngOf((shape.seed ?? 1) * 7_919 + index);
    const session = sessionText(index, rng, shape);
    const folder = join(configFolder, 'projects', `-home-dev-project-${index % 7}`);
    mkdirSync(folder, { recursive: true });
    const bytes = Buffer.from(session.text);
    writeFileSync(join(folder, `${session.id}.jsonl`), bytes);
    truth.byteCount += bytes.length;
    for (const message of session.messages) {
      truth.requestCount += 1;
      truth.costNanoUsd += billedNanoUsd([message]);
      truth.input += message.usage.input_tokens;
      truth.output += message.usage.output_tokens;
      book({ ...message, session: session.id });
    }
  }
  const { byteCount, requestCount, costNanoUsd, input, output } = truth;
  return {
    fileCount: shape.fileCount,
    ...{ byteCount, requestCount, costNanoUsd },
    usageLineCount: requestCount * (shape.linesPerMessage ?? 2),
    tokens: { input, output },
  };
}

interface Message {
  readonly at: number;
  readonly model: string;
  readonly usage: ApiUsage;
}

/** One session: turns of a prompt and steps; a step is text, a tool call, and the tool's result. */
function sessionText(index: number, rng: Rng, shape: TreeShape) {
  const id = uuid(rng);
  const steps = shape.messagesPerFile ?? 300;
  const filler = fillerOf(rng, (shape.textBytes ?? 1_900) * 3);
  const common = `"userType":"external","entrypoint":"sdk-cli","cwd":"/home/dev/project-${index % 7}","sessionId":"${id}","version":"2.1.330","gitBranch":"feature-${index % 3}"`;
  const model = MODELS[index % MODELS.length] ?? MODELS[0];
  const lines: string[] = [];
  const messages: Message[] = [];
  let promptId = uuid(rng);
  let context = 12_000;
  for (let step = 0; step < steps; step += 1) {
    const madeAt = START_AT + index * SESSION_EVERY_MS + step * STEP_MS;
    const at = new Date(madeAt).toISOString();
    if (step % STEPS_PER_TURN === 0) {
      promptId = uuid(rng);
      lines.push(
        `{"parentUuid":null,"isSidechain":false,"promptId":"${promptId}","type":"user","message":{"role":"user","content":"go on with part ${step}"},"uuid":"${uuid(rng)}","timestamp":"${at}",${common}}`,
      );
    }
    const usage = usageOf(rng, context);
    context += usage.output_tokens + usage.cache_creation_input_tokens;
    if (context > 150_000) context = 20_000;
    messages.push({ at: madeAt, model, usage });
    const text = () => {
      const from = Math.floor(rng.next() * (filler.length / 3));
      const length = Math.floor((shape.textBytes ?? 1_900) * (0.4 + 1.2 * rng.next()));
      return filler.slice(from, from + length) + (rng.next() < WIDE_RATIO ? ' — naïve' : '');
    };
    const messageId = `msg_${index.toString(36)}_${step.toString(36)}_${uuid(rng).slice(0, 8)}`;
    const toolId = `toolu_${messageId.slice(4)}`;
    const tool = TOOLS[Math.floor(rng.next() * TOOLS.length)] ?? 'Bash';
    const block = (content: string, line: number) =>
      `{"parentUuid":"${uuid(rng)}","isSidechain":false,"message":{"id":"${messageId}","type":"message","role":"assistant","model":"${model}","content":[${content}],"stop_reason":"tool_use","stop_sequence":null,"usage":${JSON.stringify(usage)},"stop_details":null},"apiBlockIndex":${line},"requestId":"req_${messageId}","requestedModel":"${model}","type":"assistant","uuid":"${uuid(rng)}","timestamp":"${at}","effort":"high",${common}}`;
    if (shape.linesPerMessage !== 1) {
      lines.push(block(`{"type":"text","text":${JSON.stringify(text())}}`, 0));
    }
    lines.push(
      block(
        `{"type":"tool_use","id":"${toolId}","name":"${tool}","input":{"command":${JSON.stringify(text())}}}`,
        1,
      ),
      `{"parentUuid":"${uuid(rng)}","isSidechain":false,"promptId":"${promptId}","type":"user","message":{"role":"user","content":[{"tool_use_id":"${toolId}","type":"tool_result","content":${JSON.stringify(text())},"is_error":false}]},"uuid":"${uuid(rng)}","timestamp":"${at}","toolUseResult":{"stdout":"ok","stderr":"","interrupted":false},"sourceToolAssistantUUID":"${uuid(rng)}",${common}}`,
    );
  }
  lines.push(
    `{"type":"cost-state","sessionId":"${id}","totalCostUSD":${billedNanoUsd(messages) / 1e9},"totalAPIDuration":1,"modelUsage":{},"hasUnknownModelCost":false}`,
  );
  return { id, text: `${lines.join('\n')}\n`, messages };
}

function usageOf(rng: Rng, context: number): ApiUsage {
  const hour = Math.floor(rng.next() * 900);
  const fiveMinutes = Math.floor(rng.next() * 700);
  return {
    input_tokens: 3 + Math.floor(rng.next() * 40),
    cache_creation_input_tokens: hour + fiveMinutes,
    cache_read_input_tokens: context,
    output_tokens: 40 + Math.floor(rng.next() * rng.next() * 2_400),
    server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
    service_tier: 'standard',
    cache_creation: { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: fiveMinutes },
    inference_geo: '',
    iterations: [],
    speed: 'standard',
  } as ApiUsage;
}

/** Words, quotes and line breaks, as code and prose have them. */
function fillerOf(rng: Rng, length: number): string {
  const words = [
    'const total',
    'return',
    '"spend"',
    'the ledger',
    '{ usage }',
    'naive',
    '=>',
    'a\\b',
  ];
  let text = '';
  while (text.length < length) {
    text += words[Math.floor(rng.next() * words.length)];
    text += rng.next() < 0.15 ? ';\n  ' : ' ';
  }
  return text;
}

function uuid(rng: Rng): string {
  const hex = (digits: number) =>
    Math.floor(rng.next() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
}

/** The two lines of one response, some four kilobytes, as they come to a session that runs in `cwd`. */
export function responseLines(
  session: string,
  messageId: string,
  seed: number,
  cwd: string,
): string {
  const rng = rngOf(seed + 1);
  const usage = usageOf(rng, 20_000);
  const line = (content: string, index: number) =>
    `{"parentUuid":"${uuid(rng)}","isSidechain":false,"message":{"id":"${messageId}","type":"message","role":"assistant","model":"claude-opus-4-7","content":[${content}],"stop_reason":"tool_use","stop_sequence":null,"usage":${JSON.stringify(usage)},"stop_details":null},"apiBlockIndex":${index},"requestId":"req_${messageId}","requestedModel":"claude-opus-4-7","type":"assistant","uuid":"${uuid(rng)}","timestamp":"${new Date().toISOString()}","userType":"external","cwd":${JSON.stringify(cwd)},"sessionId":"${session}","version":"2.1.330","gitBranch":"main"}\n`;
  const text = JSON.stringify(fillerOf(rng, 1_100));
  return (
    line(`{"type":"text","text":${text}}`, 0) +
    line(
      `{"type":"tool_use","id":"toolu_${messageId}","name":"Bash","input":{"command":${text}}}`,
      1,
    )
  );
}
