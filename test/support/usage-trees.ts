// Small trees of transcripts with a book of what they hold, for holding reports against the truth: each has something
// that meters get wrong. Lines are as client 2.1.330 writes them: one for each block, all with the final usage.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { billedUsd } from './billed.ts';
import type { ApiUsage } from './messages-api-stub.ts';
import { BEGIN, costState, prompt, response } from './transcript-lines.ts';
import type { BookedRequest } from './usage-book.ts';

/** The trees by name: each writes itself below a folder and answers its book. */
export const TREES: Readonly<Record<string, (configFolder: string) => readonly BookedRequest[]>> = {
  small: (folder) => written(folder, small),
  subagents: (folder) => written(folder, subagents),
  fork: (folder) => written(folder, fork),
  'unknown model': (folder) => written(folder, unknownModel),
  'new models': (folder) => written(folder, newModels),
  searches: (folder) => written(folder, searches),
  'older client': (folder) => written(folder, olderHost),
};

const HOUR = 3_600;
const DAY = 24 * HOUR;
const id = (serial: number) => `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`;

function usageOf(seed: number, more: Partial<ApiUsage> = {}): ApiUsage {
  return {
    input_tokens: 11 + (seed % 17),
    output_tokens: 200 + ((seed * 37) % 900),
    cache_read_input_tokens: 20_000 + seed * 101,
    cache_creation_input_tokens: 1_000 + (seed % 7),
    cache_creation: {
      ephemeral_1h_input_tokens: 600,
      ephemeral_5m_input_tokens: 400 + (seed % 7),
    },
    ...more,
  };
}

/** Files that grow line by line, and the book of what was really asked for. */
function scribe() {
  const files = new Map<string, string>();
  const book: BookedRequest[] = [];
  let serial = 0;
  const write = (file: string, line: string) => files.set(file, (files.get(file) ?? '') + line);
  const fileOf = (session: string, agent?: string, folder = '') =>
    agent === undefined
      ? `${session}.jsonl`
      : join(session, 'subagents', folder, `agent-${agent}.jsonl`);
  return {
    files,
    book,
    prompt: (session: string, at: number) =>
      write(fileOf(session), prompt(`turn-${session}-${at}`, { session, at })),
    /** One request on two lines: text, and a tool. */
    ask: (
      session: string,
      at: number,
      model: string,
      more: {
        usage?: Partial<ApiUsage>;
        agent?: string;
        folder?: string;
        /** Output tokens that the first line tells. */
        growsFrom?: number;
      } = {},
    ) => {
      serial += 1;
      const usage = usageOf(serial, more.usage);
      const { agent } = more;
      const given = {
        ...{ id: `msg_${serial}`, session, at, model, usage, stopReason: 'tool_use' },
        ...(agent === undefined ? {} : { agent }),
      };
      const file = fileOf(session, agent, more.folder);
      const first = { ...usage, output_tokens: more.growsFrom ?? usage.output_tokens };
      const early =
        more.growsFrom === undefined ? given : { ...given, usage: first, stopReason: null };
      write(file, response(early) + response({ ...given, block: 1, tool: 'Bash' }));
      book.push({ session, at: BEGIN + at * 1_000, model, usage });
    },
    /** The client's own total at its end: everything that session has asked for. */
    end: (session: string) => {
      const own = book.filter((each) => each.session === session);
      write(fileOf(session), costState(billedUsd(own), session));
    },
  };
}

type Scribe = ReturnType<typeof scribe>;

