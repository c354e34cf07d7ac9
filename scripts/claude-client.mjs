// Finds, or fetches once, the real Claude Code client that the end-to-end tests drive. Its versions are pinned here
// and nowhere else. Run as a script it prints the path of the binary.
import { execFile } from 'node:child_process';
import {
  access,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** The versions of the client that the tests are written against, oldest first. */
const CLAUDE_CLIENT_VERSIONS = ['2.1.330', '2.1.332'];

/** The version that this run drives: the oldest, or the one that `TOLLGATE_CLAUDE_VERSION` names (`newest` for the last). */
export const CLAUDE_CLIENT_VERSION = chosenVersion(process.env.TOLLGATE_CLAUDE_VERSION);

const run = promisify(execFile);
const cacheRoot = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../node_modules/.cache/tollgate',
);
const installDir = join(cacheRoot, `claude-code-${CLAUDE_CLIENT_VERSION}`);
const binaryName = process.platform === 'win32' ? 'claude.exe' : 'claude';
const lockPath = `${installDir}.lock`;
const fetchTimeoutMs = 10 * 60_000;

/**
 * The path of a runnable Claude Code client of {@link CLAUDE_CLIENT_VERSION}: `TOLLGATE_CLAUDE` when set (taken as it
 * is), else the cached copy, else one freshly fetched from the npm registry (some 175 MB, once per checkout).
 *
 * @returns {Promise<string>} absolute path of the binary
 * @throws {Error} when it can be neither found nor fetched, or when what was fetched is another version
 */
export async function ensureClaudeClient() {
  const chosen = process.env.TOLLGATE_CLAUDE;
  if (chosen) return resolve(chosen);
  const binary = join(installDir, binaryName);
  if (await exists(binary)) return binary;
  await mkdir(cacheRoot, { recursive: true });
  const waitUntil = Date.now() + fetchTimeoutMs;
  while (!(await takeLock())) {
    if (await exists(binary)) return binary;
    if (Date.now() > waitUntil) {
      throw new Error(
        `Another process has held ${lockPath} for too long. Remove it and try again.`,
      );
    }
    await new Promise((wake) => setTimeout(wake, 250));
  }
  try {
    // The former holder of the lock may have finished between our look and our turn.
    if (!(await exists(binary))) await fetchClient();
  } finally {
    await rm(lockPath, { force: true });
  }
  return binary;
}

function chosenVersion(wanted) {
  if (!wanted) return CLAUDE_CLIENT_VERSIONS[0];
  const version = wanted === 'newest' ? CLAUDE_CLIENT_VERSIONS.at(-1) : wanted;
  if (CLAUDE_CLIENT_VERSIONS.includes(version)) return version;
  throw new Error(
    `TOLLGATE_CLAUDE_VERSION: ${wanted} is none of ${CLAUDE_CLIENT_VERSIONS.join(', ')}, newest`,
  );
}

async function fetchClient() {
  await removeAbandoned();
  const incoming = await mkdtemp(join(cacheRoot, `incoming-${process.pid}-`));
  try {
    await run('npm', ['pack', packageSpec(), '--pack-destination', incoming, '--silent'], {
      cwd: incoming,
      timeout: fetchTimeoutMs,
    });
    const tarball = (await readdir(incoming)).find((name) => name.endsWith('.tgz'));
    if (!tarball) throw new Error(`npm pack ${packageSpec()} left no tarball`);
    await run('tar', ['-xzf', tarball], { cwd: incoming });
    const unpacked = join(incoming, 'package');
    await checkVersion(join(unpacked, binaryName), incoming);
    // A rename is atomic: nobody ever sees half a client. If someone else was first, theirs is as good as ours.
    await rename(unpacked, installDir).catch(async (error) => {
      if (!(await exists(join(installDir, binaryName)))) throw error;
    });
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

async function checkVersion(binary, home) {
  const env = { HOME: home, PATH: '/usr/bin:/bin', DISABLE_AUTOUPDATER: '1' };
  const { stdout } = await run(binary, ['--version'], { env, timeout: 60_000 });
  if (stdout.trim().split(' ')[0] !== CLAUDE_CLIENT_VERSION) {
    throw new Error(
      `Expected client ${CLAUDE_CLIENT_VERSION}, the package holds: ${stdout.trim()}`,
    );
  }
}

function packageSpec() {
  const libc = process.platform === 'linux' && isMusl() ? '-musl' : '';
  const build = `${process.platform}-${process.arch}${libc}`;
  return `@anthropic-ai/claude-code-${build}@${CLAUDE_CLIENT_VERSION}`;
}

function isMusl() {
  return !process.report.getReport().header.glibcVersionRuntime;
}

/** Whether the lock is ours now. It only saves a second download: correctness rests on the rename. */
async function takeLock() {
  try {
    const lock = await open(lockPath, 'wx');
    await lock.writeFile(String(process.pid));
    await lock.close();
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (await isAbandonedLock()) await rm(lockPath, { force: true });
  return false;
}

async function isAbandonedLock() {
  try {
    const pid = Number(await readFile(lockPath, 'utf8'));
    if (pid > 0) return !isAlive(pid);
    // Empty: its owner is between creating and writing it, unless that was long ago.
    return Date.now() - (await stat(lockPath)).mtimeMs > 10_000;
  } catch {
    return false;
  }
}

async function removeAbandoned() {
  for (const name of await readdir(cacheRoot)) {
    const pid = /^incoming-(\d+)-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) {
      await rm(join(cacheRoot, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(await ensureClaudeClient());
}
