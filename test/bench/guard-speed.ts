// What the shell guard takes in a warm process: for commands of every day, and for one of ten thousand words. And how many of the
// first it refuses, which is wrong.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claudeCodeTools } from '../../src/agents/claude-code/tools/tools.ts';
import { protectedPath } from '../../src/protection/protected-paths.ts';
import { median, quantile } from './measure.ts';

const EVERYDAY = join(import.meta.dirname, '../fixtures/everyday-commands.txt');

/** Commands of ten thousand words, each of another kind. */
const LARGE: Readonly<Record<string, string>> = {
  'one file again and again': `rm ${'src/x '.repeat(10_000)}`,
  'ten thousand files': `rm ${numbered((index) => `src/file-${index}.ts`)}`,
  'ten thousand folders': `rm -rf ${numbered((index) => `packages/p${index}/dist`)}`,
  'five thousand commands': Array.from({ length: 5_000 }, (_, at) => `rm src/${at}`).join('; '),
  'five thousand substitutions in each other': `${'echo $('.repeat(5_000)}x${')'.repeat(5_000)}`,
  'a folder in a folder, 2,500 times': Array.from(
    { length: 2_500 },
    (_, at) => `cd d${at}; rm x`,
  ).join('; '),
};

function numbered(word: (index: number) => string): string {
  return Array.from({ length: 10_000 }, (_, index) => word(index)).join(' ');
}

export interface GuardFigures {
  readonly commandCount: number;
  readonly refused: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of each large command, median: other work on the machine stretches the time by the clock. */
  readonly largeMs: Readonly<Record<string, number>>;
}

export function measureGuard(isShort: boolean): GuardFigures {
  // Not below /tmp, which everyday commands empty.
  const root = realpathSync(
    mkdtempSync(join(process.platform === 'linux' ? '/var/tmp' : tmpdir(), 'tollgate-guard-')),
  );
  try {
    return measureIn(join(root, 'repo'), join(root, 'home'), isShort);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function measureIn(repo: string, home: string, isShort: boolean): GuardFigures {
  mkdirSync(join(repo, '.claude'), { recursive: true });
  mkdirSync(join(home, '.claude', 'projects'), { recursive: true });
  for (const name of ['settings.json', 'tollgate.json'])
    writeFileSync(join(repo, '.claude', name), '{}\n');
  execFileSync('git', ['init', '--quiet'], { cwd: repo, env: { PATH: process.env.PATH } });
  const ask = (command: string) =>
    protectedPath(
      { name: 'Bash', input: { command } },
      {
        ...{ cwd: repo, variables: { HOME: home, TMPDIR: '/tmp' }, tools: claudeCodeTools },
        files: () => [
          ...['settings.json', 'settings.local.json', 'tollgate.json'].map((name) =>
            join(repo, '.claude', name),
          ),
          ...['.claude/settings.json', '.claude/projects/*.jsonl', '.local/state/tollgate'].map(
            (name) => join(home, name),
          ),
          '/usr/lib/node_modules/tollgate/dist',
        ],
      },
    );
  const commands = readFileSync(EVERYDAY, 'utf8').trimEnd().split('\n');
  const timeOf = (command: string): number => {
    const startedAt = performance.now();
    ask(command);
    return performance.now() - startedAt;
  };
  const processorTimeOf = (command: string): number => {
    const before = process.cpuUsage();
    ask(command);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const refused = commands.filter((command) => ask(command) !== null);
  const rounds = isShort ? 5 : 50;
  const times = Array.from({ length: rounds }, () => commands.map(timeOf)).flat();
  const largeMs = Object.fromEntries(
    Object.entries(LARGE).map(([name, command]) => [
      name,
      median(Array.from({ length: isShort ? 5 : 20 }, () => processorTimeOf(command))),
    ]),
  );
  return {
    ...{ commandCount: commands.length, refused, largeMs },
    ...{ p50Ms: median(times), p99Ms: quantile(times, 0.99) },
  };
}
