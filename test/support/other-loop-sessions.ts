// More simulated sessions for circuit breakers, written when the limits had been set: healthy ones of other kinds than in loop-sessions.ts, and other
// runaways. At first 18 in 100 of these tripped the default set, and 3 of the runaways were caught late; the rules were mended on them, and three
// kinds of work here were changed, so that they are no independent evidence.
import type { CallFact } from '../../src/breakers/breaker.ts';
import { callFact } from '../../src/breakers/call-fact.ts';
import {
  type Act,
  bash,
  type Draws,
  draws,
  edit,
  look,
  type Runaway,
  read,
  tool,
} from './loop-sessions.ts';

const SYLLABLES = [
  'ba',
  'cor',
  'du',
  'fen',
  'gi',
  'hol',
  'ka',
  'lum',
  'mi',
  'nor',
  'pa',
  'ri',
  'so',
  'tel',
  'vu',
];
const name = (d: Draws, length = 3): string =>
  Array.from({ length }, () => d.pick(SYLLABLES)).join('');
const chance = (d: Draws, ratio: number): boolean => d.next() < ratio;
const write = (path: string, content: string): CallFact =>
  callFact({
    ...{ tool: 'Write', input: { file_path: path, content }, kind: 'edit', path, hasFailed: false },
    result: `File created successfully at: ${path}`,
  });
const calls = (...made: readonly CallFact[]): Act => ({ calls: made });
const slow = (seconds: number, ...made: readonly CallFact[]): Act => ({ calls: made, seconds });

/** What a file's edit says where it was not read before; the same words for every file. */
const unread = (path: string): CallFact =>
  callFact({
    ...{ tool: 'Edit', input: { file_path: path }, kind: 'edit', path, hasFailed: true },
    result:
      '<tool_use_error>File has not been read yet. Read it first before writing to it.</tool_use_error>',
  });

type Work = (d: Draws) => Generator<Act>;

/** A module moved through a hundred files, the compiler's list of errors getting shorter. */
function* longRefactoring(d: Draws): Generator<Act> {
  const [from, to] = [name(d), name(d)];
  const files = Array.from({ length: d.whole(15, 70) }, () => `/r/src/${name(d)}.ts`);
  let errors = d.whole(5, 60);
  for (const path of files) {
    if (chance(d, 0.06)) yield calls(unread(path));
    if (chance(d, 0.8)) yield { calls: [read(path)], newTokens: d.whole(500, 4_000) };
    yield calls(edit(path, `import { ${from} }`, `import { ${to} }`, chance(d, 0.04)));
    if (!chance(d, 0.15)) continue;
    errors = Math.max(0, errors - d.whole(0, 9));
    yield errors === 0
      ? slow(20, bash('npx tsc --noEmit', ''))
      : slow(
          20,
          bash(
            'npx tsc --noEmit',
            `Exit code 2\n${path}(${d.whole(1, 300)},5): error TS2305: no exported member '${from}'.\nFound ${errors} errors.`,
            true,
          ),
        );
  }
}

/** Red, green, tidy up: the same command all along. */
function* testFirst(d: Draws): Generator<Act> {
  const [test, source] = [`/r/test/${name(d)}.test.ts`, `/r/src/${name(d)}.ts`];
  for (let cycle = d.whole(4, 14); cycle > 0; cycle -= 1) {
    const what = `${name(d)} ${name(d)}`;
    yield calls(edit(test, name(d), `test('${what}')`));
    for (let red = d.whole(1, chance(d, 0.1) ? 5 : 2); red > 0; red -= 1) {
      yield slow(
        6,
        bash(
          'npx vitest run',
          `Exit code 1\n FAIL  ${test} > ${what}\nAssertionError: expected ${d.whole(0, 9)} to be ${what.length}\n Duration ${d.whole(300, 900)}ms`,
          true,
        ),
      );
      if (chance(d, 0.3)) yield calls(read(source, d.whole(0, 5) * 40));
      yield calls(edit(source, name(d), name(d)));
    }
    yield slow(
      6,
      bash(
        'npx vitest run',
        ` Test Files  12 passed (12)\n Tests  ${80 + cycle} passed\n Duration ${d.whole(300, 900)}ms`,
      ),
    );
  }
}

