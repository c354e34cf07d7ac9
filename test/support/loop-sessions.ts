// Simulated sessions for circuit breakers: healthy ones of many kinds, and runaways that never end by themselves. Generated from a seed; costs are those of
// Opus 4.7 ($5, $25, $0.50 and $6.25 a million tokens), the cache lost after five minutes.
import type { CallFact, Step } from '../../src/breakers/breaker.ts';
import { callFact } from '../../src/breakers/call-fact.ts';

/** Draws, the same for the same seed. */
export interface Draws {
  readonly next: () => number;
  readonly whole: (from: number, to: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
}

export function draws(seed: number): Draws {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return { next, whole, pick: (list) => list[whole(0, list.length - 1)] as (typeof list)[number] };
}

/** What a session does next. `seconds`: how long its tools take; `newTokens`: what comes back. */
export type Act =
  | { readonly calls: readonly CallFact[]; readonly seconds?: number; readonly newTokens?: number }
  | { readonly says: 'person' | 'machine' | 'nothing'; readonly seconds?: number };

/** The steps of a session as breakers get them. */
export function* stepsOf(acts: Iterable<Act>, contextTokens: number, seed = 1): Generator<Step> {
  const { whole } = draws(seed);
  let at = 0;
  let tokens = contextTokens;
  let spentNanoUsd = 0;
  let newTokens = contextTokens;
  for (const act of acts) {
    const isPrompt = 'says' in act && act.says !== 'nothing';
    const gapSeconds = 4 + (act.seconds ?? 1);
    if (!isPrompt) {
      const output = whole(100, 500);
      const isCold = gapSeconds > 300;
      // In nano-dollars: a token of output costs 25 000, of a cache read 500, of a cache write 6 250.
      spentNanoUsd +=
        output * 25_000 + (isCold ? tokens * 6_250 : tokens * 500) + newTokens * 6_250;
      newTokens = output + ('calls' in act ? (act.newTokens ?? whole(100, 1_500)) : 50);
      tokens = Math.min(tokens + newTokens, 400_000);
    }
    at += gapSeconds * 1_000;
    const mark = { at, spentNanoUsd, contextTokens: tokens };
    if ('calls' in act) yield { ...mark, kind: 'calls', calls: act.calls };
    else if (act.says === 'nothing') yield { ...mark, kind: 'response' };
    else yield { ...mark, kind: 'prompt', isAttended: act.says === 'person' };
  }
}

export const bash = (command: string, result: string, hasFailed = false): CallFact =>
  callFact({
    ...{ tool: 'Bash', input: { command }, result },
    kind: 'other',
    path: null,
    hasFailed,
  });
export const tool = (name: string, input: unknown, result: string, hasFailed = false): CallFact =>
  callFact({ ...{ tool: name, input, result }, kind: 'other', path: null, hasFailed });
export const look = (name: string, input: unknown, result: string): CallFact =>
  callFact({ ...{ tool: name, input, result }, kind: 'read', path: null, hasFailed: false });
export const read = (path: string, offset = 0, version = 0): CallFact =>
  callFact({
    ...{ tool: 'Read', input: { file_path: path, offset }, kind: 'read', path, hasFailed: false },
    result: `   ${offset}  the text of ${path} from line ${offset} in its state number ${'v'.repeat(version)}`,
  });
export const edit = (path: string, from: string, to: string, hasFailed = false): CallFact =>
  callFact({
    ...{
      tool: 'Edit',
      input: { file_path: path, old_string: from, new_string: to },
      kind: 'edit',
      path,
    },
    ...{
      result: hasFailed ? 'String to replace not found in file.' : `${path} has been updated`,
      hasFailed,
    },
  });

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const word = (draw: Draws): string =>
  Array.from({ length: 6 }, () => LETTERS[draw.whole(0, 25)]).join('');
const file = (draw: Draws, count = 40): string => `/w/shop/src/module-${draw.whole(1, count)}.ts`;

/** What a test run says; the same failure where `name` is the same. */
const failing = (draw: Draws, name: string): CallFact =>
  bash(
    'npm test',
    `Exit code 1\nFAIL src/${name}.test.ts > ${name} adds up\nexpected ${name.length} to be 12\nDuration ${draw.whole(1, 9)}.${draw.whole(10, 99)}s`,
    true,
  );
const passing = (draw: Draws): CallFact =>
  bash('npm test', `Tests 214 passed (214)\nDuration ${draw.whole(1, 9)}.${draw.whole(10, 99)}s`);

type Activity = (draw: Draws) => Generator<Act>;

function* explore(draw: Draws): Generator<Act> {
  for (let left = draw.whole(3, 18); left > 0; left -= 1) {
    const kind = draw.next();
    if (kind < 0.5) yield { calls: [read(file(draw), draw.pick([0, 0, 0, 200, 400]))] };
    else if (kind < 0.8)
      yield {
        calls: [
          look('Grep', { pattern: word(draw) }, `Found ${draw.whole(0, 9)} files\n${file(draw)}`),
        ],
      };
    else
      yield {
        calls: [bash(`ls src/${word(draw)}`, `${file(draw)}\n${file(draw)}`), read(file(draw))],
      };
  }
}

function* feature(draw: Draws): Generator<Act> {
  for (let left = draw.whole(3, 14); left > 0; left -= 1) {
    const path = file(draw, 8);
    if (draw.next() < 0.4) yield { calls: [read(path, 0, left)] };
    yield { calls: [edit(path, word(draw), word(draw), draw.next() < 0.05)] };
    if (draw.next() < 0.5)
      yield {
        calls: [draw.next() < 0.4 ? failing(draw, word(draw)) : passing(draw)],
        seconds: draw.whole(3, 60),
      };
  }
  yield { calls: [passing(draw)], seconds: 20 };
}

/** The same failure for a few tries, then another one, then none. */
function* debug(draw: Draws): Generator<Act> {
  for (let rounds = draw.whole(1, 4); rounds > 0; rounds -= 1) {
    const name = word(draw);
    for (let tries = draw.whole(1, 4); tries > 0; tries -= 1) {
      yield { calls: [failing(draw, name)], seconds: draw.whole(2, 40) };
      yield { calls: [read(file(draw, 6), draw.whole(0, 4) * 50)] };
      if (draw.next() < 0.85) yield { calls: [edit(file(draw, 6), word(draw), word(draw))] };
    }
  }
  yield { calls: [passing(draw)], seconds: 20 };
}

/** Waits for a build: a handful of looks at the same state. */
function* poll(draw: Draws): Generator<Act> {
  const run = draw.whole(1_000_000, 9_999_999);
  for (let left = draw.whole(1, 6); left > 0; left -= 1)
    yield {
      calls: [
        bash(
          `sleep ${draw.pick([20, 30, 60])}; gh run view ${run}`,
          `in_progress, ${draw.whole(1, 9)} min`,
        ),
      ],
      ...{ seconds: draw.pick([20, 30, 60]), newTokens: 200 },
    };
  yield { calls: [bash(`gh run view ${run}`, 'completed: success')] };
}

/** One change in many files, with a look at the compiler now and then. */
function* refactor(draw: Draws): Generator<Act> {
  const [from, to] = [word(draw), word(draw)];
  for (let index = draw.whole(8, 40); index > 0; index -= 1) {
    yield { calls: [edit(`/w/shop/src/part-${index}.ts`, from, to)] };
    if (draw.next() < 0.2) yield { calls: [bash('npx tsc --noEmit', '')], seconds: 12 };
  }
  yield { calls: [bash('git status --short', `M ${from}`), bash('git diff --stat', `${to} | 2`)] };
}

/** Setting something up: failing commands, some of them again. */
function* setup(draw: Draws): Generator<Act> {
  for (let left = draw.whole(2, 8); left > 0; left -= 1) {
    const command = draw.pick([
      'npm ci',
      'docker compose up -d',
      'make build',
      `pip install ${word(draw)}`,
    ]);
    if (draw.next() < 0.35)
      yield {
        calls: [bash(command, `Exit code 1\nerror: ${word(draw)} not found`, true)],
        seconds: 15,
      };
    else yield { calls: [bash(command, `done ${word(draw)}`)], seconds: 25 };
  }
}

/** Subagents, and what ends without a tool because they go on in the background. */
function* delegate(draw: Draws): Generator<Act> {
  const count = draw.whole(1, 5);
  yield {
    calls: Array.from({ length: count }, () =>
      tool('Agent', { prompt: `look into ${word(draw)}` }, `report on ${word(draw)} ${word(draw)}`),
    ),
    ...{ seconds: draw.whole(20, 200), newTokens: 3_000 },
  };
}

const ACTIVITIES: readonly Activity[] = [
  explore,
  explore,
  feature,
  feature,
  debug,
  poll,
  refactor,
  setup,
  delegate,
];

/** A healthy session: some prompts, and what is done about each. In half of them nobody is at a keyboard (print mode). */
export function* healthySession(seed: number): Generator<Act> {
  const draw = draws(seed);
  const says = draw.next() < 0.5 ? 'person' : 'machine';
  for (let turns = draw.whole(1, 8); turns > 0; turns -= 1) {
    yield { says, seconds: draw.whole(10, 900) };
    for (let left = draw.whole(1, 4); left > 0; left -= 1) yield* draw.pick(ACTIVITIES)(draw);
    yield { says: 'nothing' };
  }
}

/** A runaway: what it does in its round number `n`, for ever. */
export interface Runaway {
  readonly name: string;
  readonly contextTokens: number;
  readonly round: (n: number, draw: Draws) => readonly Act[];
}

const calls = (...made: readonly CallFact[]): Act => ({ calls: made });
const waiting = (seconds: number, ...made: readonly CallFact[]): Act => ({
  calls: made,
  seconds,
  newTokens: 100,
});
const E500 = 'Exit code 22\ncurl: (22) The requested URL returned error: 503';

/** Thirty of them, each a way of its own to go in circles. */
export const RUNAWAYS: readonly Runaway[] = [
  {
    name: 'a command that fails',
    contextTokens: 40_000,
    round: () => [calls(bash('make', 'Exit code 2\nno rule', true))],
  },
  {
    name: 'a flaky download, retried',
    contextTokens: 60_000,
    round: () => [waiting(10, bash('curl -f https://x/y', E500, true))],
  },
  {
    name: 'retries with a counter in the command',
    contextTokens: 30_000,
    round: (n) => [
      calls(bash(`TRY=${n} ./deploy.sh`, 'Exit code 1\ndeploy: connection refused by host', true)),
    ],
  },
  {
    name: 'retries with other words each time',
    contextTokens: 50_000,
    round: (n, d) => [
      calls(
        bash(
          `npm i ${word(d)}`,
          `Exit code 1\nnpm error ${n} ${word(d)} not found in the registry`,
          true,
        ),
      ),
    ],
  },
  {
    name: 'an edit that never matches',
    contextTokens: 45_000,
    round: (_, d) => [calls(edit('/w/a.ts', word(d), 'x', true))],
  },
  {
    name: 'a refused tool, asked for again',
    contextTokens: 35_000,
    round: () => [
      calls(
        tool('WebFetch', { url: 'https://x' }, 'Permission to use WebFetch has been denied.', true),
      ),
    ],
  },
  {
    name: 'a missing file, read again',
    contextTokens: 25_000,
    round: () => [
      calls(
        callFact({
          tool: 'Read',
          input: { file_path: '/w/none.ts' },
          result: 'File does not exist.',
          kind: 'read',
          path: '/w/none.ts',
          hasFailed: true,
        }),
      ),
    ],
  },
  {
    name: 'an edit and the same failing test',
    contextTokens: 60_000,
    round: (_, d) => [calls(edit('/w/cart.ts', word(d), word(d))), calls(failing(d, 'cart'))],
  },
  {
    name: 'read, edit, and the same failing test',
    contextTokens: 50_000,
    round: (n, d) => [
      calls(read('/w/cart.ts', 0, n)),
      calls(edit('/w/cart.ts', word(d), word(d))),
      calls(failing(d, 'cart')),
    ],
  },
  {
    name: 'an edit that is undone and made again',
    contextTokens: 40_000,
    round: (n, d) => [
      calls(n % 2 ? edit('/w/a.ts', 'on', 'off') : edit('/w/a.ts', 'off', 'on')),
      calls(n % 2 ? failing(d, 'on') : failing(d, 'off')),
    ],
  },
  {
    name: 'two tests that break each other',
    contextTokens: 55_000,
    round: (n, d) => [
      calls(edit('/w/a.ts', word(d), word(d))),
      calls(failing(d, n % 2 ? 'left' : 'right')),
    ],
  },
  {
    name: 'one file read for ever',
    contextTokens: 80_000,
    round: () => [calls(read('/w/big.ts'))],
  },
  {
    name: 'five files read in turn',
    contextTokens: 60_000,
    round: (n) => [calls(read(`/w/part-${n % 5}.ts`))],
  },
  {
    name: 'twelve files read in turn',
    contextTokens: 40_000,
    round: (n) => [calls(read(`/w/part-${n % 12}.ts`))],
  },
  {
    name: 'one file, another place each time',
    contextTokens: 70_000,
    round: (n) => [calls(read('/w/big.ts', n * 37))],
  },
  {
    name: 'the same search',
    contextTokens: 50_000,
    round: () => [calls(look('Grep', { pattern: 'cart' }, 'No files found'))],
  },
  {
    name: 'search and read in turn',
    contextTokens: 65_000,
    round: () => [
      calls(look('Grep', { pattern: 'cart' }, 'Found 1 file\n/w/cart.ts')),
      calls(read('/w/cart.ts')),
    ],
  },
  { name: 'a hook that sends it on', contextTokens: 50_000, round: () => [{ says: 'nothing' }] },
  {
    name: 'a hook that sends it on, with a look first',
    contextTokens: 50_000,
    round: () => [
      calls(bash('git status', 'nothing to commit, working tree clean')),
      { says: 'nothing' },
    ],
  },
  {
    name: 'it wakes itself up',
    contextTokens: 40_000,
    round: (n) => [
      { says: 'machine', seconds: 60 },
      calls(
        tool('ScheduleWakeup', { seconds: 60, n }, 'Wake-up is scheduled in 60 seconds from now'),
      ),
      { says: 'nothing' },
    ],
  },
  {
    name: 'a poll each 30 seconds',
    contextTokens: 50_000,
    round: () => [waiting(30, bash('sleep 30; gh run view 1', 'in_progress'))],
  },
  {
    name: 'a poll each six minutes, the cache lost',
    contextTokens: 40_000,
    round: () => [waiting(360, bash('sleep 360; gh run view 1', 'in_progress'))],
  },
  {
    name: 'a poll with a clock in what it says',
    contextTokens: 45_000,
    round: (n) => [
      waiting(
        45,
        bash(
          `sleep ${40 + (n % 9)}; kubectl get pods`,
          `web-7d9f8b6c5d-x2x7p  0/1  CrashLoopBackOff  ${n * 2}m`,
        ),
      ),
    ],
  },
  {
    name: 'a background task that is asked about',
    contextTokens: 60_000,
    round: () => [calls(tool('TaskOutput', { task_id: 'b1' }, '<status>running</status>'))],
  },
  {
    name: 'messages between two agents',
    contextTokens: 50_000,
    round: (n, d) => [
      calls(
        tool(
          'SendMessage',
          { to: 'a1', message: `${word(d)} ${n}` },
          `thanks, ${word(d)}; over to you`,
        ),
      ),
    ],
  },
  {
    name: 'a subagent for the same question',
    contextTokens: 60_000,
    round: (_, d) => [
      {
        calls: [
          tool('Agent', { prompt: 'why does it fail?' }, `because of ${word(d)} and ${word(d)}`),
        ],
        newTokens: 2_000,
        seconds: 40,
      },
    ],
  },
  {
    name: 'subagents without end',
    contextTokens: 50_000,
    round: (n, d) => [
      {
        calls: [
          tool(
            'Agent',
            { prompt: `part ${n} ${word(d)}` },
            `report ${word(d)} ${word(d)} ${word(d)}`,
          ),
        ],
        newTokens: 4_000,
        seconds: 5,
      },
    ],
  },
  {
    name: 'a plan that is written again',
    contextTokens: 40_000,
    round: (n) => [
      calls(
        look('TodoWrite', { todos: [`step ${n % 3}`] }, 'Todos have been modified successfully.'),
      ),
    ],
  },
  {
    name: 'one command after another, nothing changed',
    contextTokens: 70_000,
    round: (n, d) => [calls(bash(`git log -${n} ${word(d)}`, `commit ${word(d)} ${word(d)}`))],
  },
  {
    name: 'a file that is written the same again',
    contextTokens: 45_000,
    round: () => [
      calls(
        callFact({
          tool: 'Write',
          input: { file_path: '/w/a.ts', content: 'x' },
          result: 'File has been updated',
          kind: 'edit',
          path: '/w/a.ts',
          hasFailed: false,
        }),
      ),
    ],
  },
];

/** The acts of a runaway, without end, after a little healthy work. */
export function* runaway({ round }: Runaway, seed: number): Generator<Act> {
  const draw = draws(seed);
  yield { says: 'machine' };
  yield* explore(draws(seed + 1));
  for (let n = 0; ; n += 1) yield* round(n, draw);
}
