// Every finding of `tollgate doctor`: how bad it is, the sentence for it, and what to do. Rule: the only wording of findings.
/** `error`: money is not guarded. `warning`: it is, but something will go wrong. `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';

interface Wording {
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
}

/** `{path}` and the names of `values` are filled in. */
const WORDINGS = {
  NODE_UNSUPPORTED: {
    severity: 'error',
    message: 'Node {version} is not supported.',
    hint: 'Run Tollgate with Node 20.19 or later of 20, or 22.14 or later.',
  },
  NODE_END_OF_LIFE: {
    severity: 'note',
    message: 'Node {version} gets no security fixes any more.',
    hint: 'Move to Node 24.',
  },
  SYSTEM_TELLS_LESS: {
    severity: 'note',
    message: 'This system does not tell Tollgate everything about processes: {untold}.',
    hint: 'docs/platforms.md says what is done instead.',
  },
  CHANNEL_FAILING: {
    severity: 'warning',
    message: 'Alerts do not get through on the channel {channel} ({span}): {error}.',
    hint: 'Mend it, then: tollgate alerts test {channel}',
  },
  DRIVER_MISSING: { severity: 'error', message: '{reason}', hint: '{remedy}' },
  DRIVER_FALLBACK: {
    severity: 'warning',
    message: "better-sqlite3 does not load, so Node's own SQLite opens the ledger.",
    hint: 'It works and is a little slower. To have the addon: npm install -g --allow-scripts=better-sqlite3 tollgate',
  },
  HOOKS_NOT_INSTALLED: {
    severity: 'error',
    message: 'Claude Code runs no hook of Tollgate here, so nothing is metered or halted.',
    hint: 'tollgate init',
  },
  HOOK_FILE_MISSING: {
    severity: 'error',
    message: 'The {scope} hook of {event} names a file that is not there.',
    hint: 'tollgate doctor --fix, or tollgate init --scope {scope}',
  },
  PLUGIN_FILE_MISSING: {
    severity: 'error',
    message: 'The hook of {event} in the plugin names a file that is not there.',
    hint: 'Install the plugin again: claude plugin uninstall tollgate, then claude plugin install tollgate',
  },
  HOOK_FAILED: {
    severity: 'error',
    message: 'The hook of {event} does not work: {reason}',
    hint: 'tollgate init writes the hooks anew and runs each of them once.',
  },
  HOOKS_OUTDATED: {
    severity: 'warning',
    message:
      'The {scope} hooks were written for an older Claude Code: when a hook fails, the tool runs.',
    hint: 'tollgate doctor --fix, or tollgate init --scope {scope}',
  },
  SETTINGS_SKIPPED: {
    severity: 'error',
    message: '{reason}',
    hint: 'Take comments and trailing commas out: tollgate init --strip-comments',
  },
  OTHER_SETTINGS_SKIPPED: {
    severity: 'warning',
    message: '{path} is no strict JSON, so Claude Code skips the whole file.',
    hint: 'Take comments and trailing commas out of it; claude doctor names the place.',
  },
  SETTINGS_UNREADABLE: {
    severity: 'warning',
    message: '{path} cannot be read.',
    hint: 'Make it readable for you.',
  },
  HOOKS_DISABLED: {
    severity: 'error',
    message: '{reason}',
    hint: 'Remove that setting from the file.',
  },
  MANAGED_HOOKS_ONLY: {
    severity: 'error',
    message: '{reason}',
    hint: 'Ask your administrator to put the hooks of Tollgate into that file.',
  },
  DOUBLE_INSTALLATION: {
    severity: 'warning',
    message:
      'Tollgate is installed more than once ({places}). Nothing is counted, said or refused twice, but every event starts each of them.',
    hint: 'Keep one: tollgate uninstall --scope SCOPE, or claude plugin uninstall tollgate',
  },
  HOST_MISSING: {
    severity: 'note',
    message: 'No Claude Code was found on PATH.',
    hint: 'Name it in TOLLGATE_CLAUDE where it is installed under another name.',
  },
  HOST_OLD: {
    severity: 'warning',
    message: 'Claude Code {version} lacks {features}.',
    hint: 'claude update, then tollgate init',
  },
  LEDGER_ON_NETWORK: {
    severity: 'warning',
    message:
      'The ledger is on a network drive ({system}): {path}. Others write it without the write-ahead log there, so that hooks wait for each other longer.',
    hint: 'Name a folder of this machine in TOLLGATE_HOME.',
  },
  OTHER_HOME: {
    severity: 'note',
    message:
      'Windows has a Claude Code with transcripts of its own, and WSL counts only its: {path}.',
    hint: 'To count them here, too: tollgate sync --from {path}',
  },
  LINES_UNUSABLE: {
    severity: 'warning',
    message:
      'Lines that may have used tokens could not be read: {count}, in {files} files, most in {path}.',
    hint: 'What they cost is not in the ledger; under a ceiling such a session is halted. tollgate sync --json lists the files.',
  },
  SESSIONS_WITHOUT_EVENTS: {
    severity: 'error',
    message:
      'No hook ran in {count} sessions of the last 7 days, the newest {newest}: Tollgate was off in them.',
    hint: 'tollgate drill shows whether the gate closes now. Sessions that were started without hooks are not guarded.',
  },
  GUARD_WAS_LOST: {
    severity: 'warning',
    message:
      'The guard was off in {count} sessions of the last 7 days, in {newest} at {at}: tools ran or requests were made without hooks.',
    hint: 'tollgate why --session {newest} tells what was seen; tollgate drill shows whether the gate closes now.',
  },
  PLACE_UNGUARDED: {
    severity: 'error',
    message: 'The hooks of Tollgate were installed in {path} and are not there any more.',
    hint: 'tollgate init --repair in that project puts them back; tollgate uninstall there says that they are gone on purpose.',
  },
  CONFIG_MISTAKE: { severity: 'error', message: '{place}: {message}', hint: '{remedy}' },
  CONFIG_REFUSED: { severity: 'note', message: '{place}: {message}', hint: '{remedy}' },
  NO_BUDGET: {
    severity: 'warning',
    message: 'No budget is set: spending is metered, nothing is halted.',
    hint: 'tollgate init --session-soft 4 --session-hard 5',
  },
  PLAN_NOT_READ: {
    severity: 'warning',
    message:
      "The budget {budget} halts nothing: of the plan's {window} Claude Code has told nothing yet.",
    hint: 'It tells its status line alone: tollgate init --statusline, then work in Claude Code once. With an API key there is no plan.',
  },
  PLAN_READING_OLD: {
    severity: 'warning',
    message:
      "The budget {budget} goes by what Claude Code told of the plan's {window} {span} ago, {since}.",
    hint: 'Open Claude Code with the status line (tollgate init --statusline); each response tells anew.',
  },
  PLAN_UNREADABLE: {
    severity: 'warning',
    message: 'Claude Code told something of the plan that could not be read: {detail} ({problem}).',
    hint: 'A newer Tollgate may know it: npm install -g tollgate. Until then that window is not known.',
  },
  PLAN_MACHINES_DISAGREE: {
    severity: 'note',
    message: 'The share that is used of the plan went back: {detail}.',
    hint: 'Sessions or machines of one account told different shares; the newest counts.',
  },
  PLAN_USED_ELSEWHERE: {
    severity: 'note',
    message:
      "Of the plan's {window} {used} are used, {elsewhere} of it not by sessions of this ledger.",
    hint: 'Another machine, another person or the web has used them; what Claude Code tells counts.',
  },
  BUDGET_NOT_ENFORCED: {
    severity: 'note',
    message: 'The budget {budget} halts nothing: {reason}.',
    hint: 'Give it a hard limit and the mode enforce if it should.',
  },
  LEDGER_UNREADABLE: { severity: 'error', message: '{reason}', hint: '{remedy}' },
  LEDGER_DAMAGED: {
    severity: 'error',
    message: '{path} is damaged: {reason}',
    hint: 'Move it away; the next hook rebuilds it from the transcripts.',
  },
  LEDGER_PERMISSIONS: {
    severity: 'warning',
    message: 'Others on this machine may read {path} (mode {mode}).',
    hint: 'tollgate doctor --fix, or chmod {wanted} {path}',
  },
  LEDGER_LOG_LARGE: {
    severity: 'warning',
    message: 'The write-ahead log of the ledger has grown to {megabytes} MB.',
    hint: 'End the process that keeps the ledger open; tollgate sync then folds the log back.',
  },
  CLOCK_BEHIND: {
    severity: 'warning',
    message: 'The clock of this machine says {now}, but {what} is of {other}.',
    hint: 'Set the clock: daily and monthly budgets count by it.',
  },
  TIME_ZONE_UNKNOWN: {
    severity: 'warning',
    message: 'The time zone of this machine is not known, so days begin at midnight UTC.',
    hint: 'Set TZ, or timeZone in the configuration.',
  },
  PRICES_OLD: {
    severity: 'warning',
    message: 'The price table was read on {day}, {days} days ago.',
    hint: 'npm install -g tollgate@latest, or set prices in the configuration.',
  },
  HOOK_SLOW: {
    severity: 'warning',
    message: 'A hook takes {hookMs} ms here, {nodeMs} ms of it starting Node.',
    hint: 'tollgate init --resident answers tool calls without a process each.',
  },
  CHECK_FAILED: {
    severity: 'warning',
    message: 'The check {check} could not be made: {reason}',
    hint: '{remedy}',
  },
  STALE_CACHES: {
    severity: 'note',
    message: '{count} cache files in {path} have not been used for 30 days.',
    hint: 'tollgate doctor --fix removes them.',
  },
} as const satisfies Readonly<Record<string, Wording>>;

type FindingCode = keyof typeof WORDINGS;

/** Something that is not as it should be. */
export interface Finding {
  readonly code: FindingCode;
  /** The file it is about; absent when it is about no file. */
  readonly path?: string;
  /** What the sentence needs: a version, a count, what the system said. */
  readonly values?: Readonly<Record<string, string | number>>;
}

/** A finding with its words. */
export interface ToldFinding extends Finding {
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
}

export function tellFinding(finding: Finding): ToldFinding {
  const { severity, message, hint } = WORDINGS[finding.code];
  const values: Readonly<Record<string, string | number | undefined>> = {
    ...finding.values,
    path: finding.path,
  };
  const filled = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  return { ...finding, severity, message: filled(message), hint: filled(hint) };
}
