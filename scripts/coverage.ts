// Which lines of `src` the tests run: those of this process and those of every hook, command and server that they
// start. Rule: a line counts once, however many processes ran it.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mergeProcessCovs, type ProcessCov, type ScriptCov } from '@bcoe/v8-coverage';
import { convert } from 'ast-v8-to-istanbul';
import istanbul from 'istanbul-lib-coverage';
import { parseAstAsync } from 'vite';

/** The least share of lines, in percent. */
const ASKED_PERCENT = 95;
/** Reports of processes that are read at once: each has some hundred kilobytes. */
const REPORTS_AT_ONCE = 40;

const root = process.cwd();
const folder = join(root, 'node_modules/.cache/tollgate/coverage');
const children = join(folder, 'children');
/** Projects get it as it is. */
const launcher = join(root, 'src/agents/claude-code/install/project-launcher.cjs');

/** Line by line of each source file: whether it ran. */
type Lines = Map<string, Map<number, boolean>>;

function runTests(only: readonly string[]): number {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(children, { recursive: true });
  chmodSync(children, 0o777); // some tests start ours as another user
  run('npm', ['run', 'build', '--silent'], { TOLLGATE_SOURCE_MAPS: '1' });
  const coverage = [
    'provider=v8',
    'include=src/**',
    'reporter=json',
    'reportOnFailure=true',
    // Emptied above; Vitest would make the children's folder anew, and closed.
    'clean=false',
    `reportsDirectory=${folder}`,
  ];
  return run(
    'npx',
    ['vitest', 'run', '--coverage', ...coverage.map((words) => `--coverage.${words}`), ...only],
    { TOLLGATE_COVERAGE_FOLDER: children, TOLLGATE_RUNS: process.env.TOLLGATE_RUNS ?? '0.1' },
  );
}

function run(file: string, args: readonly string[], env: Record<string, string>): number {
  return spawnSync(file, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
}

/** What child processes ran of `dist`, a file of it each. */
function childScripts(): readonly ScriptCov[] {
  const names = readdirSync(children);
  let merged: ProcessCov = { result: [] };
  for (let at = 0; at < names.length; at += REPORTS_AT_ONCE) {
    const some = names.slice(at, at + REPORTS_AT_ONCE).flatMap(processReport);
    merged = mergeProcessCovs([merged, ...some]);
  }
  return merged.result;
}

/** The scripts of ours in one report; none when its process was killed while it wrote. */
function processReport(name: string): ProcessCov[] {
  try {
    const { result } = JSON.parse(readFileSync(join(children, name), 'utf8')) as ProcessCov;
    // A page that was opened again has each script twice.
    return result.flatMap(ofDist).map((script) => ({ result: [script] }));
  } catch {
    return [];
  }
}

/** Packages that tests install elsewhere, and pages of the dashboard, hold copies of the same files: they count as the same. */
function ofDist(script: ScriptCov): ScriptCov[] {
  if (/^http:\/\/127\.0\.0\.1:\d+\/app\.js$/.test(script.url))
    return [{ ...script, url: join(root, 'dist/dashboard/app.js') }];
  const path = script.url.startsWith('file:') ? fileURLToPath(script.url) : script.url;
  if (path.endsWith('/.claude/tollgate-hook.cjs')) return [{ ...script, url: launcher }];
  const [, inside] = /\/dist\/((?:hooks|cli)\/[\w-]+\.c?js|scan-worker\.cjs)$/.exec(path) ?? [];
  return inside === undefined ? [] : [{ ...script, url: join(root, 'dist', inside) }];
}

async function sourceLines({ url, functions }: ScriptCov): Promise<istanbul.CoverageMapData> {
  const code = readFileSync(url, 'utf8');
  const coverage = { scriptId: '0', url: `file://${url}`, functions };
  const built = { ast: parseAstAsync(code), code, coverage, wrapperLength: 0 };
  if (url === launcher) return await convert(built);
  const sourceMap = JSON.parse(readFileSync(`${url}.map`, 'utf8'));
  return await convert({ ...built, sourceMap });
}

/** Lines of this process: they name every line of `src` that can run, also those of files that nobody has loaded. */
function linesOf(data: istanbul.CoverageMapData): Lines {
  const lines: Lines = new Map();
  for (const [name, file] of sourceFiles(data)) {
    const ran = Object.entries(file.getLineCoverage()).map(
      ([line, hits]) => [Number(line), hits > 0] as const,
    );
    lines.set(name, new Map(ran));
  }
  return lines;
}

/** Adds what a built file ran. A bundle has statements where the source has none: imports, ends of blocks. */
function addRun(lines: Lines, data: istanbul.CoverageMapData): void {
  for (const [name, file] of sourceFiles(data)) {
    const known = lines.get(name);
    for (const [line, hits] of Object.entries(file.getLineCoverage())) {
      if (hits > 0 && known?.has(Number(line))) known.set(Number(line), true);
    }
  }
}

function sourceFiles(data: istanbul.CoverageMapData) {
  const map = istanbul.createCoverageMap(data);
  return map
    .files()
    .map((file) => [relative(root, file), map.fileCoverageFor(file)] as const)
    .filter(([name]) => name.startsWith('src/'));
}

function print(lines: Lines): number {
  const rows = [...lines].map(([file, known]) => {
    const missed = [...known].flatMap(([line, ran]) => (ran ? [] : [line]));
    return { file, count: known.size, missed };
  });
  for (const { file, count, missed } of rows.sort((a, b) => b.missed.length - a.missed.length)) {
    if (missed.length === 0) break;
    console.log(
      `${String(missed.length).padStart(4)} of ${count}  ${file}: ${missed.sort((a, b) => a - b).join(' ')}`,
    );
  }
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const missed = rows.reduce((sum, row) => sum + row.missed.length, 0);
  const percent = (100 * (count - missed)) / count;
  console.log(`${percent.toFixed(2)} % of ${count} lines of src ran (asked: ${ASKED_PERCENT} %)`);
  return percent;
}

const failed = runTests(process.argv.slice(2));
const lines = linesOf(JSON.parse(readFileSync(join(folder, 'coverage-final.json'), 'utf8')));
for (const script of childScripts()) addRun(lines, await sourceLines(script));
const percent = print(lines);
process.exitCode = failed !== 0 || percent < ASKED_PERCENT ? 1 : 0;