/** A build or a roll-out that is looked at until it is done; what it says moves on. */
function* watchBuild(d: Draws): Generator<Act> {
  const id = d.whole(10_000, 99_999);
  const command = d.pick([
    `gh run view ${id} --json jobs`,
    `kubectl rollout status deploy/${name(d)}`,
    `tail -n 3 /tmp/build-${id}.log`,
    `docker logs --tail 5 ${name(d)}`,
  ]);
  const steps = d.whole(3, 25);
  let step = 0;
  while (step < steps) {
    yield {
      ...slow(
        d.pick([15, 30, 60, 120]),
        bash(
          `sleep ${d.pick([15, 30, 60])} && ${command}`,
          `step ${step} of ${steps}: ${step % 4 === 0 ? 'compiling' : 'linking'} ${name(d)}`,
        ),
      ),
      newTokens: 200,
    };
    // Mostly something has happened; at times nothing has.
    if (chance(d, 0.8)) step += 1;
    else
      yield {
        ...slow(
          30,
          bash(`sleep 30 && ${command}`, `step ${step} of ${steps}: waiting for a free runner`),
        ),
        newTokens: 200,
      };
  }
}

/** A large code base is searched, with large results, now and then for the same thing elsewhere. */
function* largeSearch(d: Draws): Generator<Act> {
  const pattern = name(d);
  for (let left = d.whole(8, 35); left > 0; left -= 1) {
    const path = `/r/packages/${name(d)}`;
    if (chance(d, 0.5))
      yield {
        calls: [
          look(
            'Grep',
            { pattern: chance(d, 0.3) ? pattern : name(d), path, '-C': d.whole(0, 5) },
            chance(d, 0.2)
              ? 'No matches found'
              : `${path}/${name(d)}.ts:${d.whole(1, 900)}: ${name(d)}`,
          ),
        ],
        newTokens: d.whole(200, 9_000),
      };
    else if (chance(d, 0.6))
      yield {
        calls: [read(`${path}/${name(d)}.ts`, d.pick([0, 0, 300, 900]))],
        newTokens: d.whole(1_000, 8_000),
      };
    else
      yield calls(
        look(
          'Glob',
          { pattern: `**/${name(d)}*.ts` },
          chance(d, 0.3) ? 'No files found' : `${path}/${name(d)}.ts`,
        ),
      );
  }
}

/** A suite that takes many minutes, so that the cache is lost; one of its tests fails now and then. */
function* longTests(d: Draws): Generator<Act> {
  const flaky = name(d);
  for (let runs = d.whole(2, 6); runs > 0; runs -= 1) {
    const seconds = d.whole(200, 900);
    if (chance(d, 0.35))
      yield {
        calls: [
          bash(
            'make integration',
            `Exit code 2\n--- FAIL: ${flaky} (${d.whole(1, 90)}.${d.whole(10, 99)}s)\n    timeout waiting for condition`,
            true,
          ),
        ],
        seconds,
        newTokens: 3_000,
      };
    else {
      // Nobody runs again what has passed.
      yield {
        calls: [bash('make integration', `ok  \tall\t${seconds}.${d.whole(100, 999)}s`)],
        seconds,
        newTokens: 500,
      };
      yield calls(edit(`/r/it/${name(d)}.go`, name(d), name(d)));
    }
    if (chance(d, 0.5)) yield calls(edit(`/r/it/${name(d)}.go`, name(d), name(d)));
    else yield { calls: [read(`/r/it/${flaky}.go`, d.whole(0, 3) * 100)], newTokens: 2_000 };
  }
}

