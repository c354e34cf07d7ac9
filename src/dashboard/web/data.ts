// The shapes of what the server answers, as far as pages use them.

/** See `budgetJson` in src/cli/dashboard/now-page.ts. */
export interface BudgetData {
  readonly budgetId: string;
  readonly name: string;
  readonly windowKey: string;
  readonly window: string;
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly period: string;
  readonly mode: string;
  /** There where the figures are shares of a plan's window, and printed as such. */
  readonly fullNanoUsd?: number;
  readonly softNanoUsd: number | null;
  readonly hardNanoUsd: number | null;
  readonly ceilingNanoUsd: number | null;
  readonly spendNanoUsd: number;
  readonly reservedNanoUsd: number;
  readonly grantedNanoUsd: number;
  readonly headroomNanoUsd: number | null;
  readonly burnNanoUsdPerHour: number;
  readonly paceRatio: number | null;
  readonly runOutAt: number | null;
  readonly requestsLeft: number | null;
}

export interface SubagentData {
  readonly agentId: string;
  readonly agentType: string | null;
  readonly model: string | null;
  readonly requestCount: number;
  readonly costNanoUsd: number;
  readonly lastAt: number;
}

export interface RunningData {
  readonly sessionId: string;
  readonly title: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly model: string | null;
  readonly state: 'working' | 'idle' | 'halted' | 'halted by hand';
  readonly haltedAt: number | null;
  readonly haltCode: string | null;
  readonly haltReason: string | null;
  readonly costNanoUsd: number;
  readonly requestCount: number;
  readonly burnNanoUsdPerHour: number;
  readonly runOutAt: number | null;
  readonly requestsLeft: number | null;
  readonly contextTokens: number | null;
  readonly lastRequestAt: number | null;
  readonly nextRequestNanoUsd: number | null;
  readonly budgets: readonly BudgetData[];
  readonly subagents: readonly SubagentData[];
  readonly nested: readonly string[];
}

/** Schema `tollgate/dashboard-now@1`. */
export interface NowData {
  readonly at: number;
  readonly dayNanoUsd: number | null;
  readonly sessions: readonly RunningData[];
}

export interface UsageData {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
}

export interface SumsData {
  readonly costNanoUsd: number;
  readonly requestCount: number;
  readonly usage: UsageData;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

export interface ReportRow extends SumsData {
  readonly key: Readonly<Record<string, string>>;
}

/** Schema `tollgate/report@1`. */
export interface ReportData {
  readonly by: readonly string[];
  readonly since: string | null;
  readonly until: string | null;
  readonly timeZone: string;
  readonly rows: readonly ReportRow[];
  readonly total: SumsData;
}
