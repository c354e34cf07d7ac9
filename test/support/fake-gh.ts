// A stand-in for GitHub's `gh`: a program on PATH that keeps a pull request's comments in a file and understands the
// calls of examples/pull-request, with their filters. What it does not understand it refuses, as `gh` would.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One comment on a pull request. */
export interface Comment {
  readonly id: number;
  readonly body: string;
}

export interface FakeGh {
  /** The folder for PATH. */
  readonly bin: string;
  readonly comments: () => Promise<readonly Comment[]>;
  /** `METHOD path` of every call. */
  readonly calls: () => Promise<readonly string[]>;
}

/** Installs it below a folder, with comments of other people. */
export async function installFakeGh(
  folder: string,
  others: readonly Comment[] = [],
): Promise<FakeGh> {
  const bin = join(folder, 'gh-bin');
  const state = join(folder, 'gh-state.json');
  await mkdir(bin, { recursive: true });
  await mkdir(dirname(state), { recursive: true });
  await writeFile(state, JSON.stringify({ comments: others, calls: [] }));
  const program = `#!${process.execPath}\nconst STATE = ${JSON.stringify(state)};\n${PROGRAM}`;
  await writeFile(join(bin, 'gh'), program, { mode: 0o755 });
  const read = async () =>
    JSON.parse(await readFile(state, 'utf8')) as { comments: Comment[]; calls: string[] };
  return {
    bin,
    comments: async () => (await read()).comments,
    calls: async () => (await read()).calls,
  };
}

const PROGRAM = `
const fs = require('node:fs');
const refuse = (why) => { console.error('gh: ' + why); process.exit(1); };
const words = process.argv.slice(2);
if (!process.env.GH_TOKEN) refuse('set the GH_TOKEN environment variable');
if (words.shift() !== 'api') refuse('unknown command');
const options = {};
let path = null;
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === '--paginate') options.paginate = true;
  else if (/^--(method|field|jq)$/.test(word)) options[word.slice(2)] = words.shift();
  else if (path === null && !word.startsWith('-')) path = word;
  else refuse('unknown flag ' + word);
}
const state = JSON.parse(fs.readFileSync(STATE, 'utf8'));
const method = options.method ?? (options.field ? 'POST' : 'GET');
state.calls.push(method + ' ' + path);
const list = /^repos\\/Acme\\/Shop\\/issues\\/42\\/comments$/.test(path);
const one = /^repos\\/Acme\\/Shop\\/issues\\/comments\\/(\\d+)$/.exec(path);
const found = one && state.comments.find(({ id }) => id === Number(one[1]));
if (!list && !found) refuse('Not Found (HTTP 404)');
const body = () => {
  const file = /^body=@(.+)$/.exec(options.field ?? '')?.[1] ?? refuse('no body');
  return fs.readFileSync(file, 'utf8');
};
if (method === 'POST' && list) {
  state.comments.push({ id: 1000 + state.comments.length, body: body() });
  console.log('{}');
} else if (method === 'PATCH' && found) {
  found.body = body();
  console.log('{}');
} else if (method === 'GET' && list) {
  const marker = /^\\.\\[\\] \\| select\\(\\.body \\| startswith\\("(.*)"\\)\\) \\| \\.id$/.exec(options.jq ?? '')?.[1];
  if (marker === undefined) refuse('unknown filter ' + options.jq);
  for (const each of state.comments) if (each.body.startsWith(marker)) console.log(each.id);
} else if (method === 'GET' && found && options.jq === '.body') {
  // As gh prints a text: with a line feed of its own.
  process.stdout.write(found.body + '\\n');
} else refuse('Method Not Allowed');
fs.writeFileSync(STATE, JSON.stringify(state));
`;