/** Pages are written and put right, with a checker that finds something else each time. */
function* docs(d: Draws): Generator<Act> {
  const page = `/r/docs/${name(d)}.md`;
  yield calls(read('/r/README.md'));
  yield { calls: [write(page, name(d, 40))], newTokens: 300 };
  for (let left = d.whole(3, 18); left > 0; left -= 1) {
    yield calls(edit(page, name(d), name(d, 12), chance(d, 0.08)));
    if (chance(d, 0.25)) yield calls(read(page));
    if (!chance(d, 0.3)) continue;
    if (chance(d, 0.5))
      yield calls(bash('npx prettier --check docs', 'All matched files use Prettier code style!'));
    else {
      yield calls(
        bash(
          'npx prettier --check docs',
          `Exit code 1\n[warn] ${page}\n[warn] Code style issues found in the above file. Run Prettier with --write to fix.`,
          true,
        ),
      );
      if (chance(d, 0.7))
        yield calls(
          bash(
            'npx prettier --write docs && npx prettier --check docs',
            `${page} ${d.whole(10, 90)}ms`,
          ),
        );
    }
  }
}

/** A plan is made: reading, asking others to look, a list of what is to be done. */
function* plan(d: Draws): Generator<Act> {
  const todos = Array.from({ length: d.whole(3, 9) }, () => name(d, 4));
  for (let left = d.whole(4, 20); left > 0; left -= 1)
    yield {
      calls: Array.from({ length: d.whole(1, 4) }, () =>
        read(`/r/src/${name(d)}.ts`, d.pick([0, 0, 250])),
      ),
      newTokens: d.whole(2_000, 12_000),
    };
  if (chance(d, 0.5))
    yield {
      calls: Array.from({ length: d.whole(1, 4) }, () =>
        tool('Agent', { subagent_type: 'Explore', prompt: name(d, 9) }, `${name(d, 20)}`),
      ),
      seconds: d.whole(30, 240),
      newTokens: 4_000,
    };
  yield calls(
    tool(
      'ExitPlanMode',
      { plan: name(d, 30) },
      'User has approved your plan. You can now start coding.',
    ),
  );
  for (const [done] of todos.entries()) {
    yield calls(
      look(
        'TodoWrite',
        {
          todos: todos.map((content, n) => ({
            content,
            status: n < done ? 'completed' : n === done ? 'in_progress' : 'pending',
          })),
        },
        'Todos have been modified successfully. Ensure that you continue to use the todo list to track your progress.',
      ),
    );
    for (let edits = d.whole(1, 4); edits > 0; edits -= 1)
      yield calls(edit(`/r/src/${name(d)}.ts`, name(d), name(d)));
  }
}

/** Which commit broke it: the same two commands at each of them, and no edit. */
function* bisect(d: Draws): Generator<Act> {
  if (chance(d, 0.8)) return yield* commits(d); // seldom done
  yield calls(bash('git bisect start', "status: waiting for both 'good' and 'bad' commits"));
  for (let left = d.whole(5, 9); left > 0; left -= 1) {
    const isBad = chance(d, 0.5);
    yield slow(
      15,
      isBad
        ? bash('npm run repro', 'Exit code 1\nError: the cart adds up to NaN', true)
        : bash('npm run repro', 'fine: the cart adds up'),
    );
    yield calls(
      bash(
        `git bisect ${isBad ? 'bad' : 'good'}`,
        `Bisecting: ${2 ** left} revisions left to test after this (roughly ${left} steps)\n[${name(d)}] ${name(d, 5)}`,
      ),
    );
  }
}

/** Pages of the web, some of which refuse. */
function* research(d: Draws): Generator<Act> {
  for (let left = d.whole(3, 18); left > 0; left -= 1) {
    if (chance(d, 0.3))
      yield { calls: [tool('WebSearch', { query: name(d, 5) }, name(d, 30))], newTokens: 2_000 };
    else if (chance(d, 0.15))
      yield calls(
        tool(
          'WebFetch',
          { url: `https://${name(d)}.example/${name(d)}`, prompt: 'what does it say?' },
          'Request failed with status code 403',
          true,
        ),
      );
    else
      yield {
        calls: [
          tool(
            'WebFetch',
            { url: `https://${name(d)}.example/${name(d)}`, prompt: 'what does it say?' },
            name(d, 40),
          ),
        ],
        newTokens: 1_500,
      };
  }
}

