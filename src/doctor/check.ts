// The contract of a check of `tollgate doctor`: what it looks at, and what it finds. Rule: a finding is coded data;
// its wording and its severity are in findings.ts.
import type { Config, ConfigProblem } from '../config/config.ts';
import type { PlanProblem } from '../domain/plan-window.ts';
import type { EpochMs } from '../domain/time.ts';
import type { TollgateError } from '../errors.ts';
import type { ChannelHealth, PlanReading } from '../stores/store.ts';
import type { Finding } from './findings.ts';

/** What a check saw. */
export interface CheckResult {
  /** One line for people, also when all is well. */
  readonly summary: string;
  /** The same for scripts. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
}

export interface Check {
  readonly name: string;
  readonly run: (world: DoctorWorld) => CheckResult | Promise<CheckResult>;
  /** Repairs one finding of its own; what it did, or `null` when that is for a person to do. */
  readonly fix?: (finding: Finding, world: DoctorWorld) => Promise<string | null> | string | null;
}

/** A settings scope of the host, the strongest first: `managed`, `local`, `project`, `user`. */
export type ScopeName = 'managed' | 'user' | 'project' | 'local';

/** One hook of ours in a settings file or in the plugin. */
export interface InstalledHook {
  readonly scope: ScopeName | 'plugin';
  /** The host's name of the event. */
  readonly event: string;
  /** A request may follow: where this hook lets through, money is spent. */
  readonly isGate: boolean;
  /** Answered by the resident gate instead of a process. */
  readonly isResident: boolean;
  /** Files it names that are not there. */
  readonly missingFiles: readonly string[];
  /** The host blocks what the hook guards when the hook itself fails. */
  readonly blocksOnFailure: boolean;
}

/** A settings file of the host. */
export interface SettingsScope {
  readonly scope: ScopeName;
  readonly file: string;
  /** `skipped`: it is no strict JSON, so the host uses nothing of it. */
  readonly state: 'absent' | 'read' | 'skipped' | 'unreadable';
  readonly hooks: readonly InstalledHook[];
  /** The host's plugins in it that bring hooks of ours. */
  readonly plugins: readonly string[];
}

/** Why the host does not run hooks of ours. */
export interface Obstacle {
  readonly code: 'SETTINGS_SKIPPED' | 'HOOKS_DISABLED' | 'MANAGED_HOOKS_ONLY';
  readonly file: string;
  readonly message: string;
}

/** What the host's settings say of our hooks. */
export interface HostSettings {
  readonly obstacles: readonly Obstacle[];
  readonly scopes: readonly SettingsScope[];
  /** Those that the host runs. */
  readonly hooksInForce: readonly InstalledHook[];
}

export interface HostFacts {
  /** `null`: none was found. */
  readonly version: string | null;
  readonly features: readonly {
    readonly name: string;
    readonly since: string;
    readonly has: boolean;
  }[];
}

export interface LedgerHealth {
  readonly path: string;
  readonly exists: boolean;
  /** `ok`, or what SQLite said. */
  readonly integrity: string;
  readonly bytes: number;
  readonly logBytes: number;
  /** Files and folders that others than their owner may read or write. */
  readonly open: readonly {
    readonly path: string;
    readonly mode: string;
    readonly wanted: number;
  }[];
  /** The file system of another machine that it is on; `null`: this machine's own. */
  readonly networkDrive: string | null;
  /** When a session was last heard of; `null`: never. */
  readonly lastSeenAt: EpochMs | null;
  readonly failure: TollgateError | null;
}

/** A session by its transcript. */
export interface TranscriptSession {
  readonly sessionId: string;
  readonly path: string;
  readonly startedAt: EpochMs;
  readonly cwd: string | null;
}

/** What Claude Code has told of a plan. */
export interface PlanFacts {
  /** The newest of each window. */
  readonly readings: readonly PlanReading[];
  /** What could not be read, or was odd, within the last week. */
  readonly problems: readonly PlanProblem[];
}

/** What checks may ask; nothing of it is looked up before. */
export interface DoctorWorld {
  readonly now: EpochMs;
  readonly nodeVersion: string;
  /** What the system does not tell of processes. */
  readonly untold: readonly string[];
  readonly stateHome: string;
  readonly projectRoot: string;
  /** Throws `TollgateError` where nothing opens the ledger. */
  readonly readDriver: () => {
    readonly name: 'better-sqlite3' | 'node:sqlite';
    readonly version: string;
    readonly sqliteVersion: string;
  };
  readonly readSettings: () => HostSettings;
  readonly readHost: () => HostFacts;
  /** Runs every hook in force once; those that failed. */
  readonly rehearse: () => Promise<readonly { readonly event: string; readonly message: string }[]>;
  /** Median times of a tool's hook and of Node alone; `null`: no hook to time. */
  readonly timeHook: () => Promise<{ readonly hookMs: number; readonly nodeMs: number } | null>;
  readonly readConfig: () => {
    readonly config: Config;
    readonly problems: readonly ConfigProblem[];
    readonly files: readonly { readonly file: string; readonly present: boolean }[];
  };
  readonly readLedger: () => LedgerHealth;
  /** The times that the ledger was restored from its seal, in words, the latest last. */
  readonly readRestorations: () => readonly string[];
  /** Sessions of this project that began at this time or later, by their transcripts. */
  readonly readTranscripts: (sinceAt: EpochMs) => readonly TranscriptSession[];
  /** Transcripts with lines that may have used tokens and could not be read. */
  /** Folders of Claude Code that the same person has on the system around this one. */
  readonly readOtherHomes: () => readonly string[];
  readonly readUnusable: () => readonly { readonly path: string; readonly lineCount: number }[];
  /** Sessions that a hook has told the ledger of. */
  readonly readHookedSessions: () => ReadonlySet<string>;
  /** Sessions whose guard was lost. */
  readonly readGuardLosses: () => readonly {
    readonly sessionId: string;
    readonly lostAt: EpochMs;
  }[];
  /** Settings files of other places that had our hooks when they were last known to be right, and have them no more. */
  readonly readUnguardedPlaces: () => readonly string[];
  /** Since when the hooks of this project are in its settings; `null`: they are not. */
  readonly installedAt: () => EpochMs | null;
  /** How the channels of alerts have fared; empty where there is no ledger. */
  readonly readChannelHealth: () => readonly ChannelHealth[];
  /** Nothing where there is no ledger. */
  readonly readPlan: () => PlanFacts;
  /** The day the prices were read, `YYYY-MM-DD`. */
  readonly pricesReadOn: string;
  /** Zone of this machine; empty where the system does not tell. */
  readonly timeZone: string;
  /** Writes the hooks of a scope anew. */
  readonly reinstall: (scope: ScopeName) => Promise<void>;
}