function written(configFolder: string, emit: (scribe: Scribe) => void): readonly BookedRequest[] {
  const made = scribe();
  emit(made);
  for (const [name, text] of made.files) {
    const file = join(configFolder, 'projects', '-home-dev-shop', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return made.book;
}

/** Three sessions over a midnight, a Sunday, the end of a month, and a day with an hour too many. */
function small({ prompt, ask, end }: Scribe): void {
  const models = ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5'] as const;
  // BEGIN is noon of Saturday, 21 November 2026.
  for (const [index, start] of [0, 9 * DAY, -27 * DAY].entries()) {
    const session = id(index + 1);
    prompt(session, start);
    for (let step = 0; step < 12; step += 1) {
      // A pause of six hours in the middle begins another block.
      const at = start + step * 2_700 + (step > 6 ? 6 * HOUR : 0);
      ask(session, at, models[index] ?? models[0]);
    }
    end(session);
  }
}

/** A session with subagents: one that started another, and two of a workflow. */
function subagents({ prompt, ask, end }: Scribe): void {
  const session = id(11);
  prompt(session, 0);
  for (let step = 0; step < 5; step += 1) {
    ask(session, step * 600, 'claude-opus-4-7');
    ask(session, step * 600 + 60, 'claude-haiku-4-5', { agent: 'a1' });
    ask(session, step * 600 + 90, 'claude-sonnet-4-6', { agent: 'a2' });
    const folder = join('workflows', 'wf_1');
    ask(session, step * 600 + 120, 'claude-opus-4-7', { agent: `w${step % 2}`, folder });
  }
  end(session);
}

/** A session and its fork on the next day: the fork's file repeats the lines of the first under its own id. */
function fork({ files, book, prompt, ask, end }: Scribe): void {
  // The fork's file comes first by its name: what reads files in that order meets the copies before their originals.
  const [parent, child] = [id(22), id(21)];
  prompt(parent, 0);
  for (let step = 0; step < 6; step += 1) ask(parent, step * 300, 'claude-opus-4-7');
  const copied = (files.get(`${parent}.jsonl`) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const told = JSON.parse(line) as Record<string, unknown>;
      const made = told.type === 'assistant' ? { requestSessionId: parent } : {};
      return `${JSON.stringify({ ...told, ...made, sessionId: child })}\n`;
    });
  end(parent);
  files.set(`${child}.jsonl`, copied.join(''));
  prompt(child, DAY);
  for (let step = 0; step < 4; step += 1) ask(child, DAY + step * 300, 'claude-opus-4-7');
  // A fork's total starts with what its parent had spent.
  const line = costState(billedUsd(book), child);
  files.set(`${child}.jsonl`, (files.get(`${child}.jsonl`) ?? '') + line);
}

/** A model that is on nobody's list; the client charges its default model's price for it, and says so at the end. */
function unknownModel({ prompt, ask, end }: Scribe): void {
  const session = id(31);
  prompt(session, 0);
  for (let step = 0; step < 6; step += 1) {
    ask(session, step * 300, step % 2 === 0 ? 'claude-opus-6' : 'claude-sonnet-4-6');
  }
  end(session);
}

/** Models of this autumn, whose cached tokens cost a twentieth. */
function newModels({ prompt, ask, end }: Scribe): void {
  const session = id(41);
  prompt(session, 0);
  for (let step = 0; step < 6; step += 1) {
    ask(session, step * 300, step % 2 === 0 ? 'claude-opus-5-5' : 'claude-sonnet-5-5');
  }
  end(session);
}

/** Searches on the provider's servers, at ten dollars a thousand. */
function searches({ prompt, ask, end }: Scribe): void {
  const session = id(51);
  prompt(session, 0);
  for (let step = 0; step < 4; step += 1) {
    const usage = { server_tool_use: { web_search_requests: step } };
    ask(session, step * 300, 'claude-opus-4-7', { usage });
  }
  end(session);
}

/** Lines that were written while a response still grew: the last one tells what it came to. */
function olderHost({ prompt, ask, end }: Scribe): void {
  const session = id(61);
  prompt(session, 0);
  for (let step = 0; step < 4; step += 1) {
    ask(session, step * 300, 'claude-sonnet-4-6', { growsFrom: 9 });
  }
  end(session);
}