/** A page of an application in a browser: pictures of it, and what is on it, between edits. */
function* inBrowser(d: Draws): Generator<Act> {
  for (let left = d.whole(2, 9); left > 0; left -= 1) {
    yield calls(edit(`/r/web/${name(d)}.tsx`, name(d), name(d)));
    yield slow(
      3,
      tool(
        'mcp__browser__navigate',
        { url: 'http://localhost:5173/' },
        `- Page URL: http://localhost:5173/\n- Page Title: ${name(d)}`,
      ),
    );
    for (let looks = d.whole(1, 4); looks > 0; looks -= 1)
      yield {
        calls: [
          chance(d, 0.5)
            ? tool('mcp__browser__snapshot', {}, `- heading "${name(d)}"\n- button "${name(d)}"`)
            : tool(
                'mcp__browser__screenshot',
                {},
                `Took the screenshot and saved it as /tmp/page-2026-11-28T10-${d.whole(10, 59)}-00.png`,
              ),
        ],
        newTokens: 1_800,
      };
  }
}

/** A database is asked, with a mistake in a query now and then. */
function* queries(d: Draws): Generator<Act> {
  for (let left = d.whole(4, 20); left > 0; left -= 1) {
    const query = `psql -c "select ${name(d)} from ${name(d)}"`;
    yield calls(
      chance(d, 0.2)
        ? bash(
            query,
            `Exit code 1\nERROR:  column "${name(d)}" does not exist\nLINE 1: select`,
            true,
          )
        : bash(query, ` ${name(d)}\n-----\n ${d.whole(1, 9_000)}\n(1 row)`),
    );
  }
}

/** A server is started again after each change, and looked at. */
function* server(d: Draws): Generator<Act> {
  const restart = bash('pkill -f server.js; node server.js > /tmp/server.log 2>&1 &', '');
  for (let left = d.whole(3, 12); left > 0; left -= 1) {
    yield calls(edit(`/r/server/${name(d)}.js`, name(d), name(d)));
    yield calls(restart);
    yield chance(d, 0.3)
      ? calls(bash('curl -sf localhost:3000/health', 'Exit code 7', true))
      : calls(bash('curl -sf localhost:3000/health', '{"ok":true}'));
    if (chance(d, 0.3))
      yield calls(
        bash('curl -sf localhost:3000/health', '{"ok":true}'),
        bash('tail -n 20 /tmp/server.log', `listening\nGET /${name(d)} 200`),
      );
  }
}

/** What is committed, in small steps. */
function* commits(d: Draws): Generator<Act> {
  for (let left = d.whole(1, 5); left > 0; left -= 1) {
    const file = `src/${name(d)}.ts`;
    yield calls(
      bash('git status --short', ` M ${file}`),
      bash('git diff', `-${name(d)}\n+${name(d)}`),
      bash('git log --oneline -5', `${name(d)} ${name(d)}`),
    );
    yield calls(
      bash(
        `git add -A && git commit -m "${name(d, 5)}"`,
        chance(d, 0.15)
          ? `Exit code 1\nhusky - pre-commit hook failed: ${name(d)}`
          : `[main ${name(d)}] ${name(d, 5)}`,
        false,
      ),
    );
  }
  yield calls(bash('git status --short', ''));
}

const WORKS: readonly Work[] = [
  ...[longRefactoring, testFirst, testFirst, watchBuild, largeSearch, largeSearch, longTests, docs],
  ...[plan, bisect, research, inBrowser, queries, server, server, commits, commits],
];

/** A healthy session: few or many prompts, by a person or (in two of three) by a program. */
export function* otherHealthySession(seed: number): Generator<Act> {
  const d = draws(seed * 7_919 + 13);
  const says = chance(d, 1 / 3) ? 'person' : 'machine';
  for (let turns = d.whole(1, 6); turns > 0; turns -= 1) {
    yield { says, seconds: d.whole(5, 2_000) };
    for (let left = d.whole(1, 6); left > 0; left -= 1) yield* d.pick(WORKS)(d);
    yield { says: 'nothing' };
  }
}

const failed = (command: string, why: string): CallFact =>
  bash(command, `Exit code 1\n${why}`, true);
const mcp = (word: string, input: unknown, result: string): CallFact =>
  tool(`mcp__${word}`, input, result);

