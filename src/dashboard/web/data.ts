// The shapes of what the server answers, as far as pages use them.

/** See `windowJson` in src/cli/dashboard/budget-json.ts. */
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

export interface PartData {
  readonly name: string;
  readonly costNanoUsd: number;
  readonly requestCount: number;
}

export interface SubagentData extends PartData {
  readonly agentId: string;
  readonly model: string | null;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface NestedData {
  readonly sessionId: string;
  readonly title: string | null;
  readonly costNanoUsd: number;
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
  readonly contextWindowTokens: number | null;
  readonly lastRequestAt: number | null;
  readonly nextRequestNanoUsd: number | null;
  readonly budgets: readonly BudgetData[];
  readonly subagents: readonly SubagentData[];
  readonly nested: readonly NestedData[];
}

/** A window of the plan. */
export interface PlanData {
  readonly window: string;
  readonly label: string;
  readonly resetText: string;
  readonly endAt: number;
  readonly usedRatio: number | null;
  readonly basis: string;
  readonly errorRatio: number | null;
}

/** Schema `tollgate/dashboard-now@1`. */
export interface NowData {
  readonly at: number;
  readonly dayNanoUsd: number | null;
  readonly plans: readonly PlanData[];
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

export interface SessionRow extends ReportRow {
  readonly title: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
}

/** Schema `tollgate/dashboard-sessions@1`. */
export interface SessionsData extends ReportData {
  readonly rows: readonly SessionRow[];
  readonly others?: SumsData & { readonly groupCount: number };
}

export interface ClassesData {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export interface RequestData {
  readonly entryId: string;
  readonly kind: 'usage' | 'correction';
  readonly reason: string | null;
  readonly agentId: string | null;
  readonly agentType: string | null;
  readonly occurredAt: number;
  readonly model: string | null;
  readonly tool: string | null;
  readonly costNanoUsd: number;
  readonly usage: UsageData;
  readonly classes: ClassesData;
  readonly contextTokens: number | null;
  readonly miss: { readonly cause: string; readonly tokens: number } | null;
}

export interface AlertData {
  readonly seq: number;
  readonly code: string;
  readonly sessionId: string | null;
  readonly raisedAt: number;
  readonly acknowledgedAt: number | null;
  readonly what: string;
  readonly amount: string;
  readonly where: string;
}

export interface GrantData {
  readonly budgetId: string;
  readonly windowKey: string;
  readonly amountNanoUsd: number;
  readonly fullNanoUsd?: number;
  readonly reason: string | null;
  readonly author: string;
  readonly grantedAt: number;
  readonly expiresAt: number | null;
}

/** Schema `tollgate/dashboard-session@1`. */
export interface SessionData {
  readonly at: number;
  readonly sessionId: string;
  readonly title: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly developer: string | null;
  readonly startedAt: number;
  readonly lastSeenAt: number;
  readonly endedAt: number | null;
  readonly parentSessionId: string | null;
  readonly outerSessionId: string | null;
  readonly nested: readonly NestedData[];
  readonly haltedAt: number | null;
  readonly haltReason: string | null;
  readonly budgets: readonly BudgetData[];
  readonly grants: readonly GrantData[];
  readonly alerts: readonly AlertData[];
  readonly requests: readonly RequestData[];
}

/** Schema `tollgate/why@1`. */
export interface WhyData {
  readonly text: string;
  readonly medianNanoUsd: number | null;
  readonly costNanoUsd: number;
  readonly requestCount: number;
  readonly classes: ClassesData;
  readonly hiddenNanoUsd: number;
  readonly models: readonly PartData[];
  readonly subagents: readonly SubagentData[];
  readonly turns: readonly (PartData & { readonly startedAt: number })[];
  readonly cacheMisses: { readonly count: number; readonly extraNanoUsd: number };
  readonly context: { readonly firstTokens: number; readonly largestTokens: number };
  readonly toolHabits: {
    readonly callCount: number;
    readonly failedCount: number;
    readonly retryCount: number;
    readonly rereads: readonly { readonly file: string; readonly readCount: number }[];
  } | null;
  readonly elsewhere: readonly {
    readonly model: string;
    readonly costNanoUsd: number;
    readonly ratio: number | null;
  }[];
}

export interface WindowData extends BudgetData {
  /** Whose own window it is; `null`: others may share it. */
  readonly sessionId: string | null;
}

/** Schema `tollgate/dashboard-budgets@1`. */
export interface BudgetsData {
  readonly at: number;
  readonly windows: readonly WindowData[];
  readonly grants: readonly GrantData[];
  readonly alerts: readonly AlertData[];
}

/** Schema `tollgate/dashboard-window@1`. */
export interface FillingData {
  readonly at: number;
  readonly budget: BudgetData;
  readonly unit: 'day' | 'hour';
  readonly points: readonly { readonly at: number; readonly totalNanoUsd: number }[];
  readonly forecast: {
    readonly expectedNanoUsd: number;
    readonly lowNanoUsd: number;
    readonly highNanoUsd: number;
  } | null;
}

/** Schema `tollgate/savings@1`. */
export interface SavingsData {
  readonly savedNanoUsd: number;
  readonly rows: readonly {
    readonly agentType: string;
    readonly askedModel: string;
    readonly givenModel: string;
    readonly count: number;
    readonly finishedCount: number;
    readonly requestCount: number;
    readonly spentNanoUsd: number;
    readonly savedNanoUsd: number;
    readonly perFinishedNanoUsd: number | null;
    readonly others: { readonly count: number; readonly averageNanoUsd: number | null };
    readonly triedAgainCount: number;
    readonly toolCallCount: number;
    readonly failedToolCallCount: number;
  }[];
}

/** Schema `tollgate/statement@1`, as a list. */
export interface StatementsData {
  readonly issued: readonly {
    readonly number: string;
    readonly client: string;
    readonly startAt: number;
    readonly endAt: number;
    readonly issuedAt: number;
    readonly total: string;
    readonly currency: string;
  }[];
}

/** Schema `tollgate/doctor@1`. */
export interface DoctorData {
  readonly version: string;
  readonly isFine: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly summary: string;
    readonly findings: readonly {
      readonly code: string;
      readonly severity: 'error' | 'warning' | 'note';
      readonly message: string;
      readonly hint: string;
    }[];
  }[];
}
