// Puts Tollgate in front of a world's Claude Code, as `tollgate init` would: the built hooks, a configuration, and
// a look into the ledger afterwards. The ledger is read by plain SQL, so that the store cannot vouch for itself.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { CLAUDE_CLIENT_VERSION } from '../../scripts/claude-client.mjs';
import { hookEntries } from '../../src/agents/claude-code/install/hook-entries.ts';
import { parseHostVersion } from '../../src/agents/claude-code/install/host-version.ts';
import type { Sandbox, SettingsPlace } from './sandbox.ts';

/** A budget as a person writes it. */
export interface BudgetInput {
  readonly id: string;
  readonly scope?: unknown;
  readonly period?: unknown;
  /** A window of a plan; limits are then percentages. */
  readonly plan?: string;
  /** Dollars as text. */
  readonly soft?: string;
  readonly hard?: string;
  readonly wrapUp?: unknown;
  readonly mode?: 'observe' | 'warn' | 'enforce';
}

/** What is to stand in front of the client. */
export interface GuardOptions {
  /** Absent: no budget at all, so everything is metered and nothing is halted. */
  readonly budgets?: readonly BudgetInput[];
  /** Further keys of `.claude/tollgate.json`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Further keys of the settings file; `hooks` are joined with ours, event by event. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Absent: the person's own settings, as most people install it. */
  readonly place?: SettingsPlace;
}

/** The built hooks. `TOLLGATE_HOOKS_DIR`: a copy of them below the repository, for when somebody builds meanwhile. */
export const hooksDir = resolve(
  process.env.TOLLGATE_HOOKS_DIR ?? join(import.meta.dirname, '../../dist/hooks'),
);

/** Installs the hooks (those `tollgate init` installs for this client) and writes the configuration. */
export async function guard(sandbox: Sandbox, options: GuardOptions = {}): Promise<void> {
  const { hooks: others = {}, ...settings } = options.settings ?? {};
  const hooks: Record<string, unknown[]> = {};
  for (const [event, groups] of Object.entries(others as Record<string, unknown[]>)) {
    hooks[event] = [...groups];
  }
  for (const { event, group } of guardEntries()) {
    hooks[event] = [...(hooks[event] ?? []), group];
  }
  // The client hands this on to its hooks, in print mode and in the terminal alike.
  const env = { TOLLGATE_HOME: sandbox.tollgateHome, ...(settings.env as object | undefined) };
  await sandbox.writeSettings(options.place ?? 'user', { ...settings, env, hooks });
  await configure(sandbox, options);
}

/** Writes `.claude/tollgate.json` anew. */
export async function configure(
  sandbox: Sandbox,
  { budgets = [], config = {} }: Pick<GuardOptions, 'budgets' | 'config'>,
): Promise<void> {
  await mkdir(join(sandbox.repo, '.claude'), { recursive: true });
  const written = { ...config, ...(budgets.length > 0 ? { budgets } : {}) };
  const file = join(sandbox.repo, '.claude', 'tollgate.json');
  await writeFile(file, `${JSON.stringify(written, null, 2)}\n`);
}

/** A time zone in which it is noon, for `timeZone`: what counts by days meets no midnight while a test runs. */
export function noonZone(now = Date.now()): string {
  const hoursAhead = 12 - new Date(now).getUTCHours();
  // `Etc/GMT-3` is three hours ahead of UTC.
  return `Etc/GMT${hoursAhead < 0 ? '+' : '-'}${Math.abs(hoursAhead)}`;
}

/** The hook entries for the pinned client. Throws when nothing has been built. */
export function guardEntries(): ReturnType<typeof hookEntries> {
  const files = existsSync(hooksDir) ? readdirSync(hooksDir) : [];
  const hookFiles = eventNames
    .map((event) => ({ event, hookFile: join(hooksDir, `${kebab(event)}.cjs`) }))
    .filter(({ hookFile }) => files.includes(basename(hookFile)));
  if (hookFiles.length !== eventNames.length) {
    throw new Error(`hooks are missing in ${hooksDir}: run npm run build`);
  }
  return hookEntries({
    hookFiles,
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    hostVersion: parseHostVersion(CLAUDE_CLIENT_VERSION),
    envPath: null,
    extraCaCerts: false,
  });
}

const eventNames = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUse',
  'PostToolBatch',
  'PreCompact',
  'SubagentStart',
  'SubagentStop',
  'Stop',
  'SessionEnd',
  'ConfigChange',
  'PreModelSwitch',
] as const;

const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter, at: number) => `${at > 0 ? '-' : ''}${letter.toLowerCase()}`);

/** One session as the ledger has it, added up from its entries. */
export interface LedgerSession {
  readonly sessionId: string;
  readonly parentSessionId: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly developer: string | null;
  readonly costNanoUsd: number;
  readonly inheritedNanoUsd: number;
  readonly requestCount: number;
  readonly byProvenance: {
    readonly metered: number;
    readonly 'client-settled': number;
    readonly estimated: number;
  };
  /** What the client said last; null when it never did. */
  readonly hostTotalNanoUsd: number | null;
  /** The sums kept beside the entries: must equal `costNanoUsd`. */
  readonly rollupNanoUsd: number;
  readonly isHalted: boolean;
}