/** Each a way to go in circles: what it does in its round `n`. */
const ROUNDS: Readonly<Record<string, readonly [contextTokens: number, round: Runaway['round']]>> =
  {
    'a search of the web and the same page, in turn': [
      40_000,
      () => [
        {
          calls: [tool('WebSearch', { query: 'cart NaN' }, 'ten results about carts and NaN')],
          newTokens: 2_000,
        },
        {
          calls: [
            tool('WebFetch', { url: 'https://x.example' }, 'the page says nothing about it at all'),
          ],
          newTokens: 1_500,
        },
      ],
    ],
    'two commands that succeed, in turn': [
      55_000,
      () => [
        calls(bash('ls src', 'cart.ts\nshop.ts')),
        calls(bash('cat package.json', '{"name":"shop"}')),
      ],
    ],
    'search, read, and tests that pass': [
      50_000,
      () => [
        calls(look('Grep', { pattern: 'x' }, 'src/cart.ts')),
        calls(read('/w/cart.ts')),
        calls(bash('npm test', '12 passed')),
      ],
    ],
    'a file that is written and removed': [
      45_000,
      () => [calls(write('/w/tmp.ts', 'export {}')), calls(bash('rm /w/tmp.ts', ''))],
    ],
    'an address with something random behind it': [
      60_000,
      (_, d) => [
        calls(
          bash(
            `curl -s "https://x.example/?t=${d.whole(1e5, 9e5)}"`,
            '{"status":"pending","queue":"default"}',
          ),
        ),
      ],
    ],
    'a build that stays where it is': [
      50_000,
      () => [
        slow(20, bash('sleep 20; cat progress', '37 % of the image is pulled, 4 layers wait')),
      ],
    ],
    'a poll that says one of two things': [
      50_000,
      (n) => [
        slow(
          25,
          bash(
            'sleep 25; gh run view 7',
            n % 2 ? 'queued, waiting for a runner' : 'pending, waiting for a runner',
          ),
        ),
      ],
    ],
    'three failing commands in turn, with a look between': [
      45_000,
      (n) => [
        calls(
          failed(
            ['npm ci', 'yarn', 'pnpm i'][n % 3] as string,
            `cannot resolve ${['a', 'b', 'c'][n % 3]} from the registry`,
          ),
        ),
        calls(bash('ls', 'package.json')),
      ],
    ],
    'a tool of a server that is busy, in its own words': [
      40_000,
      () => [calls(mcp('db', { sql: 'select 1' }, 'The service is busy, please try again later.'))],
    ],
    'the same with an id of the request': [
      40_000,
      (_, d) => [
        calls(
          mcp(
            'db',
            { sql: 'select 1' },
            `The service is busy (request 4f3b2a1c-${d.whole(1_000, 9_999)}-4000-8000-0123456789ab), please try again.`,
          ),
        ),
      ],
    ],
    'the same with a number that counts up': [
      50_000,
      (n) => [
        calls(
          mcp(
            'queue',
            { id: 'j1' },
            `The job is at place ${n} of the queue and cannot be started yet.`,
          ),
        ),
      ],
    ],
    'an edit through three states': [
      40_000,
      (n) => [
        calls(edit('/w/a.ts', ['a', 'b', 'c'][n % 3] as string, ['b', 'c', 'a'][n % 3] as string)),
        calls(
          failed('npm test', `expected ${['a', 'b', 'c'][n % 3]} but got something else entirely`),
        ),
      ],
    ],
    'a shell command that edits to and fro': [
      45_000,
      (n) => [
        calls(bash(n % 2 ? 'sed -i s/on/off/ a.ts' : 'sed -i s/off/on/ a.ts', '')),
        calls(failed('npm test', `a is ${n % 2 ? 'off' : 'on'} where it should not be`)),
      ],
    ],
    'a kind of subagent that is not there': [
      60_000,
      (_, d) => [
        calls(
          tool(
            'Agent',
            { subagent_type: name(d), prompt: name(d) },
            'Agent type not found. Available agents: general-purpose, Explore, Plan',
            true,
          ),
        ),
      ],
    ],
    'a subagent for each number': [
      50_000,
      (n, d) => [
        {
          calls: [tool('Agent', { prompt: `check item ${n}` }, `${name(d, 8)} is fine`)],
          seconds: 30,
          newTokens: 1_000,
        },
      ],
    ],
    'the same search with another number of lines around': [
      55_000,
      (n) => [calls(bash(`grep -A${n} cart src/shop.ts`, 'src/shop.ts: const cart = newCart()'))],
    ],
    'folders that are not there': [
      45_000,
      (_, d) => [
        calls(
          failed(
            `ls /w/${name(d)}`,
            `ls: cannot access '/w/${name(d)}': No such file or directory`,
          ),
        ),
      ],
    ],
    'files that are not there, other ones each time': [
      40_000,
      (_, d) => [
        calls(
          callFact({
            ...{ tool: 'Read', kind: 'read', path: `/w/${name(d)}.ts`, hasFailed: true },
            input: { file_path: name(d) },
            result: 'File does not exist.',
          }),
        ),
      ],
    ],
    'failures that differ, with a look at a file between': [
      45_000,
      (_, d) => [
        calls(failed(`make ${name(d)}`, `no rule to make target ${name(d)}`)),
        calls(read(`/w/${name(d)}.mk`)),
      ],
    ],
    'failures that differ, with a command between': [
      45_000,
      (_, d) => [
        calls(failed(`make ${name(d)}`, `no rule to make target ${name(d)}`)),
        calls(bash(`grep -c ${name(d)} Makefile`, '0')),
      ],
    ],
    'a program that continues it with the same words': [
      40_000,
      () => [
        { says: 'machine', seconds: 20 },
        calls(bash('npm run lint', 'lint is clean, nothing to do')),
        { says: 'nothing' },
      ],
    ],
    'a program that continues it, and no tool': [
      60_000,
      () => [{ says: 'machine', seconds: 5 }, { says: 'nothing' }],
    ],
    'a sleep just within the life of the cache': [
      70_000,
      () => [slow(280, bash('sleep 280; cat done', 'cat: done: not yet there, still working'))],
    ],
    'five of the same call in each response': [
      50_000,
      () => [
        calls(
          ...Array.from({ length: 5 }, () => look('Grep', { pattern: 'cart' }, 'No files found')),
        ),
      ],
    ],
    'five files of another folder in each response, over and over': [
      60_000,
      (n) => [
        {
          calls: Array.from({ length: 5 }, (_, k) => read(`/w/p${n % 4}/f${k}.ts`)),
          newTokens: 5_000,
        },
      ],
    ],
    'a test that fails alike, its line moving on': [
      50_000,
      (n, d) => [
        calls(edit('/w/cart.ts', name(d), name(d))),
        calls(
          failed(
            'npx tsc',
            `src/cart.ts(${100 + n},7): error TS2322: Type 'string' is not assignable to type 'number'.`,
          ),
        ),
      ],
    ],
    'a hook that asks for a change at every end': [
      50_000,
      (_, d) => [calls(edit('/w/notes.md', name(d), name(d))), { says: 'nothing' }],
    ],
    'a to-do list that turns in circles': [
      45_000,
      (n) => [
        calls(
          look(
            'TodoWrite',
            { todos: [{ content: 'fix', status: n % 2 ? 'pending' : 'in_progress' }] },
            'Todos have been modified successfully.',
          ),
        ),
      ],
    ],
    'messages to a team mate who says the same': [
      50_000,
      (n) => [
        calls(
          tool(
            'SendMessage',
            { to: 'b', message: `any news? (${n})` },
            'Message is delivered; b is still working on it.',
          ),
        ),
      ],
    ],
    'a slow watch of something that changes, the cache lost': [
      30_000,
      (n) => [slow(400, bash('sleep 400; uptime', `load average of the last hours: 0.${n}`))],
    ],
  };

export const OTHER_RUNAWAYS: readonly Runaway[] = Object.entries(ROUNDS).map(
  ([title, [contextTokens, round]]) => ({ name: title, contextTokens, round }),
);
