// What Windows tells about processes: the system's own table, asked by PowerShell, which takes a good part of a second. Rule: what a
// hook asks often is not asked here. Fields as Win32_Process has them; the query was run on no Windows.
import { type EpochMs, SECOND_MS } from '../../domain/time.ts';
import type { ProcessTable } from './process-table.ts';

/** One process as Win32_Process describes it. */
export interface WindowsRow {
  readonly pid: number;
  readonly parent: number;
  readonly startedAt: EpochMs | 'unknown';
  readonly program: string | 'unknown';
}

const QUERY =
  "Get-CimInstance Win32_Process | ForEach-Object { '{0}|{1}|{2}|{3}' -f $_.ProcessId, $_.ParentProcessId, $(if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().ToString('o') }), $_.ExecutablePath }";
/** A command asks several things about the processes above it. */
const KEPT_MS = 10 * SECOND_MS;

/** The rows of an answer: `pid|parent|start|program`, the last two empty where the system keeps them to itself. */
export function parseRows(text: string): readonly WindowsRow[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, pid, parent, start = '', program] =
      /^\s*(\d+)\|(\d+)\|([^|]*)\|(.*?)\s*$/.exec(line) ?? [];
    if (program === undefined) return [];
    const startedAt = Date.parse(start);
    return {
      ...{ pid: Number(pid), parent: Number(parent), program: program || 'unknown' },
      startedAt: Number.isNaN(startedAt) ? 'unknown' : startedAt,
    };
  });
}

/** The parent of a process among rows; 'unknown' also where it has ended and its number may be another's. */
export function parentIn(rows: ReadonlyMap<number, WindowsRow>, pid: number): number | 'unknown' {
  const own = rows.get(pid);
  const parent = rows.get(own?.parent ?? -1);
  if (own === undefined || parent === undefined) return 'unknown';
  // Windows gives the numbers of ended processes to new ones: a parent began before its child.
  const isReused =
    typeof own.startedAt === 'number' &&
    typeof parent.startedAt === 'number' &&
    parent.startedAt > own.startedAt;
  return isReused ? 'unknown' : parent.pid;
}

let known: { readonly at: number; readonly rows: ReadonlyMap<number, WindowsRow> } | null = null;

function rows(): ReadonlyMap<number, WindowsRow> {
  const at = performance.now();
  if (known !== null && at - known.at < KEPT_MS) return known.rows;
  known = { at, rows: new Map(parseRows(ask()).map((row) => [row.pid, row])) };
  return known.rows;
}

function ask(): string {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const root = process.env.SystemRoot ?? 'C:\\Windows';
  try {
    return execFileSync(
      `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
      ['-NoProfile', '-NonInteractive', '-Command', QUERY],
      {
        ...{ encoding: 'utf8', timeout: 15 * SECOND_MS, maxBuffer: 16 * 1024 * 1024 },
        ...{ stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true },
      },
    );
  } catch {
    return ''; // no PowerShell, or it may not run
  }
}

/** What Windows tells. */
export const windows: ProcessTable = {
  untold: [
    ...(['clock', 'environment', 'files', 'identity', 'keyboard'] as const),
    ...(['lock holder', 'nested clients', 'terminal holder'] as const),
  ],
  parentOf: (pid) => parentIn(rows(), pid),
  startOf: (pid) => rows().get(pid)?.startedAt ?? 'unknown',
  identityOf: () => 'unknown',
  isIdleForGood: () => false,
  workOf: () => null,
  childrenOf: () => 'unknown',
  programOf: (pid) => rows().get(pid)?.program ?? 'unknown',
  workingFolderOf: () => 'unknown',
  commandLineOf: () => 'unknown',
  environmentOf: () => 'unknown',
  terminalOf: () => 'unknown',
  terminalDeviceOf: () => null,
  sessionLeaderOf: () => 'unknown',
  controllingTerminalOf: () => 'unknown',
  holdersOfTerminal: () => 'unknown',
  fileOf: () => null,
  holdsOtherEnd: () => 'unknown',
  fileLockHolder: () => null,
  allProcesses: () => 'unknown',
  belongingOf: () => 'unknown',
  bootId: () => null,
  writeError: (pid) => {
    throw new Error(`Windows gives no way to write to process ${pid}`);
  },
};