/** One line of the ledger. */
export interface LedgerEntry {
  readonly entryId: string;
  readonly kind: 'usage' | 'correction';
  readonly reason: string | null;
  readonly sessionId: string;
  readonly agentId: string | null;
  readonly turnId: string | null;
  readonly model: string | null;
  readonly agentType: string | null;
  readonly skill: string | null;
  readonly plugin: string | null;
  readonly mcpServer: string | null;
  readonly tool: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly occurredAt: number;
  readonly costNanoUsd: number;
  readonly requestCount: number;
  readonly provenance: 'metered' | 'client-settled' | 'estimated';
  readonly unknownModel: boolean;
  readonly interrupted: boolean;
}

/** One line of the decision log. */
export interface LedgerDecision {
  readonly sessionId: string;
  readonly moment: string;
  readonly kind: string;
  readonly codes: readonly string[];
}

/** The ledger as it lies on the disk. */
export interface LedgerView {
  /** In the order in which they were first heard of. */
  readonly sessions: readonly LedgerSession[];
  /** In the order in which they were written. */
  readonly entries: readonly LedgerEntry[];
  readonly decisions: readonly LedgerDecision[];
  /** Money still held, in nano-dollars. */
  readonly reservedNanoUsd: number;
}

/** Reads the ledger without touching it. Empty when there is none. */
export function readLedger(sandbox: Pick<Sandbox, 'tollgateHome'>): LedgerView {
  return readLedgerFile(join(sandbox.tollgateHome, 'ledger.db'));
}

/** {@link readLedger} of a file anywhere. */
export function readLedgerFile(path: string): LedgerView {
  if (!existsSync(path)) return { sessions: [], entries: [], decisions: [], reservedNanoUsd: 0 };
  const db = new Database(path, { readonly: true, timeout: 5_000 });
  try {
    // One transaction: sessions, entries and sums of the same instant.
    return db.transaction(() => {
      const entries = (db.prepare(selectEntries).all() as LedgerEntry[]).map((entry) => ({
        ...entry,
        unknownModel: Boolean(entry.unknownModel),
        interrupted: Boolean(entry.interrupted),
      }));
      const sessions = (db.prepare(selectSessions).all() as LedgerSession[]).map((session) => {
        const own = entries.filter((entry) => entry.sessionId === session.sessionId);
        const sum = (some: readonly LedgerEntry[]) =>
          some.reduce((total, entry) => total + entry.costNanoUsd, 0);
        const of = (provenance: string) =>
          sum(own.filter((entry) => entry.provenance === provenance));
        return {
          ...session,
          isHalted: Boolean(session.isHalted),
          costNanoUsd: sum(own),
          requestCount: own.reduce((total, entry) => total + entry.requestCount, 0),
          byProvenance: {
            metered: of('metered'),
            'client-settled': of('client-settled'),
            estimated: of('estimated'),
          },
        };
      });
      const decisions = (
        db
          .prepare('SELECT session_id, moment, verdict FROM decision ORDER BY decision_seq')
          .all() as { session_id: string; moment: string; verdict: string }[]
      ).map(({ session_id, moment, verdict }) => {
        const { kind, breaches } = JSON.parse(verdict) as {
          kind: string;
          breaches: { code: string }[];
        };
        return { sessionId: session_id, moment, kind, codes: breaches.map(({ code }) => code) };
      });
      const held = db
        .prepare('SELECT coalesce(sum(amount_nano_usd), 0) AS held FROM reservation')
        .get() as { held: number };
      return { sessions, entries, decisions, reservedNanoUsd: held.held };
    })();
  } finally {
    db.close();
  }
}

const selectEntries = `SELECT entry_id AS entryId, kind, reason, session_id AS sessionId,
  agent_id AS agentId, turn_id AS turnId, model, agent_type AS agentType,
  attribution.skill AS skill, attribution.plugin AS plugin, mcp_server AS mcpServer, tool,
  attribution.repository AS repository, attribution.branch AS branch,
  occurred_at_ms AS occurredAt, cost_nano_usd AS costNanoUsd, request_count AS requestCount,
  provenance, unknown_model AS unknownModel, interrupted
  FROM entry JOIN session USING (session_key) JOIN attribution USING (attribution_id) ORDER BY seq`;

const selectSessions = `SELECT session_id AS sessionId, parent_session_id AS parentSessionId,
  repository, branch, developer, inherited_nano_usd AS inheritedNanoUsd,
  client_total_nano_usd AS hostTotalNanoUsd,
  (SELECT coalesce(sum(cost_nano_usd), 0) FROM rollup
    WHERE rollup.session_key = session.session_key) AS rollupNanoUsd,
  EXISTS (SELECT 1 FROM latch WHERE latch.session_id = session.session_id) AS isHalted
  FROM session WHERE started_at_ms > 0 ORDER BY session_key`;
